import json

import numpy as np
import pytest

from experiments.catalog.layer_kinds import KINDS, layer_kinds
from experiments.catalog.layer_list import layer_problems, layer_template, layers_refusal
from experiments.catalog.layers import default_layers
from experiments.catalog.registry import source_for, template_of
from experiments.catalog.source_pieces import METRICS
from experiments.catalog.template import CatalogError
from experiments.search.space.space import Space
from tests.catalog.schemas import CITY, NUMBERS, SCHEMAS, array, digits, image, table

LISTED = [name for name, schema in SCHEMAS.items() if not layers_refusal(schema)]


def layer(kind: str, **params) -> dict:
    return {"kind": kind, "params": params}


def search(**row) -> dict:
    return {"search": row}


CONVOLUTIONS = [
    layer("rescaling", divide_by=16),
    layer("conv2d", filters=search(type="int", min=4, max=8), padding="same"),
    layer("batch_normalization"),
    layer("activation", activation="relu"),
    layer("max_pooling"),
    layer("conv2d", filters=8, kernel_size=3, strides=1, padding="valid", activation="linear"),
    layer("global_average_pooling"),
    layer("dense", units=search(type="choice", choices=[8, 16]), activation="gelu"),
    layer("dropout", rate=search(type="float", min=0.0, max=0.5, step=0.1)),
    layer("dense", units=12),
]


def messages(layers: list, schema) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in layer_problems(layers, schema)]


def test_searched_parameters_become_rows_named_by_layer():
    rows = layer_template(CONVOLUTIONS).default_space(digits())["hyperparameters"]
    searched = {row["name"]: row for row in rows if row["type"] != "fixed"}
    assert set(searched) == {
        "conv2d_1_filters",
        "dense_1_units",
        "dropout_1_rate",
        "learning_rate",
    }
    assert (searched["conv2d_1_filters"]["min"], searched["conv2d_1_filters"]["max"]) == (4, 8)
    assert searched["dense_1_units"]["choices"] == [8, 16]
    assert searched["dropout_1_rate"]["help"]
    Space.from_dict(layer_template(CONVOLUTIONS).default_space(digits()))


def test_the_source_holds_the_layers_in_order():
    values = {"conv2d_1_filters": 6, "dense_1_units": 16, "dropout_1_rate": 0.4}
    source = source_for("layers", CONVOLUTIONS, values, digits())
    stack = [line.strip() for line in source.splitlines() if line.strip().startswith("layers.")]
    assert stack == [
        "layers.Rescaling(1 / 16),",
        'layers.Conv2D(6, 3, padding="same", activation="relu"),',
        "layers.BatchNormalization(),",
        'layers.Activation("relu"),',
        "layers.MaxPooling2D(2),",
        'layers.Conv2D(8, 3, padding="valid"),',
        "layers.GlobalAveragePooling2D(),",
        'layers.Dense(16, activation="gelu"),',
        "layers.Dropout(0.4),",
        'layers.Dense(12, activation="relu"),',
        'layers.Dense(10, activation="softmax"),',
    ]


@pytest.mark.training
@pytest.mark.parametrize(
    ("name", "layers"),
    [
        *(
            pytest.param(name, default_layers(SCHEMAS[name]), marks=pytest.mark.thorough)
            for name in LISTED
        ),
        ("digits", CONVOLUTIONS),
    ],
    ids=[*LISTED, "convolutions"],
)
def test_a_layer_list_builds_fits_saves_and_loads(problem_of, name, layers):
    schema = SCHEMAS[name]
    space = Space.from_dict(template_of("layers", layers).default_space(schema))
    case = {
        "source": source_for("layers", layers, space.draw(np.random.default_rng(4)), schema),
        "schema": schema.to_dict(),
        "metrics": METRICS[schema.task],
        "outputs": max(schema.classes_count, 1),
    }
    assert problem_of(case) == ""


def test_texts_are_refused_in_words():
    ((path, message),) = messages([layer("dense")], SCHEMAS["texts"])
    assert (path, message) == (
        "model",
        "Layer lists don't take texts. Choose the model “Text”.",
    )


@pytest.mark.parametrize("name", LISTED)
def test_default_lists_have_no_problems(name):
    layers = json.loads(json.dumps(default_layers(SCHEMAS[name])))
    assert messages(layers, SCHEMAS[name]) == []


