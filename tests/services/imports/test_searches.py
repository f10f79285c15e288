"""Searches from elsewhere: taken over once, brought up to date, never run."""

import json

import pytest
from django.db import connection
from django.forms import model_to_dict

from experiments.interop.keras_tuner.project_files import read_project
from experiments.interop.trial_table import read_csv
from experiments.models import Activity, Experiment, Trial
from experiments.reports.sampling.history import load_history
from experiments.search.models.observations import observe
from experiments.search.space.space import Space
from experiments.services.experiments.follow_ups import confirm
from experiments.services.experiments.lifecycle import resume_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.services.imports.recognition import recognise
from experiments.services.imports.rows import ready_trial
from experiments.services.imports.searches import import_search
from experiments.services.trials.bulk import requeue_trials
from experiments.services.trials.lifecycle import requeue_trial
from experiments.tuner.winner import name_winner
from tests.interop.projects import NAMES, changed, expected, files

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def read(name):
    return read_project(files(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_each_project_becomes_an_experiment_with_its_facts(project, owner, name):
    facts = expected(name)
    experiment = import_search(project, read(name), by=owner).experiment
    assert experiment.state == Experiment.State.IMPORTED
    assert experiment.trials.count() == facts["trials"]
    assert experiment.best_trial.source["id"] == facts["finite_best_trial_id"]
    assert experiment.best_trial.score == facts["finite_best_score"]
    numbers = list(experiment.trials.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(facts["trials"]))
    name_winner(experiment.pk)
    assert Activity.objects.get(verb="experiment.imported").user == owner


def test_a_second_import_changes_nothing(project, owner):
    first = import_search(project, read("kt148_random"), by=owner)
    again = import_search(project, read("kt148_random"), by=owner, name="Another name")
    assert again.experiment == first.experiment
    assert (again.outcome.known, again.outcome.unchanged) == (str(first.experiment.code), 5)
    assert not again.outcome.changes and "nothing changed" in again.text
    assert Trial.objects.count() == 5


def test_a_project_that_has_grown_brings_its_new_trials(project, owner):
    def still_running(source):
        source.update(status="RUNNING", score=None, best_step=0)
        source["metrics"]["metrics"] = {}

    given = changed("kt148_random", "trial_3/trial.json", still_running)
    given = {path: text for path, text in given.items() if "trial_4" not in path}
    oracle = json.loads(given["oracle.json"])
    oracle["start_order"].remove("4")
    given["oracle.json"] = json.dumps(oracle).encode()
    first = import_search(project, read_project(given, "x"), by=owner)
    assert first.experiment.trials.get(number=3).state == "stopped"
    again = import_search(project, read("kt148_random"), by=owner)
    assert again.experiment == first.experiment
    assert (again.outcome.added, again.outcome.completed) == (1, 1)
    assert again.experiment.trials.get(number=3).score == 0.375
    assert again.experiment.trials.count() == again.experiment.max_trials == 5


def test_another_project_imports_it_for_itself(project, owner):
    from experiments.models import Project

    other = Project.objects.create(slug="other", name="Other")
    import_search(project, read("kt148_random"), by=owner)
    assert not import_search(other, read("kt148_random"), by=owner).outcome.known


def test_nothing_of_it_can_run(project, owner):
    experiment = import_search(project, read("kt148_failing"), by=owner).experiment
    failed = experiment.trials.filter(state="failed").first()
    with pytest.raises(NotAllowed):
        resume_experiment(experiment, by=owner)
    with pytest.raises(NotAllowed, match="imported"):
        requeue_trial(failed, by=owner)
    with pytest.raises(NotAllowed, match="imported"):
        requeue_trials(experiment, [failed.number], by=owner)
    with pytest.raises(NotAllowed, match="imported"):
        confirm(experiment, [experiment.best_trial.number], by=owner)
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_samplers_can_learn_from_it(project, owner):
    experiment = import_search(project, read("kt148_random"), by=owner).experiment
    version = experiment.space_versions.get()
    space = Space.from_dict(version.space)
    observed = observe(space, load_history(experiment, version.counted_as))
    assert len(observed) == 5
    assert observed.finite.all()


def test_a_failure_keeps_its_traceback_as_text(project, owner):
    experiment = import_search(project, read("kt148_display"), by=owner).experiment
    trial = experiment.trials.get(number=2)
    assert trial.failure_message.startswith("ValueError: out of memory")
    assert "<b>bold</b>" in trial.traceback
    assert experiment.trials.get(number=7).failure_kind == "nan"


def test_a_run_that_goes_on_is_brought_up_to_date_before_it_ends(project, owner):
    head = b"trial,params.x,state,score,epochs,seconds\n1,1,,0.5,9,3.5\n"
    first = read_csv(head + b"2,2,running,,3,1\n", "table", direction="minimize")
    later = read_csv(head + b"2,2,running,,8,2\n", "table", direction="minimize")
    experiment = import_search(project, first, by=owner).experiment
    done = import_search(project, later, by=owner)
    assert (done.experiment, done.outcome.added, done.outcome.continued) == (experiment, 0, 1)
    trial = experiment.trials.get(number=1)
    assert (trial.state, trial.epochs, trial.seconds) == ("stopped", 8, 2.0)
    assert done.experiment.seconds_used == 5.5
    assert not import_search(project, later, by=owner).outcome.changes


def test_all_is_ready_before_the_transaction_in_which_others_wait(project, owner, monkeypatch):
    seen = []
    inside = connection.in_atomic_block, len(connection.savepoint_ids)

    def made(space, trial):
        seen.append((connection.in_atomic_block, len(connection.savepoint_ids)) == inside)
        return ready_trial(space, trial)

    monkeypatch.setattr("experiments.services.imports.searches.ready_trial", made)
    import_search(project, read("kt148_random"), by=owner)
    assert seen == [True] * 5


def test_what_others_took_away_meanwhile_is_written_again(project, owner, monkeypatch):
    first = import_search(project, read("kt148_random"), by=owner).experiment

    def look(*given):
        found = recognise(*given)
        first.trials.filter(number=2).delete()
        return found

    monkeypatch.setattr("experiments.services.imports.searches.recognise", look)
    done = import_search(project, read("kt148_random"), by=owner)
    assert (done.experiment, done.outcome.added) == (first, 1)
    assert sorted(trial.source["id"] for trial in first.trials.all()) == list("01234")


@pytest.mark.parametrize("name", NAMES)
def test_its_rows_are_those_that_the_models_would_write(project, owner, name):
    """Rows are written by SQL of our own: each is what Django reads, and would write again."""
    experiment = import_search(project, read(name), by=owner).experiment
    space = Space.from_dict(experiment.space_versions.get().space)
    for trial in experiment.trials.all():
        execution = trial.executions.get()
        assert trial.created is not None and trial.event_serial > 0
        assert trial.values_key == space.key(trial.values)
        assert (execution.state, execution.metrics) == (trial.state, trial.metrics)
        assert (execution.started, execution.ended) == (trial.started, trial.ended)
        for row in (trial, execution):
            before = model_to_dict(row)
            row.save()
            row.refresh_from_db()
            assert model_to_dict(row) == before
