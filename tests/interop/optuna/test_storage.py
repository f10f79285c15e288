"""Storages that Optuna itself wrote, and files that only look like one."""

import sqlite3

import pytest

from experiments.interop.imported_search import ImportRefused
from experiments.interop.optuna.storage import read_storage


def objective(trial):
    import optuna

    x = trial.suggest_float("x", -5, 5)
    n = trial.suggest_int("n", 1, 64, log=True)
    kind = trial.suggest_categorical("kind", ["a", "b", None])
    trial.suggest_categorical("flag", [True, False])
    trial.suggest_float("stepped", 0, 1, step=0.25)
    if kind == "a":
        trial.suggest_float("rate", 1e-5, 1e-1, log=True)
    for step in range(3):
        trial.report(x * x / (step + 1), step)
        if trial.number == 3:
            raise optuna.TrialPruned
    if trial.number == 4:
        raise ValueError("no")
    return float("inf") if trial.number == 5 else x * x + n


@pytest.fixture
def storage(tmp_path):
    import optuna

    path = tmp_path / "studies.db"
    study = optuna.create_study(
        storage=f"sqlite:///{path}",
        study_name="mine",
        sampler=optuna.samplers.RandomSampler(seed=1),
    )
    study.optimize(objective, n_trials=12, catch=(ValueError,))
    study.enqueue_trial({"x": 1.0})
    return study, path


def test_what_a_newer_optuna_wrote_is_refused_in_words(storage):
    _, path = storage
    with sqlite3.connect(path) as database:
        database.execute("UPDATE trials SET state = 'DREAMT' WHERE number = 2")
    with pytest.raises(ImportRefused, match="unknown state DREAMT"):
        read_storage(path.read_bytes())
    with sqlite3.connect(path) as database:
        database.execute("UPDATE version_info SET schema_version = 13")
    with pytest.raises(ImportRefused, match="schema version 13 of a newer Optuna"):
        read_storage(path.read_bytes())
    database.close()


def test_a_study_is_read_number_for_number(storage):
    study, path = storage
    search = read_storage(path.read_bytes())
    assert (search.name, search.objective, search.direction) == ("mine", "value", "minimize")
    finite = [t for t in study.trials if t.value is not None and t.value < 1e9]
    best = min((t for t in finite if t.state.name == "COMPLETE"), key=lambda t: t.value)
    assert (search.best.key, search.best.score) == (str(best.number), best.value)
    assert [skipped.name for skipped in search.skipped] == ["1 trials"]
    for there, here in zip(study.trials, search.trials, strict=False):
        given = {k: "null" if v is None else v for k, v in there.params.items()}
        assert here.values == given
        assert here.status == there.state.name
        curve = tuple(there.intermediate_values.values())
        assert here.curves["value"] == pytest.approx(curve, rel=1e-12)
    assert {t.key: t.state for t in search.trials if t.state != "completed"} == {
        "3": "pruned",
        "4": "failed",
        "5": "failed",
    }


def test_its_distributions_become_the_space(storage):
    space = read_storage(storage[1].read_bytes()).space
    assert (space["n"].kind, space["n"].scale, space["n"].max) == ("int", "log", 64)
    assert space["stepped"].step == 0.25
    assert space["kind"].choices == ("a", "b", "null")
    assert space["flag"].kind == "boolean"


def test_one_of_several_studies_is_asked_for(storage):
    import optuna

    path = storage[1]
    optuna.create_study(storage=f"sqlite:///{path}", study_name="other")
    with pytest.raises(ImportRefused, match="2 studies: mine, other") as refused:
        read_storage(path.read_bytes())
    assert refused.value.field == "study"
    assert read_storage(path.read_bytes(), study="mine").name == "mine"
    with pytest.raises(ImportRefused, match="no study x"):
        read_storage(path.read_bytes(), study="x")
    with pytest.raises(ImportRefused, match="no hyperparameters"):
        read_storage(path.read_bytes(), study="other")


def test_further_objectives_are_metrics(tmp_path):
    import optuna

    path = tmp_path / "two.db"
    study = optuna.create_study(
        storage=f"sqlite:///{path}", directions=["maximize", "minimize"], study_name="two"
    )
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        study.set_metric_names(["accuracy", "size"])
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 3.0), n_trials=3)
    search = read_storage(path.read_bytes())
    assert (search.objective, search.direction) == ("accuracy", "maximize")
    assert search.trials[0].metrics["size"] == 3.0
    assert "size" in search.notes[-1]


def changed(path, *statements):
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE version_info SET schema_version = 99", "schema version 99"),
        ("DROP TABLE trial_values", "no table trial_values"),
        ("UPDATE trial_params SET distribution_json = '{'", "unreadable"),
        (
            "UPDATE trial_params SET param_value = 77 WHERE param_name = 'kind'",
            "outside its distribution",
        ),
        ("DELETE FROM studies", "no study"),
    ],
)
def test_an_edited_storage_is_refused_with_the_reason(storage, statement, words):
    with pytest.raises(ImportRefused, match=words):
        read_storage(changed(storage[1], statement))


def test_a_view_in_the_place_of_a_table_is_refused(storage):
    endless = (
        "CREATE VIEW trial_values AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS trial_id, 0 AS objective, i AS value, 'FINITE' AS value_type FROM n"
    )
    with pytest.raises(ImportRefused, match="no table trial_values"):
        read_storage(changed(storage[1], "DROP TABLE trial_values", endless))


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"SQLite format 3\0", b"SQLite format 3\0" * 99]
)
def test_what_is_no_storage_is_refused(content):
    with pytest.raises(ImportRefused):
        read_storage(content)