def test_kinds_are_described_as_json():
    described = json.loads(json.dumps(layer_kinds(), allow_nan=False))
    assert [kind["kind"] for kind in described] == list(KINDS)
    for kind in described:
        assert kind["label"] and kind["help"].endswith(".")
        for parameter in kind["params"]:
            assert parameter["help"].endswith(".")
            row = parameter["row"] | {"name": "x"}
            Space.from_dict({"hyperparameters": [row], "constraints": []})


def test_a_picture_layer_after_flatten_is_named():
    layers = [layer("flatten"), layer("dense", units=128), layer("conv2d"), layer("flatten")]
    assert messages(layers, image()) == [
        (
            "layers.2",
            (
                "Layer 3 (conv2d) needs an image (height × width × channels); got a vector of "
                "128 numbers after layer 2 (dense). Move it before layer 1 (flatten)."
            ),
        )
    ]


def test_a_picture_layer_on_a_list_of_numbers_is_named():
    ((path, message),) = messages([layer("max_pooling")], array(13))
    assert path == "layers.0"
    assert "a vector of 13 numbers from the data. Remove it." in message


def test_a_list_that_ends_in_a_picture_is_refused():
    ((path, message),) = messages([layer("rescaling"), layer("conv2d")], digits())
    assert path == "layers.1"
    assert "output is an image of 8 × 8 × 16" in message


def test_pooling_a_picture_away_is_found_at_the_largest_searched_size():
    pool = layer("max_pooling", pool_size=search(type="int", min=2, max=3))
    layers = [pool, pool, layer("flatten")]
    ((path, message),) = messages(layers, digits())
    assert path == "layers.1"
    assert "can reduce the image to nothing" in message
    assert messages([pool, layer("flatten")], digits()) == []


def test_the_rows_of_the_space_count_instead_of_the_lists_own():
    layers = [layer("dense", units=search(type="int", min=8, max=16)), layer("flatten")]
    assert layer_problems(layers, array(13)) == []
    wide = {"dense_1_units": {"type": "int", "min": 8, "max": 65_536}}
    assert layer_problems([*layers[:1], layer("dense", units=65_536)], array(13), wide)


def test_a_model_too_large_for_memory_is_refused():
    layers = [layer("flatten"), layer("dense", units=65_536), layer("dense", units=65_536)]
    ((path, message),) = messages(layers, image())
    assert path == "layers.2"
    assert "4,346,478,592 weights" in message


def test_normalization_must_come_first_and_not_on_tables():
    late = [layer("flatten"), layer("normalization")]
    assert "must be the first layer" in messages(late, array(13))[0][1]
    assert "normalized already" in messages([layer("normalization")], table(*NUMBERS, CITY))[0][1]


@pytest.mark.parametrize(
    ("layers", "path", "words"),
    [
        ([], "layers", "empty"),
        ("dense", "layers", "list"),
        ([7], "layers.0", ""),
        ([{"params": {}}], "layers.0.kind", ""),
        ([layer("lstm")], "layers.0.kind", "lstm"),
        ([layer("dense", width=3)], "layers.0.params.width", "no parameter"),
        ([layer("dense", units=0)], "layers.0.params.units", "outside"),
        ([layer("dense", units="many")], "layers.0.params.units", "isn't a number"),
        ([layer("dense", activation="relu6")], "layers.0.params.activation", "isn't one of"),
        ([layer("dropout", rate=1)], "layers.0.params.rate", "outside"),
        ([layer("dense", units={"find": 3})], "layers.0.params.units", "search"),
        (
            [layer("dense", units=search(type="int", min=9, max=3))],
            "layers.0.params.units.search",
            "",
        ),
        ([layer("dense")] * 61, "layers", ""),
    ],
)
def test_bad_lists_are_refused_where_they_are_wrong(layers, path, words):
    found = messages(layers, array(13))
    assert found[0][0].startswith(path)
    assert words in found[0][1]
    with pytest.raises(CatalogError):
        source_for("layers", layers, {}, array(13))


def test_values_out_of_bounds_are_refused():
    layers = [layer("dense", units=search(type="int", min=8, max=16))]
    with pytest.raises(CatalogError, match="dense_1_units"):
        source_for("layers", layers, {"dense_1_units": -1}, array(13))
