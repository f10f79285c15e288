"""An import is known again by its trials: what grew is brought up to date, what differs becomes an experiment of its own."""

import json
import sqlite3
from contextlib import closing
from threading import Barrier, Thread

import pytest
from django.db import connections

from experiments.interop.keras_tuner.project_files import read_project
from experiments.interop.optuna.storage import read_storage
from experiments.interop.trial_table import read_csv, read_json_lines
from experiments.models import Activity, Execution, Experiment, Trial
from experiments.services.datasets.upload_files import limits
from experiments.services.imports.recognition import Outcome, recognise
from experiments.services.imports.searches import import_search
from experiments.services.imports.sources import Asked, read_folder
from tests.interop.projects import changed, files
from tests.interop.test_tensorboard import write
from tests.training.orders import printed_by

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(scope="module")
def moments(training_pool, tmp_path_factory):
    """Real projects as `grow` copied them, by name and moment."""
    folder = tmp_path_factory.mktemp("growing")
    source = f"from tests.interop.growing_projects import grow\ngrow({str(folder)!r})\n"
    printed_by(training_pool, source, folder)

    def read(name, moment):
        place = folder / name / moment
        found = place.rglob("*.json")
        return read_project({str(p.relative_to(place)): p.read_bytes() for p in found}, name)

    return read


def counts(done):
    found = done.outcome
    return found.added, found.completed, found.unchanged, found.different


def scores(experiment):
    return list(experiment.trials.order_by("number").values_list("score", flat=True))


def test_a_project_that_is_imported_while_it_runs_stays_one_experiment(project, moments, owner):
    seen = []
    for moment in ("in_trial_0", "in_trial_1", "in_trial_2", "in_trial_2_again", "whole", "whole"):
        done = import_search(project, moments("first", moment), by=owner)
        seen.append(counts(done))
    assert seen == [
        (1, 0, 0, 0),
        (1, 1, 0, 0),
        (1, 1, 1, 0),
        (0, 0, 3, 0),
        (1, 1, 2, 0),
        (0, 0, 4, 0),
    ]
    experiment = Experiment.objects.get()
    assert (experiment.objective, experiment.direction) == ("val_loss", "minimize")
    assert experiment.best_trial.score == min(scores(experiment))
    assert set(experiment.trials.values_list("state", flat=True)) == {"completed"}


def test_an_older_copy_takes_nothing_back(project, moments, owner):
    import_search(project, moments("first", "whole"), by=owner)
    done = import_search(project, moments("first", "in_trial_2"), by=owner)
    assert counts(done) == (0, 0, 3, 0) and "nothing changed" in done.text
    assert None not in scores(Experiment.objects.get())


def test_a_search_of_the_same_seed_and_values_is_another_one(project, moments, owner):
    first = import_search(project, moments("first", "whole"), by=owner, name="Mine").experiment
    before = scores(first)
    other = import_search(project, moments("twin", "whole"), by=owner, name="mine").experiment
    assert other != first and scores(first) == before
    assert other.name == "mine (2)"
    assert scores(other) == [2 * score for score in before]


def test_a_project_whose_trials_all_failed_is_imported_with_their_failures(
    project, moments, owner
):
    done = import_search(project, moments("failing", "whole"), by=owner)
    experiment = done.experiment
    assert counts(done) == (4, 0, 0, 0)
    assert set(experiment.trials.values_list("state", flat=True)) == {"failed"}
    assert experiment.trials.filter(failure_message__contains="out of memory").count() == 4
    assert experiment.best_trial is None
    assert import_search(project, moments("failing", "whole"), by=owner).experiment == experiment


def test_a_changed_result_is_never_written_over(project, owner):
    first = import_search(project, read_project(files("kt148_random"), "x"), by=owner).experiment
    before = scores(first)
    edited = changed("kt148_random", "trial_3/trial.json", lambda s: s.update(score=0.9))
    search = read_project(edited, "x")
    done = import_search(project, search, by=owner)
    assert done.experiment != first and scores(first) == before
    assert done.alike == first
    assert done.outcome.differences == ("Trial 3: score 0.9 now, 0.375 when it was imported.",)
    assert "“x” looks alike and stays as it is: 1 difference" in done.text
    assert scores(done.experiment)[3] == 0.9
    # From now on each of both is known.
    assert import_search(project, search, by=owner).experiment == done.experiment
    again = import_search(project, read_project(files("kt148_random"), "x"), by=owner)
    assert again.experiment == first


