"""Data schemas that the catalog's tests write models for."""

from dataclasses import replace

from experiments.data_schema import Column, DataSchema, Target

TEN = tuple(str(digit) for digit in range(10))
NUMBERS = (Column("age", "number"), Column('inc"ome', "number"), Column("größe", "number"))
CITY = Column("city", "category", ("Oslo", "Rom", "Ürümqi"))
COLOUR = Column("colour of the front door, if any", "category", ("red", "blue"))


def image(*, task: str = "classification", shape=(28, 28, 1), scale=255.0) -> DataSchema:
    classes = TEN if task == "classification" else ()
    return DataSchema(
        kind="image", task=task, shape=shape, scale=scale, classes=classes, rows=60_000
    )


def digits() -> DataSchema:
    return image(shape=(8, 8, 1), scale=16.0)


def array(*shape: int, task: str = "classification", classes: int = 3) -> DataSchema:
    names = TEN[:classes] if task == "classification" else ()
    return DataSchema(kind="array", task=task, shape=shape, classes=names, rows=600)


def several(main: str, *others: Target) -> DataSchema:
    """A mixed table whose main target is y, of this task."""
    return replace(table(*NUMBERS, CITY, task=main, classes=3), more_targets=others)


def table(*columns: Column, task: str = "classification", classes: int = 2) -> DataSchema:
    names = ("no", "yes", "maybe")[:classes] if task == "classification" else ()
    numbers = sum(column.type == "number" for column in columns)
    return DataSchema(
        kind="table",
        task=task,
        shape=(numbers, len(columns) - numbers),
        classes=names,
        columns=columns,
        target="y",
        rows=900,
    )


def text(*, task: str = "classification", classes: int = 3, length: int = 12) -> DataSchema:
    return DataSchema(
        kind="text",
        task=task,
        shape=(length,),
        classes=TEN[:classes] if task == "classification" else (),
        rows=600,
        vocabulary=40,
    )


SCHEMAS = {
    "mnist": image(),
    "digits": digits(),
    "colour pictures": image(shape=(32, 24, 3)),
    "picture regression": image(task="regression"),
    "array": array(13),
    "array regression": array(13, task="regression"),
    "deep array": array(6, 5, 2),
    "mixed table": table(*NUMBERS, CITY, COLOUR, classes=3),
    "numbers table": table(*NUMBERS),
    "category table": table(CITY, COLOUR),
    "one category": table(CITY),
    "one category beside numbers": table(NUMBERS[0], CITY),
    "texts": text(),
    "numbers to learn": several("regression", Target("Größe (m²)", "regression")),
    "a number and a class": several(
        "regression",
        Target("sold?", "classification", ("no", "yes")),
        Target("3 of the longest names of all", "regression"),
    ),
    "classes to learn": several("classification", Target("sold", "classification", ("no", "yes"))),
    "text regression": text(task="regression"),
    "table regression": table(*NUMBERS, CITY, COLOUR, task="regression"),
}
