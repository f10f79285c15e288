"""Keras source of functional models: inputs, table columns, module."""

from experiments.catalog.python_source import STEP, Code, call, laid_out, literal, one_line
from experiments.catalog.source_pieces import NORMALIZATION, answer, ending, head, module
from experiments.catalog.template import Order

FILLED = '''def filled(rows):
    """Return the rows with each missing number replaced by its column's mean."""
    known = np.maximum(np.sum(~np.isnan(rows), axis=0), 1)
    means = np.nansum(rows, axis=0, dtype="float64") / known
    return np.where(np.isnan(rows), means, rows).astype("float32")'''

NUMBERS = """    normalization = layers.Normalization()
    if adapt is not None:
        normalization.adapt(filled(adapt["numbers"]))
    # A missing number counts as its column's mean; 10 deviations are far enough.
    scaled = keras.ops.clip(normalization(numbers), -10.0, 10.0)
    scaled = keras.ops.where(keras.ops.isnan(numbers), 0.0, scaled)"""

ONE_HOT = """    # A missing or unknown category (-1) is all zeros: its place, the first, is left out.
    one_hot = [
        keras.ops.one_hot(categories[:, column] + 1, count + 1)[:, 1:]
        for column, count in enumerate(CATEGORY_COUNTS.values())
    ]"""

EMBEDDED = """    # A missing or unknown category (-1) has an embedding of its own, the first.
    embedded = [
        layers.Embedding(count + 1, {size})(categories[:, column] + 1)
        for column, count in enumerate(CATEGORY_COUNTS.values())
    ]"""


def applied(layer: Code, *, to: str = "x", name: str = "x") -> str:
    """Write one line of a functional model: `x = layer(x)`."""
    return laid_out(layer, before=f"{name} = ", after=f"({to})")


def has_numbers(order: Order) -> bool:
    """Whether the inputs are numbers of a table, or one array."""
    return order.schema.kind != "table" or bool(order.schema.numbers)


def has_categories(order: Order) -> bool:
    """Whether the inputs have category columns."""
    return bool(order.schema.categories)


def category_counts(order: Order) -> str:
    """Write the table of categories by column; each count is one at least."""
    lines = [
        f"{STEP}{literal(column.name)}: {max(len(column.categories), 1)},"
        for column in order.schema.categories
    ]
    return "\n".join(["CATEGORY_COUNTS = {", *lines, "}"])


def vector_entry(order: Order) -> list[str]:
    """Write inputs of a table or a plain array; afterwards `scaled` holds the numbers."""
    schema = order.schema
    if schema.kind == "array":
        return [
            laid_out(call("keras.Input", shape=literal(schema.shape)), before="inputs = "),
            NORMALIZATION,
            f"{STEP}scaled = normalization(inputs)",
        ]
    lines = []
    if has_numbers(order):
        shape = literal((len(schema.numbers),))
        lines.append(_input("numbers", shape=shape))
    if has_categories(order):
        shape = literal((len(schema.categories),))
        lines.append(_input("categories", shape=shape, dtype=literal("int32")))
    if has_numbers(order):
        lines.append(NUMBERS)
    return lines


def joined(parts: list[str], *, name: str = "x") -> str:
    """Write the joining of lists and tensors; each part is `tensor` or `*list`."""
    if len(parts) == 1 and not parts[0].startswith("*"):
        return f"{STEP}{name} = {parts[0]}"
    return f"{STEP}{name} = layers.Concatenate()([{', '.join(parts)}])"


def categories_joined(order: Order, name: str) -> list[str]:
    """Return the parts that hold the categories: `*list`, or the one tensor of a single column."""
    if not has_categories(order):
        return []
    return [f"*{name}"] if len(order.schema.categories) > 1 else [f"{name}[0]"]


def one_hot_entry(order: Order) -> list[str]:
    """Write inputs of a table or a plain array; afterwards `x` holds numbers and one-hot categories."""
    lines = vector_entry(order)
    if has_categories(order):
        lines.append(ONE_HOT)
    numbers = ["scaled"] if has_numbers(order) else []
    return [*lines, joined([*numbers, *categories_joined(order, "one_hot")])]


def inputs_of(order: Order) -> str:
    """Write the model's inputs: one tensor, or a dict of the table's parts that are there."""
    if order.schema.kind != "table":
        return "inputs"
    names = []
    if has_numbers(order):
        names.append("numbers")
    if has_categories(order):
        names.append("categories")
    return "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"


def functional(order: Order, lines: list[str], *, before: list[str] | None = None) -> str:
    """Write a whole module around the lines of a functional model that ends in `x`."""
    adapts = order.schema.kind == "array" or (order.schema.kind == "table" and has_numbers(order))
    tail = [applied(layer) for layer in answer(order)[:-1]]
    tail.append(applied(answer(order)[-1], name="outputs"))
    parts = [head(order, adapts=adapts), *lines, *tail, *model_of(order), ending(order)]
    return assembled(order, parts, before=before)


def model_of(order: Order) -> list[str]:
    """Write the model from its inputs to `outputs`."""
    inputs, lines = inputs_of(order), []
    if order.schema.kind == "table" and len(inputs) > 30:
        lines.append(f"{STEP}inputs = {inputs}")
        inputs = "inputs"
    name = literal(order.template.slug.replace("-", "_"))
    model = call("keras.Model", inputs, "outputs", name=name)
    return [*lines, laid_out(model, before="model = ")]


def assembled(order: Order, parts: list[str], *, before: list[str] | None = None) -> str:
    """Write a whole module of a functional model, with what its table's columns need."""
    table = order.schema.kind == "table"
    definitions = list(before or [])
    if table and has_categories(order):
        definitions.insert(0, category_counts(order))
    if table and has_numbers(order):
        definitions.append(FILLED)
    learns_numbers = any(target.task == "regression" for target in order.schema.targets)
    numpy = learns_numbers or (table and has_numbers(order))
    return module(order, "\n".join(parts), before="\n\n\n".join(definitions), numpy=numpy)


def _input(name: str, **keywords: Code) -> str:
    code = call("keras.Input", **keywords, name=literal(name))
    return f"{STEP}{name} = {one_line(code)}"