def test_each_import_is_recorded_with_its_counts(project, owner):
    for path in ("trial_3/trial.json", "trial_3/trial.json", "trial_2/trial.json"):
        edited = changed("kt148_random", path, lambda s: s.update(score=0.9))
        import_search(project, read_project(edited, "x"), by=owner)
    kept = Activity.objects.filter(verb="experiment.imported").order_by("pk")
    details = [each.detail for each in kept]
    assert [each["added"] for each in details] == [5, 0, 5]
    assert [each["unchanged"] for each in details] == [0, 5, 0]
    assert [each["different"] for each in details] == [0, 0, 2]


def test_what_people_added_to_a_trial_stays_when_it_ends(project, owner):
    head = b"trial,params.x,state,score\n"
    first = read_csv(head + b"1,1,completed,0.5\n2,2,running,\n", "t", direction="minimize")
    experiment = import_search(project, first, by=owner).experiment
    trial = experiment.trials.get(number=1)
    trial.set_aside = "Ran on another machine."
    trial.save()
    Activity.objects.create(verb="trial.set_aside", text="x", trial=trial, project=project)
    whole = read_csv(head + b"1,1,completed,0.5\n2,2,completed,0.4\n", "t", direction="minimize")
    assert counts(import_search(project, whole, by=owner)) == (0, 1, 1, 0)
    again = experiment.trials.get(number=1)
    assert (again.pk, again.score, again.set_aside) == (trial.pk, 0.4, "Ran on another machine.")
    assert Activity.objects.filter(trial=trial).exists()
    assert Execution.objects.get(trial=again).state == "completed"


def study(path, name, seed, count):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        trial.report(x, 0)
        return x

    made = optuna.create_study(
        storage=f"sqlite:///{path}",
        study_name=name,
        sampler=optuna.samplers.RandomSampler(seed=seed),
        load_if_exists=True,
    )
    made.optimize(objective, n_trials=count)
    return made


def test_a_study_that_grew_is_brought_up_to_date_also_under_another_name(project, owner, tmp_path):
    path = tmp_path / "a.db"
    running = study(path, "mine", 1, 3).ask()
    running.suggest_float("x", 0, 1)
    import_search(project, read_storage(path.read_bytes()), by=owner)
    study(path, "mine", 2, 2)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE studies SET study_name = 'renamed'")
        database.execute("UPDATE trials SET state = 'FAIL' WHERE state = 'RUNNING'")
    done = import_search(project, read_storage(path.read_bytes()), by=owner)
    assert counts(done) == (2, 1, 3, 0)
    assert Experiment.objects.get().trials.count() == 6


