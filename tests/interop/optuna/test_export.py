"""What we write as an Optuna storage: Optuna loads it, finds the same and goes on."""

from dataclasses import replace

import pytest

from experiments.interop.optuna.export import write_storage
from experiments.interop.optuna.storage import read_storage
from tests.interop.keras_tuner.test_export import own_search


@pytest.fixture
def search():
    first = own_search()
    pruned = replace(first.trials[5], curve=(0.5, None, 0.25))
    return replace(first, trials=(*first.trials[:5], pruned, *first.trials[6:]))


@pytest.fixture
def study(search, tmp_path):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = tmp_path / "study.db"
    path.write_bytes(write_storage(search))
    return optuna.load_study(study_name="Own", storage=f"sqlite:///{path}")


def test_optuna_finds_the_same_results(study, search):
    assert study.best_value == search.best.score
    assert study.direction.name == "MINIMIZE" and study.metric_names == ["val_loss"]
    written = [trial for trial in search.trials if trial.state != "running"]
    assert len(study.trials) == len(written)
    for there, here in zip(study.trials, written, strict=True):
        searched = {k: v for k, v in here.values.items() if k != "epochs"}
        assert there.params == searched
        assert there.value == here.score or there.state.name == "PRUNED"
        assert there.user_attrs["fixed.epochs"] == 4
    assert [t.state.name for t in study.trials[4:6]] == ["FAIL", "PRUNED"]
    assert study.trials[1].user_attrs["metrics.accuracy"] == 0.5


def test_optuna_goes_on_with_it(study, search):
    import optuna

    study.sampler = optuna.samplers.TPESampler(seed=0)

    def objective(trial):
        return trial.suggest_float("rate", 1e-4, 1.0, log=True)

    study.optimize(objective, n_trials=3)
    assert len(study.trials) == 15


def test_we_read_it_again(search):
    again = read_storage(write_storage(search))
    assert again.best.score == search.best.score
    assert (again.name, again.objective) == ("Own", "val_loss")
    assert again.trials[5].curves == {"val_loss": (0.5, None, 0.25)}
    kept = {k: v for k, v in search.best.values.items() if k != "epochs"}
    assert again.best.values == kept


def test_a_value_that_the_space_no_longer_has_is_kept(search):
    values = {**search.trials[0].values, "size": 9}
    odd = replace(search, trials=(replace(search.trials[0], values=values),))
    assert read_storage(write_storage(odd)).trials[0].values["size"] == 9
