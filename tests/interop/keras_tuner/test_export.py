"""What we write as a KerasTuner project: keras-tuner reloads it, finds the same and goes on."""

import json
import math

import pytest

from experiments.interop.exported_search import ExportedSearch, ExportedTrial
from experiments.interop.keras_tuner.export import write_project
from experiments.interop.keras_tuner.project_files import read_project
from experiments.search.space.space import Space
from tests.interop.projects import NAMES, files
from tests.training.orders import printed_by

WORDS = {"minimize": "min", "maximize": "max"}
OWN = {
    "hyperparameters": [
        {"name": "kind", "type": "choice", "choices": ["a", "b"]},
        {"name": "rate", "type": "float", "min": 1e-4, "max": 1.0, "scale": "log"},
        {"name": "momentum", "type": "float", "min": 0.9, "max": 0.999, "scale": "reverse_log"},
        {"name": "drop", "type": "float", "min": 0.0, "max": 0.5, "step": 0.1},
        {"name": "units", "type": "int", "min": 16, "max": 256, "step": 2, "scale": "log"},
        {"name": "depth", "type": "int", "min": 1, "max": 9, "only_if": {"name": "kind", "values": ["a"]}},
        {"name": "skip", "type": "boolean", "only_if": {"name": "depth", "values": [2, 3]}},
        {"name": "size", "type": "choice", "choices": [3, 5, 7]},
        {"name": "epochs", "type": "fixed", "value": 4},
    ],
    "constraints": ["units >= 16"],
}  # fmt: skip


def as_exported(search, *, code="here"):
    """An imported search, as the site would hand it over again."""
    return ExportedSearch(
        code=code,
        name=search.name,
        objective=search.objective,
        direction=search.direction,
        space=search.space,
        trials=tuple(
            ExportedTrial(
                number=number,
                state=trial.state,
                values=trial.values,
                score=trial.score,
                metrics=trial.metrics,
                message=trial.message,
                source={"id": trial.key, "status": trial.status, **trial.source},
            )
            for number, trial in enumerate(search.trials)
        ),
        source={"format": search.format, **search.source},
    )


def own_search(n=12):
    import numpy as np

    space, rng = Space.from_dict(OWN), np.random.default_rng(3)
    trials = [
        ExportedTrial(
            number=number,
            state="failed" if number == 4 else "pruned" if number == 5 else "completed",
            values=space.draw(rng),
            score=None if number in (4, 5) else 1 / (number + 3),
            metrics={} if number in (4, 5) else {"val_loss": 1 / (number + 3), "accuracy": 0.5},
            best_epoch=number + 1,
        )
        for number in range(n)
    ]
    trials.append(ExportedTrial(number=n, state="running", values=trials[0].values, score=None, metrics={}))  # fmt: skip
    return ExportedSearch(
        code="own",
        name="Own",
        objective="val_loss",
        direction="minimize",
        space=space,
        trials=tuple(trials),
        seed=7,
        max_epochs=4,
    )


# A search of each kind; what other versions and spaces write is thorough.
IN_THE_GATE = ("kt148_random", "kt148_hyperband_cond", "own")


@pytest.fixture(scope="module")
def reloaded(training_pool, tmp_path_factory):
    """A search by its name: written by us, and what keras-tuner finds there with each kind of tuner."""
    known = {}

    def reloaded(name):
        if name not in known:
            is_own = name == "own"
            search = own_search() if is_own else as_exported(read_project(files(name), name))
            folder = tmp_path_factory.mktemp("project")
            for path, content in write_project(search).items():
                target = folder / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            asked = [search.objective, WORDS[search.direction]]
            source = "from tests.interop.reload_projects import reload\n"
            source += f"reload({str(folder)!r}, {name!r}, {asked!r})\n"
            printed_by(training_pool, source, folder)
            known[name] = search, json.loads((folder / "found.json").read_text())
        return known[name]

    return reloaded


@pytest.mark.parametrize("kind", ["RandomSearch", "BayesianOptimization", "Hyperband"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in IN_THE_GATE else pytest.mark.thorough)
        for name in [*NAMES, "own"]
    ],
)
def test_keras_tuner_finds_the_same_results(reloaded, name, kind):
    search, every = reloaded(name)
    found = every[kind]
    written = [trial for trial in search.trials if trial.state != "running"]
    assert len(found["trials"]) == len(written)
    keys = {trial["key"]: trial for trial in _with_keys(search, written)}
    for key, there in found["trials"].items():
        here = keys[key]["trial"]
        own = {name: v for name, v in there["values"].items() if not name.startswith("tuner/")}
        assert own == here.values
        if here.score is None:
            assert there["score"] is None or not math.isfinite(there["score"])
            continue
        assert there["status"] == "COMPLETED"
        assert there["score"] == pytest.approx(here.score, rel=1e-12, abs=0)
        assert there["metrics"][search.objective] == pytest.approx(here.score, rel=1e-12, abs=0)
    assert [row.name for row in search.space.hyperparameters] == found["space"] or name == "own"
    assert found["after"] > len(written)


def _with_keys(search, written):
    site = json.loads(write_project(search)["site.json"])
    by_number = {trial.number: trial for trial in written}
    return [{"key": key, "trial": by_number[number]} for key, number in site["trials"].items()]


@pytest.mark.parametrize("name", IN_THE_GATE)
def test_the_best_hyperparameters_are_ours(reloaded, name):
    search, every = reloaded(name)
    best = {
        key: value
        for key, value in every["RandomSearch"]["best"].items()
        if not key.startswith("tuner/")
    }
    assert best == search.best.values


@pytest.mark.parametrize("name", NAMES)
def test_what_we_write_we_read_again(name):
    first = read_project(files(name), name)
    again = read_project(write_project(as_exported(first)), name, objective=first.objective)
    assert [t.values for t in again.trials] == [t.values for t in first.trials]
    assert [t.score for t in again.trials] == [t.score for t in first.trials]
    assert again.space == first.space
    assert again.direction == first.direction


def test_open_trials_are_left_out_and_the_ids_stay_dense():
    site = json.loads(write_project(own_search())["site.json"])
    assert list(site["trials"]) == [str(number) for number in range(12)]


def test_conditions_name_every_parent_the_outermost_first():
    oracle = json.loads(write_project(own_search())["oracle.json"])
    [skip] = [e for e in oracle["hyperparameters"]["space"] if e["config"]["name"] == "skip"]
    assert [each["config"]["name"] for each in skip["config"]["conditions"]] == ["kind", "depth"]


def test_rules_that_keras_tuner_does_not_know_are_told():
    assert "units >= 16" in write_project(own_search())["README.txt"].decode()