def test_a_study_of_the_same_name_and_values_is_another_one(project, owner, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        study(tmp_path / folder / "s.db", "mine", 1, 3)
        import_search(project, read_storage((tmp_path / folder / "s.db").read_bytes()), by=owner)
    assert sorted(Experiment.objects.values_list("name", flat=True)) == ["mine", "mine (2)"]


def test_a_curve_that_was_rewritten_is_a_difference(project, owner, tmp_path):
    study(tmp_path / "s.db", "mine", 1, 2)
    first = import_search(
        project, read_storage((tmp_path / "s.db").read_bytes()), by=owner
    ).experiment
    with closing(sqlite3.connect(tmp_path / "s.db")) as database, database:
        database.execute("UPDATE trial_intermediate_values SET intermediate_value = 7")
    done = import_search(project, read_storage((tmp_path / "s.db").read_bytes()), by=owner)
    assert (done.experiment != first, done.outcome.different) == (True, 2)
    assert "value of epoch 1 is another one" in done.text


def table(*lines):
    text = "\n".join(["x,y,score", *lines])
    return read_csv(text.encode(), "t", direction="minimize")


def test_a_table_without_ids_is_known_by_its_values_in_any_order(project, owner):
    import_search(project, table("1,a,0.5", "1,a,0.6", "2,b,0.7"), by=owner)
    done = import_search(project, table("2,b,0.7", "3,c,0.1", "1,a,0.6", "1,a,0.5"), by=owner)
    assert counts(done) == (1, 0, 3, 0)
    done = import_search(project, table("1,a,0.5", "1,a,0.65", "2,b,0.7"), by=owner)
    assert counts(done) == (3, 0, 0, 1)
    assert Experiment.objects.count() == 2


def test_a_run_of_tensorboard_goes_on_until_what_it_had_is_another(project, owner, tmp_path):
    def bring(folder, *losses):
        write(tmp_path / folder, [("val_loss", loss) for loss in losses], {"units": 8})
        search = read_folder(tmp_path / folder, "logs", Asked(), limits())
        return import_search(project, search, by=owner)

    first = bring("a", 0.5).experiment
    assert bring("b", 0.5, 0.25).outcome.continued == 1
    assert scores(first) == [0.25]
    done = bring("c", 0.75, 0.25)
    assert (done.experiment != first, done.alike) == (True, first)


def test_another_direction_is_another_view_of_the_same_trials(project, owner):
    import_search(project, read_csv(b"x,score\n1,2\n", "t", direction="minimize"), by=owner)
    done = import_search(project, read_csv(b"x,score\n1,2\n", "t", direction="maximize"), by=owner)
    assert done.outcome.differences == (
        "The objective is score, maximize now; score, minimize when it was imported.",
    )
    assert Experiment.objects.count() == 2


def test_a_running_search_of_another_site_comes_again_when_it_has_ended(project, owner):
    def lines(state, score):
        head = {"objective": "val_loss", "direction": "minimize", "code": "c"}
        trials = [
            {"number": 0, "state": "completed", "values": {"x": 1}, "score": 1},
            {"number": 1, "state": state, "values": {"x": 2}, "score": score},
            {"number": 2, "state": "waiting", "values": {"x": 3}},
        ]
        documents = [{"search": head}, *trials]
        return read_json_lines("\n".join(map(json.dumps, documents)).encode(), "x")

    assert counts(import_search(project, lines("paused", None), by=owner)) == (2, 0, 0, 0)
    done = import_search(project, lines("completed", 0.5), by=owner)
    assert (counts(done), done.outcome.skipped) == ((0, 1, 1, 0), 1)


def test_an_import_of_an_earlier_version_is_known_again(project, owner):
    """Its trials don't say whether they are open: those that were cut off are."""
    running = changed(
        "kt148_random",
        "trial_3/trial.json",
        lambda s: s.update(status="RUNNING", score=None, metrics={"metrics": {}}),
    )
    first = import_search(project, read_project(running, "x"), by=owner).experiment
    for trial in first.trials.all():
        del trial.source["open"]
        trial.save()
    done = import_search(project, read_project(files("kt148_random"), "x"), by=owner)
    assert (done.experiment, *counts(done)) == (first, 0, 1, 4, 0)


def test_searches_of_other_values_are_not_called_alike(project, owner):
    import_search(project, read_project(files("kt148_random"), "x"), by=owner)
    other = read_project(files("kt113_random"), "x")
    assert recognise(project, other) is None
    assert Outcome.of(other, None).differences == ()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("there", [False, True], ids=["new", "grown"])
def test_two_imports_at_once_make_one_experiment(project, owner, there):
    whole = read_project(files("kt148_random"), "x")
    smaller = {path: text for path, text in files("kt148_random").items() if "trial_4" not in path}
    if there:
        import_search(project, read_project(smaller, "x"), by=owner)
    together, done = Barrier(4), []

    def run():
        try:
            done.append(import_search(project, whole, by=owner, tell=lambda _: together.wait(20)))
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.experiment.pk for each in done}) == 1
    assert sorted(each.outcome.added for each in done) == [0, 0, 0, 1 if there else 5]
    assert Trial.objects.count() == 5 and Experiment.objects.count() == 1
