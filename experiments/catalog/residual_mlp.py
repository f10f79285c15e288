"""Template: residual dense blocks as a subclassed model."""

from experiments.catalog.functional_source import (
    FILLED,
    category_counts,
    has_categories,
    has_numbers,
)
from experiments.catalog.python_source import STEP, call, laid_out, literal, one_line
from experiments.catalog.rows import Hyperparameter
from experiments.catalog.shared_rows import depth, dropout, width
from experiments.catalog.source_pieces import answer, ending, head, module, whole_or_real
from experiments.catalog.template import Order, Template
from experiments.data_schema import DataSchema

REGISTERED = '@keras.saving.register_keras_serializable(package="tuning_site")\n'

BLOCK = (
    REGISTERED
    + '''class ResidualBlock(layers.Layer):
    """Adds two dense layers of what came in to what came in."""

    def __init__(self, units, dropout, l2, **kwargs):
        super().__init__(**kwargs)
        self.settings = {"units": units, "dropout": dropout, "l2": l2}
        penalty = keras.regularizers.L2(l2) if l2 else None
        self.norm = layers.LayerNormalization()
        self.inner = layers.Dense(units, activation="relu", kernel_regularizer=penalty)
        self.dropout = layers.Dropout(dropout)
        self.outer = layers.Dense(units, kernel_regularizer=penalty)

    def build(self, input_shape):
        for layer in (self.norm, self.inner, self.dropout, self.outer):
            layer.build(input_shape)

    def call(self, inputs, training=False):
        x = self.inner(self.norm(inputs))
        return inputs + self.outer(self.dropout(x, training=training))

    def get_config(self):
        return super().get_config() | self.settings'''
)

CLASS_HEAD = (
    REGISTERED
    + '''class ResidualMLP(keras.Model):
    """Residual blocks between one dense layer and the answer."""

    def __init__(self, units, blocks, dropout, l2, {more}**kwargs):
        super().__init__(**kwargs)
        self.settings = {{
            "units": units,
            "blocks": blocks,
            "dropout": dropout,
            "l2": l2,
{settings}        }}'''
)

CLASS_TAIL = """        self.first = layers.Dense(units)
        self.blocks = [
            ResidualBlock(units, dropout, l2, name=f"block_{number}")
            for number in range(blocks)
        ]"""

CALL = """    def call(self, inputs, training=False):
        x = self.first(self.features(inputs))
        for block in self.blocks:
            x = block(x, training=training)"""

CONFIG = """    def get_config(self):
        return super().get_config() | self.settings"""


def _own(_schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        depth("blocks", 4, default=2, help="Number of residual blocks, two dense layers each."),
        width("units", 32, 256, default=64, help="Units of every layer in the blocks."),
        dropout(default=0.1),
    )


def _write(order: Order) -> str:
    table = order.schema.kind == "table"
    definitions = []
    if table and has_categories(order):
        definitions.append(category_counts(order))
    if _fills(order):
        definitions.append(FILLED)
    definitions += [BLOCK, _model_class(order)]
    regression = order.schema.task == "regression"
    body = "\n".join([head(order, adapts=_normalizes(order)), *_built(order), ending(order)])
    return module(
        order, body, before="\n\n\n".join(definitions), numpy=regression or _fills(order)
    )


def _normalizes(order: Order) -> bool:
    return order.schema.kind == "array" or _fills(order)


def _fills(order: Order) -> bool:
    return order.schema.kind == "table" and has_numbers(order)


def _model_class(order: Order) -> str:
    regression = order.schema.task == "regression"
    more = "center=0.0, spread=1.0, " if regression else ""
    extra = '            "center": center,\n            "spread": spread,\n' if regression else ""
    lines = [CLASS_HEAD.format(more=more, settings=extra)]
    lines += [f"{STEP}{STEP}{line}" for line in _way_in(order)]
    lines.append(CLASS_TAIL)
    last = answer(order)
    lines.append(f"{STEP}{STEP}self.last = {one_line(last[0])}")
    if regression:
        lines.append(f"{STEP}{STEP}self.rescaling = {one_line(last[1])}")
    lines += ["", *_features(order), "", CALL]
    returned = "self.rescaling(self.last(x))" if regression else "self.last(x)"
    lines += [f"{STEP}{STEP}return {returned}", "", CONFIG]
    return "\n".join(lines)


