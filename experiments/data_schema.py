"""The schema of a dataset version.

The same document is `DatasetVersion.schema` in the database and `schema.json` beside the arrays.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import numpy.typing as npt

from experiments.search.problems import ProblemsError
from experiments.search.reading import REQUIRED, Reader

Kind = Literal["image", "table", "array", "text"]
KINDS: tuple[Kind, ...] = ("image", "table", "array", "text")
Task = Literal["classification", "regression"]
TASKS: tuple[Task, ...] = ("classification", "regression")
ColumnType = Literal["number", "category"]
Values = npt.NDArray[Any]
Names = tuple[str, ...]

LONGEST_NAME = 200
LONGEST_KEY = 20
MOST_TARGETS = 20
RESERVED = frozenset({"loss", "inputs", "numbers", "categories"})
MOST_COLUMNS = 10_000
MOST_CLASSES = 100_000
MOST_ROWS = 10**12
MOST_WORDS = 10**7
OF_SOME_COLUMNS = ("source", "read", "part")
OF_SOME = ("vocabulary", "validation_rows", "more_targets")  # fields that other schemas leave out


class SchemaError(ProblemsError):
    """A schema that does not describe a dataset."""


@dataclass(frozen=True, slots=True)
class Column:
    """One input column of a table; `categories` are its texts in the order of their indices.

    source: the file's column that it is computed from, where that has another name. read: how
    texts are read, a decimal mark or a form of dates of `cells.py`; empty as plain numbers or texts.
    part: what it takes of a date.
    """

    name: str
    type: ColumnType
    categories: tuple[str, ...] = ()
    source: str = ""
    read: str = ""
    part: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON; what only some have is left out of others."""
        found = asdict(self)
        return {
            name: value for name, value in found.items() if value or name not in OF_SOME_COLUMNS
        }


@dataclass(frozen=True, slots=True)
class Target:
    """One target column; `classes` are the names by class index, empty for regression."""

    name: str
    task: Task
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSchema:
    """Inputs, target and size of a dataset version.

    shape: of one row, without the rows' axis; of a table (number columns, category columns).
    scale: the largest value that the inputs are divided by (images); 1.0 = as they are.
    classes: names by class index, empty for regression. rows, test_rows: of the training part and
    of the set's own test part (0 = it has none). vocabulary: of texts, whose rows are word numbers
    below it, 0 after its end; 0 for every other kind. validation_rows: how many of `rows`, the
    last ones, are the set's own validation part. more_targets: of a table, what is learnt beside
    `target`, whose task and classes are those of the schema.
    """

    kind: Kind
    task: Task
    shape: tuple[int, ...]
    scale: float = 1.0
    classes: tuple[str, ...] = ()
    target: str = ""
    columns: tuple[Column, ...] = ()
    rows: int = 0
    test_rows: int = 0
    vocabulary: int = 0
    validation_rows: int = 0
    more_targets: tuple[Target, ...] = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets, the main one first; in the order of y.npy, y_1.npy, …"""
        return (Target(self.target, self.task, self.classes), *self.more_targets)

    @property
    def keys(self) -> tuple[str, ...]:
        """The targets' names in code: of a model's outputs, and before `_` in its metrics."""
        return keys_of([target.name for target in self.targets])

    @property
    def classes_count(self) -> int:
        """How many classes there are; 0 for regression."""
        return len(self.classes)

    @property
    def numbers(self) -> tuple[Column, ...]:
        """Number columns, in the order of `numbers.npy`."""
        return tuple(column for column in self.columns if column.type == "number")

    @property
    def categories(self) -> tuple[Column, ...]:
        """Category columns, in the order of `categories.npy`."""
        return tuple(column for column in self.columns if column.type == "category")

    def inputs_by_name(self, arrays: Mapping[str, Values]) -> dict[str, Values]:
        """Every input column of a table by its name; arrays: the prepared ones by file name."""
        found = {each.name: arrays["numbers"][:, at] for at, each in enumerate(self.numbers)}
        return found | {
            each.name: arrays["categories"][:, at] for at, each in enumerate(self.categories)
        }

    def cells(self, arrays: Mapping[str, Values]) -> dict[str, Values | tuple[Values, Names]]:
        """Every column by its name: its values, or the code of each row and the words of the codes.

        arrays: the prepared ones by file name, targets among them.
        """
        found: dict[str, Values | tuple[Values, Names]] = {}
        if self.kind != "table":
            found["inputs"] = arrays["x"]
        for at, column in enumerate(self.numbers):
            found[column.name] = arrays["numbers"][:, at]
        for at, column in enumerate(self.categories):
            found[column.name] = arrays["categories"][:, at], column.categories
        for at, target in enumerate(self.targets):
            values = arrays[target_file(at)]
            found[target.name] = (values.astype(int), target.classes) if target.classes else values
        return found

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse. What only some have is left out of others."""
        found = asdict(self) | {"columns": [column.to_dict() for column in self.columns]}
        return {name: value for name, value in found.items() if value or name not in OF_SOME}

    @classmethod
    def from_dict(cls, source: object) -> "DataSchema":
        """Read a schema; raises SchemaError with everything that is wrong."""
        reader = Reader(source)
        schema = cls(
            kind=cast(Kind, reader.one_of("kind", KINDS)),
            task=cast(Task, reader.one_of("task", TASKS)),
            shape=_read_shape(reader),
            scale=reader.number("scale", lowest=1e-100, highest=1e100, default=1.0),
            classes=_read_texts(reader, "classes", longest=MOST_CLASSES),
            target=reader.text("target", longest=LONGEST_NAME, default=""),
            columns=_read_columns(reader),
            rows=reader.whole("rows", lowest=0, highest=MOST_ROWS, default=0),
            test_rows=reader.whole("test_rows", lowest=0, highest=MOST_ROWS, default=0),
            vocabulary=reader.whole("vocabulary", lowest=0, highest=MOST_WORDS, default=0),
            validation_rows=reader.whole(
                "validation_rows", lowest=0, highest=MOST_ROWS, default=0
            ),
            more_targets=_read_targets(reader),
        )
        if not reader.problems:
            _check_whole(schema, reader)
        if reader.problems:
            raise SchemaError(reader.problems)
        return schema


