"""A table with several targets, from CSV to a trained trial and its metrics."""

from pathlib import Path

import numpy as np
import pytest

from experiments.data_schema import DataSchema
from experiments.ingest.errors import DataRefused
from experiments.ingest.formats import Source, prepare
from experiments.ingest.limits import Limits
from experiments.training.pool import TrainingPool
from tests.services.bundled import train

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
    assert "without a price or sold or days" in prepared.profile["warnings"][0]["text"]


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        ({"city": "learn_number"}, "Column city holds text"),
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


@pytest.fixture(scope="module")
def pool():
    pool = TrainingPool()
    assert pool.wait_until_ready(120)
    yield pool
    pool.close()


@pytest.mark.training
@pytest.mark.timeout(600)
def test_a_trial_learns_every_target_and_is_ranked_by_one(tmp_path, project, pool, queues):
    prepared = prepare(houses(tmp_path), CHOICE, Limits())
    trial = train(project, prepared, "multi-task", pool, repeats=2)
    assert trial.experiment.objective == "val_price_rmse"
    measured = {"loss"}
    measured |= {f"{key}_{name}" for key in ("price", "days") for name in ("loss", "mae", "rmse")}
    measured |= {"sold_loss", "sold_accuracy"}
    assert set(trial.metrics) == measured | {f"val_{name}" for name in measured}
    assert trial.score == pytest.approx(trial.metrics["val_price_rmse"])
    executions = list(trial.executions.all())
    assert len(executions) == 2
    assert all(each.metrics["val_loss"] < 20 for each in executions)  # in spreads, not in prices
    for each in executions:  # exact metrics are the main target's
        exact = each.exact["values"]["rmse"]
        assert exact == pytest.approx(each.metrics["val_price_rmse"], rel=1e-3)
