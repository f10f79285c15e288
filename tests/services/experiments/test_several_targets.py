"""A table with several targets, from CSV to a trained trial and its metrics."""

import csv
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import storage
from experiments.data_schema import DataSchema
from experiments.ingest.errors import DataRefused
from experiments.ingest.formats import Source, prepare
from experiments.ingest.limits import Limits
from experiments.reports.winner.baselines import baselines
from experiments.services.bundles import bundles
from tests.ingest.outcomes import found
from tests.services.bundled import read_json, run, train, unzip

pytestmark = pytest.mark.django_db
CHOICE = {
    "target": "price",
    "task": "regression",
    "uses": {"size": "number", "city": "category", "sold": "learn_class", "days": "learn_number"},
}


def houses(folder: Path, rows: int = 240) -> Source:
    """Prices in thousands, days near one: without weights the prices' losses would be all."""
    rng = np.random.default_rng(8)
    lines = ["size,city,price,sold,days"]
    for row in range(rows):
        size, city = rng.uniform(40, 160), "Oslo" if row % 2 else "Rom"
        price = 3000 * size + (90_000 if city == "Rom" else 0)
        sold = "yes" if size < 100 else "no"
        days = "" if row == 3 else f"{size / 100 + rng.normal(0, 0.02):.3f}"
        lines.append(f"{size:.1f},{city},{price:.0f},{sold},{days}")
    path = folder / "houses.csv"
    path.write_text("\n".join(lines) + "\n")
    return Source(path, "csv")


def test_chosen_columns_become_targets_of_their_own(tmp_path):
    prepared = prepare(houses(tmp_path), CHOICE, Limits())
    schema = prepared.schema
    assert [target.name for target in schema.targets] == ["price", "sold", "days"]
    assert [column.name for column in schema.columns] == ["size", "city"]
    assert DataSchema.from_dict(schema.to_dict()) == schema
    assert schema.rows == 239  # one row has no value of days
    assert prepared.arrays["y_1"].dtype == np.int64 and prepared.arrays["y_2"].dtype == np.float32
    assert prepared.arrays["y_1"][:3].tolist() == [
        int(size < 100) for size in prepared.arrays["numbers"][:3, 0]
    ]
    told = [one["name"] for one in prepared.profile["more_targets"]]
    assert told == ["sold", "days"]
    assert prepared.facts()["target"] == "price, sold, days"
    assert "no usable value of price or sold or days" in found(prepared)["left_out"]


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        ({"city": "learn_number"}, "Column city contains text"),
        (
            {"size": "learn_class", "city": "learn_class", "sold": "skip"},
            "No input column is left",
        ),
    ],
)
def test_targets_that_can_not_be_learnt_are_refused(tmp_path, uses, words):
    choice = CHOICE | {"uses": {"size": "number", "sold": "skip", "days": "skip"} | uses}
    with pytest.raises(DataRefused, match=words):
        prepare(houses(tmp_path), choice, Limits())


@pytest.mark.needs("first run", why="a bundle's files know no database")
@pytest.mark.training
@pytest.mark.thorough  # learning is in training/test_executions.py, a bundle in services/bundles
@pytest.mark.timeout(900)
def test_a_trial_learns_every_target_and_its_bundle_answers_for_each(
    tmp_path, project, training_pool, queues
):
    prepared = prepare(houses(tmp_path), CHOICE, Limits())
    trial = train(project, prepared, "multi-task", training_pool, repeats=2)
    assert trial.experiment.objective == "val_price_rmse"
    measured = {"loss"}
    measured |= {f"{key}_{name}" for key in ("price", "days") for name in ("loss", "mae", "rmse")}
    measured |= {"sold_loss", "sold_accuracy"}
    assert set(trial.metrics) - {"learning_rate"} == measured | {f"val_{m}" for m in measured}
    assert trial.score == pytest.approx(trial.metrics["val_price_rmse"])
    executions = list(trial.executions.all())
    assert len(executions) == 2
    assert all(each.metrics["val_loss"] < 20 for each in executions)  # in spreads, not in prices
    for each in executions:  # exact metrics are the main target's
        exact = each.exact["values"]["rmse"]
        assert exact == pytest.approx(each.metrics["val_price_rmse"], rel=1e-3)

    always = next(
        one for one in baselines(trial.experiment, trial, [], looks=1) if one.trial is None
    )
    assert "Mean" in always.name and always.scores[0] > 50_000  # of prices

    artifact = bundles.make_bundle(trial.pk)
    assert artifact is not None, bundles.bundle_of(trial)
    folder = unzip(storage.absolute(artifact.path), tmp_path / "bundle")
    formats = read_json(folder, "manifest.json")["formats"].values()
    assert [one for one in formats if "why_not" in one] == []
    rows = tmp_path / "rows.csv"
    rows.write_text("city,size\nOslo,60\nRom,140\n")
    asked = (Path(sys.executable), folder / "predict.py", rows, "--model", "model.onnx")
    table = list(csv.DictReader(io.StringIO(run(*asked).stdout)))
    assert list(table[0]) == [
        "line", "price prediction", "sold prediction", "sold probability", "sold p_no",
        "sold p_yes", "days prediction",
    ]  # fmt: skip
    assert 100_000 < float(table[0]["price prediction"]) < 600_000  # on its target's scale
    assert 0 < float(table[0]["days prediction"]) < 3
    answers = json.loads(run(*asked, "--format", "json").stdout)
    assert set(answers[0]) == {"line", "price", "sold", "days"}
    assert set(answers[0]["sold"]["probabilities"]) == {"no", "yes"}

    data = storage.dataset_folder(trial.experiment.dataset_version.digest)
    again = run(Path(sys.executable), folder / "reproduce.py", data)
    assert again.returncode == 0, again.stderr
    found = dict(re.findall(r"^(val_\w+): .* difference (\S+)$", again.stdout, re.MULTILINE))
    stored = bundles._subject(trial).execution.metrics
    assert {"val_sold_accuracy", "val_days_rmse", "val_price_loss"} <= set(found)
    for name, difference in found.items():
        assert abs(float(difference)) < 1e-4 * max(1.0, abs(stored[name]))