def target_file(position: int) -> str:
    """Name the array of a target without its ending: y for the main one, then y_1, y_2, …"""
    return f"y_{position}" if position else "y"


def keys_of(names: Sequence[str]) -> tuple[str, ...]:
    """Lower-case words of letters, digits and underlines, each once: “Price (€)” becomes price."""
    keys: list[str] = []
    for position, name in enumerate(names, start=1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_KEY]
        if not key or key[0].isdigit() or key.startswith("val_") or key in RESERVED:
            key = f"target_{key or position}"[:LONGEST_KEY]
        while key in keys:
            key = f"{key}_{position}"
        keys.append(key)
    return tuple(keys)


def _read_targets(reader: Reader) -> tuple[Target, ...]:
    targets = []
    for row in reader.rows("more_targets", longest=MOST_TARGETS):
        target = Target(
            name=row.text("name", longest=LONGEST_NAME, shortest=1),
            task=cast(Task, row.one_of("task", TASKS)),
            classes=_read_texts(row, "classes", longest=MOST_CLASSES),
        )
        if (target.task == "classification") != (len(target.classes) > 1):
            row.note("classes", "Classification needs at least two classes; regression has none.")
        targets.append(target)
    return tuple(targets)


def _read_shape(reader: Reader) -> tuple[int, ...]:
    axes = reader.entries("shape", longest=8, default=REQUIRED)
    return tuple(int(axes.whole(name, lowest=0, highest=10**9)) for name in axes.names)


def _read_texts(reader: Reader, name: str, *, longest: int) -> tuple[str, ...]:
    texts = reader.items(name, longest=longest, default=())
    if not all(isinstance(text, str) for text in texts):
        reader.note(name, "Every entry must be text.")
        return ()
    if len(set(texts)) != len(texts):
        reader.note(name, "Contains the same entry twice.")
    return tuple(texts)


def _read_columns(reader: Reader) -> tuple[Column, ...]:
    columns = [
        Column(
            name=row.text("name", longest=LONGEST_NAME, shortest=1),
            type=cast(ColumnType, row.one_of("type", ("number", "category"))),
            categories=_read_texts(row, "categories", longest=MOST_CLASSES),
            **{name: row.text(name, longest=LONGEST_NAME, default="") for name in OF_SOME_COLUMNS},
        )
        for row in reader.rows("columns", longest=MOST_COLUMNS)
    ]
    if len({column.name for column in columns}) != len(columns):
        reader.note("columns", "Two columns have the same name.")
    return tuple(columns)


def _check_whole(schema: DataSchema, reader: Reader) -> None:
    if schema.validation_rows and schema.validation_rows >= schema.rows:
        reader.note("validation_rows", "No rows are left for training.")
    if schema.task == "classification" and schema.classes_count < 2:
        reader.note("classes", "Classification needs at least two classes.")
    if schema.task == "regression" and schema.classes:
        reader.note("classes", "A regression target can't have classes.")
    if schema.kind == "image" and len(schema.shape) != 3:
        reader.note("shape", "The shape of images is height, width, channels.")
    _check_text(schema, reader)
    _check_targets(schema, reader)
    if schema.kind != "table" and (0 in schema.shape or not schema.shape):
        reader.note("shape", "Every axis must have at least one entry.")
    if schema.kind == "table" and not schema.columns:
        reader.note("columns", "A table needs at least one input column.")
    if schema.kind == "table" and schema.shape != (len(schema.numbers), len(schema.categories)):
        reader.note(
            "shape", "The shape of a table is its numeric columns, then its categorical columns."
        )


def _check_text(schema: DataSchema, reader: Reader) -> None:
    if schema.kind == "text" and len(schema.shape) != 1:
        reader.note("shape", "The shape of texts is the number of words per row.")
    if (schema.kind == "text") != (schema.vocabulary > 1):
        reader.note("vocabulary", "Texts need at least two words; other kinds have none.")


def _check_targets(schema: DataSchema, reader: Reader) -> None:
    names = [target.name for target in schema.targets]
    if schema.more_targets and schema.kind != "table":
        reader.note("more_targets", "Only tables can have several targets.")
    if len(set(names)) < len(names) or set(names) & {column.name for column in schema.columns}:
        reader.note(
            "more_targets", "Each column must be either an input or a target, exactly once."
        )
