import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.catalog.plan_metrics import logged_names
from experiments.catalog.registry import CATALOG, default_model, source_for
from experiments.catalog.source_pieces import usual_metrics
from experiments.catalog.template import CatalogError
from experiments.data_schema import KINDS
from experiments.search.space.space import Space
from tests.catalog.schemas import CITY, NUMBERS, SCHEMAS, digits, image, table, text

FITTING = [
    (slug, name)
    for slug, template in CATALOG.items()
    for name, schema in SCHEMAS.items()
    if not template.refuses(schema)
]
# Defaults everywhere, and drawn values for every third.
BUILT = [(slug, name, None) for slug, name in FITTING]
BUILT += [("text", "texts", seed) for seed in range(100, 103)]  # all three ways to read
BUILT += [(slug, name, seed) for seed, (slug, name) in enumerate(FITTING) if seed % 3 == 0]
# Every template once, with the first data that it takes; the cross product is thorough.
ONCE = {slug: (slug, name, None) for slug, name in reversed(FITTING)}.values()


def drawn(slug: str, schema, seed: int) -> dict:
    """Values with every name searched, by the standard library alone."""
    pick = random.Random(seed)
    values = {}
    for hyperparameter in CATALOG[slug].hyperparameters(schema):
        row = hyperparameter.row()
        if row["type"] == "choice":
            value = pick.choice(row["choices"])
        elif row["type"] == "boolean":
            value = pick.random() < 0.5
        elif row["type"] == "int":
            value = pick.randrange(row["min"], row["max"] + 1, row["step"] or 1)
        else:
            value = pick.uniform(row["min"], row["max"])
        values[row["name"]] = value
    for hyperparameter in CATALOG[slug].hyperparameters(schema):
        condition = hyperparameter.only_if
        if condition and values[condition[0]] not in condition[1]:
            del values[hyperparameter.name]
    return values


@pytest.mark.training
@pytest.mark.parametrize(
    ("slug", "name", "seed"),
    [pytest.param(*case, marks=() if case in ONCE else pytest.mark.thorough) for case in BUILT],
)
def test_a_template_builds_fits_saves_and_loads(problem_of, slug, name, seed):
    schema = SCHEMAS[name]
    values = {} if seed is None else drawn(slug, schema, seed)
    binary = values.get("loss") == "binary_crossentropy"
    outputs = sum(max(len(target.classes), 1) for target in schema.targets)
    case = {
        "source": source_for(slug, [], values, schema),
        "schema": schema.to_dict() | {"keys": schema.keys},
        "metrics": logged_names(schema, usual_metrics(schema)),
        "outputs": 1 if binary else outputs,
    }
    assert problem_of(case) == ""


def test_every_template_is_built_with_defaults_and_with_drawn_values():
    assert {slug for slug, _, _ in ONCE} == set(CATALOG)
    assert {slug for slug, _, seed in BUILT if seed is None} == set(CATALOG)
    assert {slug for slug, _, seed in BUILT if seed is not None} == set(CATALOG)


def test_the_three_levels_of_keras_are_there():
    assert len(CATALOG) >= 6
    assert {template.level for template in CATALOG.values()} == {
        "Sequential",
        "Functional",
        "Subclassed",
    }


def test_every_kind_and_task_has_a_template():
    for kind in KINDS:
        for task in ("classification", "regression"):
            assert any(
                kind in template.kinds and task in template.tasks for template in CATALOG.values()
            )


def test_the_image_mlp_is_the_seeds_first_sample():
    values = {"units": 96, "dropout": 0.30000000000000004, "learning_rate": 0.01}
    source = source_for("image-mlp", [], values, image())
    stack = [line.strip() for line in source.splitlines() if line.strip().startswith("layers.")]
    assert stack == [
        "layers.Rescaling(1 / 255),",
        "layers.Flatten(),",
        'layers.Dense(96, activation="relu"),',
        "layers.Dropout(0.3),",
        'layers.Dense(10, activation="softmax"),',
    ]
    assert "optimizer=keras.optimizers.Adam(learning_rate=0.01)," in source
    assert 'metrics=["accuracy"],' in source


def test_the_image_mlps_space_is_the_seeds():
    rows = {
        row["name"]: row
        for row in CATALOG["image-mlp"].default_space(image())["hyperparameters"]
        if row["type"] != "fixed"
    }
    assert set(rows) == {"units", "dropout", "learning_rate"}
    assert (rows["units"]["min"], rows["units"]["max"], rows["units"]["step"]) == (32, 512, 32)
    assert (rows["dropout"]["min"], rows["dropout"]["max"], rows["dropout"]["step"]) == (
        0,
        0.5,
        0.1,
    )
    assert rows["learning_rate"]["choices"] == [1e-2, 1e-3, 1e-4]


@pytest.mark.parametrize(("slug", "name"), FITTING)
def test_default_spaces_are_valid_spaces(slug, name):
    template, schema = CATALOG[slug], SCHEMAS[name]
    space = Space.from_dict(template.default_space(schema))
    rng = np.random.default_rng(3)
    for _ in range(5):
        source_for(slug, [], space.draw(rng), schema)
    searched = [row.row() for row in template.hyperparameters(schema)]
    Space.from_dict({"hyperparameters": searched, "constraints": []})


