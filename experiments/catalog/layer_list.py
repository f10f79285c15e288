"""Layer lists as a template: hyperparameters and Keras source."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from experiments.catalog.functional_source import applied, functional, one_hot_entry
from experiments.catalog.layer_shapes import shape_problems
from experiments.catalog.layers import Layer, read_layers
from experiments.catalog.rows import Row
from experiments.catalog.source_pieces import layered, regularizer
from experiments.catalog.template import Order, Template
from experiments.data_schema import DataSchema
from experiments.search.problems import Problem

SLUG = "layers"
NO_TEXTS = "Layer lists don't take texts. Choose the model “Text”."
ONE_TARGET = "Layer lists have one target. Choose the model “Several targets”."


def layers_refusal(schema: DataSchema) -> str:
    """Say why no layer list takes the data; empty: one can."""
    if schema.more_targets:
        return ONE_TARGET
    return NO_TEXTS if schema.kind == "text" else ""


def layer_problems(
    source: object, schema: DataSchema, space: Mapping[str, Row] | None = None
) -> list[Problem]:
    """Return everything that is wrong with a layer list for this data and this space's rows."""
    if refusal := layers_refusal(schema):
        return [Problem("model", refusal)]
    layers, problems = read_layers(source, space)
    return problems or shape_problems(layers, schema)


def layer_template(source: Sequence[Any]) -> Template:
    """Return the template that a layer list is: its searched parameters are its hyperparameters."""
    layers, _ = read_layers(list(source))
    return Template(
        slug=SLUG,
        name="Layer list",
        summary="Your own sequence of layers.",
        level="Sequential",
        kinds=("image", "table", "array"),
        tasks=("classification", "regression"),
        parameter_range="depends on the layers",
        own=lambda _: tuple(row for layer in layers for row in layer.hyperparameters()),
        write=lambda order: _write(order, layers),
        unfit=lambda schema: " ".join(
            problem.message for problem in layer_problems(list(source), schema)
        ),
    )


def _write(order: Order, layers: Sequence[Layer]) -> str:
    penalty = regularizer(order)
    stack = [layer.kind.write(layer.settings(order.chosen), penalty) for layer in layers]
    if order.schema.kind == "table":
        order = replace(order, template=replace(order.template, level="Functional"))
        return functional(order, [*one_hot_entry(order), *(applied(layer) for layer in stack)])
    return layered(order, stack, adapts=layers[0].kind.kind == "normalization")
