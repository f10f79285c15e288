"""The catalog: every template by its slug, and the writer of a model's source."""

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.catalog import (
    cnn,
    deep_cnn,
    image_mlp,
    linear,
    multi_task,
    residual_mlp,
    table_mlp,
    text,
    wide_deep,
)
from experiments.catalog.code import SLUG as CODE
from experiments.catalog.code import code_template
from experiments.catalog.layer_list import SLUG as LAYERS
from experiments.catalog.layer_list import layer_problems, layer_template
from experiments.catalog.rows import Row
from experiments.catalog.template import CatalogError, Template, Values
from experiments.data_schema import DataSchema
from experiments.search.problems import Problem

CATALOG: dict[str, Template] = {
    template.slug: template
    for template in (
        image_mlp.TEMPLATE,
        table_mlp.TEMPLATE,
        cnn.TEMPLATE,
        deep_cnn.TEMPLATE,
        wide_deep.TEMPLATE,
        residual_mlp.TEMPLATE,
        text.TEMPLATE,
        linear.TEMPLATE,
        multi_task.TEMPLATE,
    )
}


def template_of(slug: str, layers: Sequence[dict[str, Any]] = ()) -> Template:
    """Return a template of the catalog, or the one that a layer list or code is. Raises: CatalogError."""
    if slug == LAYERS:
        return layer_template(layers)
    if slug == CODE:
        return code_template(layers)
    if slug not in CATALOG:
        raise CatalogError(f"There is no model “{slug}”.")
    return CATALOG[slug]


MODELS = (*CATALOG, LAYERS, CODE)


def default_model(schema: DataSchema) -> str:
    """Return what a new experiment on the data begins with: dense layers, unless pictures are in colour.

    Colour pictures begin with convolutions: dense layers learn little from them. Data that no
    template takes begins with a layer list.
    """
    colour = schema.kind == "image" and len(schema.shape) == 3 and schema.shape[2] > 1
    slugs = (cnn.TEMPLATE.slug, *CATALOG) if colour else tuple(CATALOG)
    return next((slug for slug in slugs if not CATALOG[slug].refuses(schema)), LAYERS)


def model_problems(
    slug: str, layers: Sequence[Any], schema: DataSchema, space: Mapping[str, Row]
) -> list[Problem]:
    """Return why the model can't take this data; paths begin with “model” or “layers”.

    space: rows by name of the space that it is to be searched over.
    """
    if slug == LAYERS:
        return layer_problems(list(layers), schema, space)
    if slug == CODE:
        return []  # only the code knows; the check before a search tries it
    reason = template_of(slug).refuses(schema)
    return [Problem("model", reason)] if reason else []


def source_for(
    slug: str,
    layers: Sequence[dict[str, Any]],
    values: Values,
    schema: DataSchema,
    metrics: Sequence[str] = (),
) -> str:
    """Write the model of a template, or of the layer list when `slug` is “layers”.

    Returns: Python source that defines `build_model(adapt=None)`, which returns a compiled model;
    for regression `build_model(adapt=None, targets=None)`. Equal arguments give equal source.
    Raises: CatalogError.
    """
    return template_of(slug, layers).source(values, schema, metrics)
