"""When a search is looked over, what is written down, and what people make of it."""

import logging
from dataclasses import replace

import pytest

from experiments.check_outcomes import NotFound
from experiments.models import Activity, Experiment, Finding
from experiments.models.baselines_ahead import baselines_ahead
from experiments.reports.analysis.findings import checks_of
from experiments.search.findings import registry
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.findings import Looked, dismiss, record_look, restore
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.tuner import findings as looking
from experiments.tuner.turn import take_turn
from tests.examples import replan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_seat, run_search


def search(project, owner, trials, script):
    experiment = make_experiment(project, max_trials=trials)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat(ReplayPool(script)), turns=trials + 5)


def healthy(order, execution):
    score = 0.9 - abs(order.values["units"] - 64) / 1000
    return Recording(({"val_accuracy": score, "loss": 1.0},))


def test_a_healthy_search_is_looked_at_and_raises_nothing(project, owner):
    experiment = search(project, owner, 12, healthy)
    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.looked["ended"] == 12 and experiment.looked["scheduled"] == 12
    assert not Finding.objects.exists()


@pytest.mark.parametrize("trials", [1, 2, 3, 4, 5, 7, 9])
def test_a_search_that_ended_was_looked_at_as_it_ended(project, owner, trials):
    """Seen: 3 to 5 trials, and "Checked after 1 ended trial", with trials still to come."""
    experiment = search(project, owner, trials, healthy)
    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.looked["ended"] == trials
    idle = {check.title: check for check in checks_of(experiment).checks}["Idle slots"]
    assert idle.words == "The search isn't running"
    before = experiment.looked
    looking.look_over(experiment.pk)
    experiment.refresh_from_db()
    assert experiment.looked == before, "once"


def test_a_search_that_its_sampler_failed_is_looked_at_too(project, owner):
    experiment = make_experiment(project, max_trials=9)
    start_experiment(experiment, by=owner)
    seat = make_seat(ReplayPool(healthy))
    for _ in range(3):
        take_turn(experiment.pk, seat)
    Experiment.objects.filter(pk=experiment.pk).update(sampler="gone")
    experiment = run_search(experiment, seat)
    assert experiment.state == Experiment.State.FAILED
    assert (experiment.looked["ended"], experiment.looked["over"]) == (3, True)


def test_a_look_while_the_search_ran_comes_too_late_once_it_ended(project):
    experiment = make_experiment(project)
    assert record_look(experiment.pk, Looked(3, 0, 1, scheduled=False, over=True), CLEAR)
    assert not record_look(experiment.pk, Looked(3, 0, 1, scheduled=False), CLEAR)


def found_of(experiment, **more):
    """A finding as a test of a region would make it."""
    outcome = registry.KINDS["leak"].check(
        type("SearchState", (), {"warnings": ("1 row is an exact copy. Remove it.",), "rows": 9})()
    )
    return {"leak": outcome}


ALL = registry.looked_for(scheduled=True)


CLEAR = {kind: NotFound(("everything",)) for kind in ALL}


def look(experiment, ended, outcomes):
    return record_look(experiment.pk, Looked(ended, 0, 1, scheduled=True), outcomes)


def test_a_finding_is_raised_once_cleared_and_seen_again(project):
    experiment = make_experiment(project)
    found = found_of(experiment)
    before = Experiment.objects.get(pk=experiment.pk).event_serial
    assert look(experiment, 10, found) and look(experiment, 13, found)
    [row] = Finding.objects.all()
    assert (row.raised_at, row.seen_at, row.cleared) == (10, 13, None)
    assert Activity.objects.filter(verb="finding.raised").count() == 1
    assert Experiment.objects.get(pk=experiment.pk).event_serial > before, "pages hear of it"
    assert look(experiment, 17, {"edge": NotFound(("25 trials",))})
    assert Finding.objects.get().cleared is None, "it was not looked for"
    assert look(experiment, 22, CLEAR)
    assert Finding.objects.get().cleared is not None
    assert look(experiment, 28, found)
    assert Finding.objects.get().cleared is None


def test_who_looked_at_fewer_trials_is_too_late(project):
    experiment = make_experiment(project)
    assert look(experiment, 20, CLEAR)
    assert not look(experiment, 10, found_of(experiment))
    assert not Finding.objects.exists()


