"""Shape inference through a layer list, which finds a wrong order before training.

Searched sizes count at their worst: the
largest window, the most neurons.
"""

from collections.abc import Sequence

from experiments.catalog.layer_kinds import Settings, Shape
from experiments.catalog.layers import Layer
from experiments.catalog.rows import Row, Scalar
from experiments.data_schema import DataSchema
from experiments.search.problems import Problem

MOST_WEIGHTS = 100_000_000


def shape_problems(layers: Sequence[Layer], schema: DataSchema) -> list[Problem]:
    """Return what keeps the layers from following one another; empty: all fit."""
    shape = first_shape(schema)
    weights = 0
    for index, layer in enumerate(layers):
        path = f"layers.{index}"
        problem = _misplaced(layer, index, schema) or _unfit(layer, shape, layers[:index])
        if problem:
            return [Problem(path, problem)]
        settings = worst_settings(layer)
        weights += layer.kind.weights(shape, settings)
        shape = layer.kind.shape(shape, settings)
        if min(shape) < 1:
            return [Problem(path, _vanished(layer))]
        if weights > MOST_WEIGHTS:
            return [Problem(path, _too_heavy(layer, weights))]
    if len(shape) != 1:
        return [
            Problem(
                f"layers.{len(layers) - 1}",
                f"The last layer's output is {describe_shape(shape)}. End with flatten "
                "or global_average_pooling, so that the output layer can follow.",
            )
        ]
    return []


def first_shape(schema: DataSchema) -> Shape:
    """Return the shape of a row as the first layer gets it; a table's categories are one-hot."""
    if schema.kind != "table":
        return schema.shape
    switches = sum(max(len(column.categories), 1) for column in schema.categories)
    return (len(schema.numbers) + switches,)


def describe_shape(shape: Shape) -> str:
    """Name a shape in words."""
    if len(shape) == 1:
        return f"a vector of {shape[0]:,} numbers"
    words = "an image of " if len(shape) == 3 else "an array of "
    return words + " × ".join(f"{side:,}" for side in shape)


def worst_settings(layer: Layer) -> Settings:
    """Return settings in which every searched size is the largest of its row."""
    settings: Settings = {}
    for parameter in layer.kind.parameters:
        value = layer.given.get(parameter.name, parameter.default)
        if parameter.name in layer.searched:
            worst = _worst(layer.searched[parameter.name], value)
            value = worst if not parameter.refuses(worst) else value
        settings[parameter.name] = value
    return settings


def _worst(row: Row, value: Scalar) -> Scalar:
    options = [option for option in row.get("choices") or [] if isinstance(option, type(value))]
    if row.get("type") == "fixed":
        options = [row.get("value", value)]
    elif row.get("type") != "choice":
        options = [row.get("max", value)]
    if "valid" in options:
        return "valid"
    numbers = [option for option in options if isinstance(option, int | float)]
    return max(numbers, default=value)


def _misplaced(layer: Layer, index: int, schema: DataSchema) -> str:
    if layer.kind.kind != "normalization":
        return ""
    if schema.kind == "table":
        return f"Remove {layer.title}: numeric columns of tables are normalized already."
    if index > 0:
        return f"{layer.title} learns from the inputs, so it must be the first layer. Move it up."
    return ""


def _unfit(layer: Layer, shape: Shape, before: Sequence[Layer]) -> str:
    if not layer.kind.picture or len(shape) == 3:
        return ""
    source = f"after {_lowered(before[-1].title)}" if before else "from the data"
    flattening = [
        other for other in before if other.kind.kind in ("flatten", "global_average_pooling")
    ]
    fix = f" Move it before {_lowered(flattening[0].title)}." if flattening else " Remove it."
    return (
        f"{layer.title} needs an image (height × width × channels); got "
        f"{describe_shape(shape)} {source}.{fix}"
    )


def _vanished(layer: Layer) -> str:
    return (
        f"{layer.title} can reduce the image to nothing at its largest sizes. Use "
        "smaller windows, or remove a pooling layer before it."
    )


def _too_heavy(layer: Layer, weights: int) -> str:
    return (
        f"With {_lowered(layer.title)} the model has up to {weights:,} weights; at "
        f"most {MOST_WEIGHTS:,} are allowed. Use fewer units, or reduce the image size "
        "before it."
    )


def _lowered(title: str) -> str:
    return title[0].lower() + title[1:]