@pytest.mark.parametrize(("slug", "name"), FITTING)
def test_every_name_has_a_help_text(slug, name):
    for row in CATALOG[slug].hyperparameters(SCHEMAS[name]):
        assert row.help.endswith(".")


@pytest.mark.parametrize(("slug", "name"), FITTING)
def test_source_is_deterministic(slug, name):
    schema = SCHEMAS[name]
    for seed in range(3):
        values = drawn(slug, schema, seed) if seed else {}
        source = source_for(slug, [], values, schema)
        assert source == source_for(slug, [], dict(reversed(values.items())), schema)


def test_every_source_is_formatted(tmp_path):
    for number, (slug, name) in enumerate(FITTING):
        for seed in range(3):
            values = drawn(slug, SCHEMAS[name], seed) if seed else {}
            source = source_for(slug, [], values, SCHEMAS[name])
            (tmp_path / f"model_{number}_{seed}.py").write_text(source)
    for command in (["check", "--isolated"], ["format", "--isolated", "--diff"]):
        done = subprocess.run(
            [Path(sys.executable).with_name("ruff"), *command, tmp_path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_text_is_averaged_without_the_zeros_after_it():
    source = source_for("text", [], {"embedding_size": 16}, text())
    assert "vectors = layers.Embedding(40, 16)(inputs)" in source
    assert "x = layers.Dot(axes=1)([known, vectors]) / count" in source
    assert 'inputs = keras.Input(shape=(12,), dtype="int32")' in source
    lstm = source_for("text", [], {"reader": "lstm"}, text())
    assert (
        "layers.Embedding(40, 32, mask_zero=True)" in lstm and "layers.LSTM(32)(vectors)" in lstm
    )
    convolution = source_for("text", [], {"reader": "convolution", "kernel_size": 7}, text())
    assert "layers.Conv1D(64, 7, padding=" in convolution and "mask_zero" not in convolution


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("mnist", "image-mlp"),
        ("colour pictures", "cnn"),
        ("numbers table", "table-mlp"),
        ("texts", "text"),
        ("numbers to learn", "multi-task"),
        ("array", "image-mlp"),
    ],
)
def test_each_kind_of_data_begins_with_a_model_that_fits(name, slug):
    assert default_model(SCHEMAS[name]) == slug


def test_momentum_is_written_for_sgd_alone():
    sgd = source_for("image-mlp", [], {"optimizer": "sgd", "momentum": 0.5}, image())
    assert "SGD(learning_rate=0.001, momentum=0.5)" in sgd
    assert "momentum" not in source_for("image-mlp", [], {"optimizer": "rmsprop"}, image())


def test_the_deep_cnn_forgets_its_first_averages_within_a_few_epochs_of_small_data():
    source = source_for("deep-cnn", [], {}, digits())
    found = re.findall(r"BatchNormalization\(momentum=(.+?)\)", source)
    steps = 3 * 1150 / 128
    assert found and all(float(momentum) ** steps < 0.2 for momentum in found)


def test_a_zero_penalty_is_left_out():
    assert "regularizer" not in source_for("cnn", [], {"l2": 0.0}, digits())
    assert "keras.regularizers.L2(0.001)" in source_for("cnn", [], {"l2": 0.001}, digits())


def test_two_classes_may_have_one_sigmoid():
    source = source_for("table-mlp", [], {"loss": "binary_crossentropy"}, table(*NUMBERS))
    assert 'layers.Dense(1, activation="sigmoid")' in source
    with pytest.raises(CatalogError, match="binary_crossentropy"):
        source_for("table-mlp", [], {"loss": "binary_crossentropy"}, table(CITY, classes=3))


@pytest.mark.parametrize(
    "values",
    [
        {"optimizer": '"); import os #'},
        {"units": 0},
        {"units": 2.5},
        {"units": "wide"},
        {"dropout": 1.0},
        {"dropout": float("nan")},
        {"learning_rate": True},
        {"loss": "mse"},
    ],
)
def test_values_that_no_model_can_have_are_refused(values):
    with pytest.raises(CatalogError, match=next(iter(values))):
        source_for("image-mlp", [], values, image())


def test_data_that_a_template_cannot_take_is_refused_in_words():
    with pytest.raises(CatalogError, match="takes image or array data"):
        source_for("cnn", [], {}, table(*NUMBERS))
    assert "4 × 4" in CATALOG["cnn"].refuses(image(shape=(2, 9, 1)))
    with pytest.raises(CatalogError, match="no model"):
        source_for("transformer", [], {}, image())


def test_metrics_can_be_chosen_by_name():
    source = source_for("image-mlp", [], {}, image(), ("accuracy", "top_3_accuracy"))
    assert "SparseTopKCategoricalAccuracy(k=3" in source
    with pytest.raises(CatalogError, match="mae"):
        source_for("image-mlp", [], {}, image(), ("mae",))