def test_a_dismissal_is_remembered_with_its_reason_and_can_be_undone(project, editor):
    experiment = make_experiment(project)
    look(experiment, 10, found_of(experiment))
    with pytest.raises(NotAllowed, match="Enter a reason"):
        dismiss(Finding.objects.get(), reason="  ", by=editor)
    with pytest.raises(NotAllowed, match="at most 500"):
        dismiss(Finding.objects.get(), reason="x" * 501, by=editor)
    dismiss(Finding.objects.get(), reason="The copies are meant.", by=editor)
    look(experiment, 13, found_of(experiment))
    row = Finding.objects.get()
    assert row.dismissed and row.dismissed_by == editor and row.reason == "The copies are meant."
    with pytest.raises(NotAllowed, match="already"):
        dismiss(row, reason="Again.", by=editor)
    restore(row, by=editor)
    assert Finding.objects.get().dismissed is None
    with pytest.raises(NotAllowed, match="isn't dismissed"):
        restore(row, by=editor)
    verbs = list(Activity.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["finding.raised", "finding.dismissed", "finding.restored"]


def test_an_error_of_a_check_is_its_outcome_and_ends_no_search(
    project, owner, monkeypatch, caplog
):
    def broken(look):
        raise ValueError("singular")

    kind = replace(registry.KINDS["leak"], check=broken)
    monkeypatch.setitem(registry.KINDS, "leak", kind)
    with caplog.at_level(logging.ERROR):
        experiment = search(project, owner, 3, healthy)
    assert experiment.state == Experiment.State.COMPLETED
    assert "check for leak failed" in caplog.text
    first = checks_of(experiment).checks[0]
    assert (first.result, first.words) == (
        "not_checked",
        "The check ended with an error: singular",
    )
    looking.look_over(10**9)


def test_each_check_says_what_it_rests_on_or_why_it_was_not_made(project, owner):
    experiment = search(project, owner, 12, healthy)
    checks = {check.title: check for check in checks_of(experiment).checks}
    assert checks["Failing region"].result == "not_found"
    assert "12 ended trials, 0 of them failed" in checks["Failing region"].words
    edge = checks["Optimum at a boundary"]
    assert (edge.result, edge.needs) == ("not_checked", "25 or more")
    assert checks["Unstable optimum"].needs == "folds or repeats"
    assert checks_of(experiment).sentence.startswith("No findings in ")
    assert "could not be made" in checks_of(experiment).sentence


def test_an_earlier_search_of_the_same_question_is_found(project, owner):
    first = search(project, owner, 12, healthy)
    second = search(project, owner, 6, healthy)
    [row] = Finding.objects.filter(experiment=second)
    assert row.kind == "repeats" and row.subject == str(first.code)
    assert not Finding.objects.filter(experiment=first).exists()


def with_linear(project, owner, trials, *, linear, late=False, **plan):
    """A search of so many trials beside a linear model of this score, which ends first, or last."""

    def script(order, execution):
        is_linear = order.model.slug == "linear"
        score = linear if is_linear else 0.9 - abs(order.values["units"] - 64) / 1000
        return Recording(({"val_accuracy": score, "loss": 1.0},))

    experiment = make_experiment(project, max_trials=trials)
    if plan:
        Experiment.objects.filter(pk=experiment.pk).update(pruner="none")
        replan(experiment, **plan)
        experiment.refresh_from_db()
    start_search(experiment, by=owner)
    seat = make_seat(ReplayPool(script))
    runs = {run.hypermodel_version.hypermodel.slug: run for run in experiment.follow_ups.all()}
    order = [runs["linear"], experiment]
    for each in reversed(order) if late else order:
        run_search(each, seat, turns=20)
    experiment.refresh_from_db()
    return experiment, runs["linear"]


@pytest.mark.parametrize(("trials", "late"), [(12, False), (3, False), (3, True)])
def test_a_baseline_that_wins_is_found_and_leads_to_its_trial(
    project, owner, queues, trials, late
):
    experiment, linear = with_linear(project, owner, trials, linear=0.99, late=late)
    found = Finding.objects.get(experiment=experiment, kind="baseline", cleared=None)
    [ahead] = [each for each in baselines_ahead(experiment) if each.phrase == "a linear model"]
    assert ahead.words in found.statement, "as the page begins"
    assert found.action["change"] == {"run": str(linear.code), "trial": 0}


def test_a_baseline_is_compared_by_the_main_of_several_objectives(project, owner, queues):
    more = [{"name": "parameters", "direction": "minimize"}]
    experiment, _ = with_linear(project, owner, 3, linear=0.99, more_objectives=more)
    found = Finding.objects.get(experiment=experiment, kind="baseline", cleared=None)
    assert "A linear model is at least as good (main objective: val_accuracy): " in found.statement


def test_a_baseline_behind_is_not_found_after_three_trials(project, owner, queues):
    experiment, _ = with_linear(project, owner, 3, linear=0.2)
    check = {check.title: check for check in checks_of(experiment).checks}["Baseline wins"]
    assert check.result == "not_found", check.words
    assert "a linear model (0.2)" in check.words