def _way_in(order: Order) -> list[str]:
    if order.schema.kind == "image":
        return [
            f"self.scaling = layers.Rescaling(1 / {whole_or_real(order.schema.scale)})",
            "self.flatten = layers.Flatten()",
        ]
    lines = ["self.normalization = layers.Normalization()"] if has_numbers(order) else []
    if order.schema.kind == "array":
        lines.append("self.flatten = layers.Flatten()")
    return lines


def _features(order: Order) -> list[str]:
    lines = ["def features(self, inputs):", f'{STEP}"""Return one list of numbers a row."""']
    if order.schema.kind == "image":
        lines.append(f"{STEP}return self.flatten(self.scaling(inputs))")
    elif order.schema.kind == "array":
        lines.append(f"{STEP}return self.flatten(self.normalization(inputs))")
    else:
        lines += [STEP + line for line in _table_features(order)]
    return [STEP + line for line in lines]


def _table_features(order: Order) -> list[str]:
    lines = []
    if has_numbers(order):
        lines += [
            "# A missing number counts as its column's mean; 10 deviations are far enough.",
            'numbers = inputs["numbers"]',
            "scaled = keras.ops.clip(self.normalization(numbers), -10.0, 10.0)",
            "scaled = keras.ops.where(keras.ops.isnan(numbers), 0.0, scaled)",
        ]
    if not has_categories(order):
        return [*lines, "return scaled"]
    lines += [
        "# A missing or unknown category (-1) is all zeros: its place, the first, is left out.",
        "one_hot = [",
        f'{STEP}keras.ops.one_hot(inputs["categories"][:, column] + 1, count + 1)[:, 1:]',
        f"{STEP}for column, count in enumerate(CATEGORY_COUNTS.values())",
        "]",
    ]
    parts = "[scaled, *one_hot]" if has_numbers(order) else "one_hot"
    return [*lines, f"return keras.ops.concatenate({parts}, axis=-1)"]


def _built(order: Order) -> list[str]:
    scale = order.schema.task == "regression"
    model = call(
        "ResidualMLP",
        units=literal(order.whole("units")),
        blocks=literal(order.whole("blocks")),
        dropout=literal(order.real("dropout")),
        l2=literal(order.real("l2")),
        center="center" if scale else None,
        spread="spread" if scale else None,
        name=literal("residual_mlp"),
    )
    lines = [laid_out(model, before="model = ")]
    if _normalizes(order):
        rows = 'filled(adapt["numbers"])' if order.schema.kind == "table" else "adapt"
        table = order.schema.kind == "table"
        shape = (len(order.schema.numbers),) if table else order.schema.shape
        lines += [
            f"{STEP}model.normalization.build({literal((None, *shape))})",
            f"{STEP}if adapt is not None:",
            f"{STEP}{STEP}model.normalization.adapt({rows})",
        ]
    return [*lines, f"{STEP}# One call on empty rows lays out the weights.", *_first_call(order)]


def _first_call(order: Order) -> list[str]:
    schema = order.schema
    if schema.kind != "table":
        return [f"{STEP}model(keras.ops.zeros({literal((1, *schema.shape))}))"]
    parts = []
    if has_numbers(order):
        parts.append(f'"numbers": keras.ops.zeros((1, {len(schema.numbers)}))')
    if has_categories(order):
        count = len(schema.categories)
        parts.append(f'"categories": keras.ops.zeros((1, {count}), dtype="int32")')
    inner = [f"{STEP}{STEP}{part}," for part in parts]
    return [f"{STEP}empty = {{", *inner, f"{STEP}}}", f"{STEP}model(empty)"]


TEMPLATE = Template(
    slug="residual-mlp",
    name="Residual MLP",
    summary="Dense blocks with skip connections: deeper than a plain MLP and still easy to train.",
    level="Subclassed",
    kinds=("table", "array", "image"),
    tasks=("classification", "regression"),
    parameter_range="3,000–550,000 weights on a table of 20 columns, more on images",
    own=_own,
    write=_write,
)
