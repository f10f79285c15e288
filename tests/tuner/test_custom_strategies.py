"""Searches by samplers, pruners and tuners that are code of the project: asked in the sandbox, recorded, replayed."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from experiments.models import Experiment, HyperModel, Project
from experiments.plan import DataFacts, ExperimentPlan, PlanError
from experiments.reports.site.code_versions import CodeShelf
from experiments.services.code.versions import add_code
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.tuner.code_reading import check_code, read_code
from tests.searches import SCHEMA, make_dataset, make_plan, make_seat, run_search
from tests.training.sandbox import strategies

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "plugins.md"
TUNER, SAMPLER, PRUNER, _ = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)


@pytest.fixture
def written(project, author, queues, asking):
    def write(name, source):
        version = add_code(project, name, source, by=author)
        read_code(version.pk)
        version.refresh_from_db()
        return version

    return write


def facts(project):
    shelf = CodeShelf(project.pk)
    return DataFacts(SCHEMA, (), shelf, shelf.strategies)


def search_by(project, author, *, max_trials=4, repeats=1, **chosen):
    plan = make_plan(make_dataset(project), max_trials=max_trials, repeats=repeats, epochs=4)
    read = ExperimentPlan.from_dict(plan.to_dict() | chosen, facts(project))
    experiment = create_experiment(project, replace(read, baselines=False), by=author)
    start_experiment(experiment, by=author)
    return run_search(experiment, make_seat())


def named(version):
    return f"{version.reading['strategy']['slug']}@{version.pk}"


def test_a_search_by_a_sampler_of_ones_own_is_asked_in_the_sandbox_and_replays(
    project, author, written, capsys
):
    version = written("Draws", strategies.SAMPLER)
    assert version.hypermodel.kind == HyperModel.Kind.SAMPLER
    assert version.reading["state"] == "read", version.reading
    assert version.reading["strategy"]["options"][0]["default"] == 200
    slug = named(version)
    experiment = search_by(project, author, sampler=slug, sampler_options={"tries": 150})
    assert experiment.state == Experiment.State.COMPLETED, experiment.state_reason
    assert experiment.sampler == slug == f"drawn@{version.pk}"
    assert experiment.sampler_options == {"tries": 150}
    trials = list(experiment.trials.all())
    assert len(trials) == 4 and {trial.why for trial in trials} == {"Random."}
    call_command("replay", str(experiment.code))
    assert "4 of 4 suggestions equal, 100%" in capsys.readouterr().out


def test_a_newer_version_changes_no_search_that_began_with_an_older_one(project, author, written):
    old = written("Draws", strategies.SAMPLER)
    new = written("Draws", strategies.SAMPLER.replace("Random.", "Drawn again."))
    assert (old.number, new.number) == (1, 2)
    slugs = list(CodeShelf(project.pk).strategies.samplers)
    assert slugs == [named(new)]
    experiment = search_by(project, author, sampler=named(old), max_trials=1)
    assert experiment.trials.get().why == "Random."


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (strategies.suggesting("if number == 1: raise KeyError('score')"), "KeyError"),
        (strategies.suggesting("if number == 1: import os; os._exit(1)"), "exited its process"),
        (strategies.suggesting("return Suggestion({'units': 3}, 'No.', 'explore')"), "failed"),
        (strategies.suggesting("return 5"), "failed"),
    ],
    ids=["raises", "exits", "outside", "wrong"],
)
def test_one_that_breaks_fails_the_search_with_line_and_traceback(
    project, author, written, source, words
):
    version = written("Breaks", source)
    experiment = search_by(project, author, sampler=named(version), max_trials=3)
    assert experiment.state == Experiment.State.FAILED
    assert words in experiment.state_reason and named(version) in experiment.state_reason
    if words == "KeyError":
        line = next(n for n, text in enumerate(source.splitlines(), 1) if "KeyError" in text)
        assert f"line {line}: " in experiment.state_reason
        assert f'"strategy.py", line {line}' in experiment.state_traceback
        assert experiment.trials.count() == 1


def test_a_pruner_of_ones_own_stops_trials(project, author, written):
    version = written("Behind", strategies.PRUNER)
    experiment = search_by(
        project, author, pruner=named(version), pruner_options={"epochs": 1}, max_trials=16
    )
    assert experiment.state == Experiment.State.COMPLETED, experiment.state_reason
    stopped = experiment.trials.filter(state="pruned")
    assert stopped.exists()
    assert "Worse than everybody else." in stopped[0].failure_message


def test_a_pruner_that_raises_fails_the_search_with_its_line(project, author, written):
    source = strategies.PRUNER.replace(
        "        epoch = len(", "        1 / 0\n        epoch = len("
    )
    experiment = search_by(project, author, pruner=named(written("Bad", source)))
    assert experiment.state == Experiment.State.FAILED
    assert "ZeroDivisionError" in experiment.state_reason
    assert "1 / 0" in experiment.state_traceback or "strategy.py" in experiment.state_traceback


def test_a_tuner_of_ones_own_says_what_when_and_how_good(project, author, written):
    version = written("Own loop", strategies.TUNER)
    assert version.hypermodel.kind == HyperModel.Kind.TUNER
    experiment = search_by(project, author, sampler=named(version), max_trials=9, repeats=2)
    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.state_reason == "Two trials are enough."
    assert experiment.trials.count() == 2
    for trial in experiment.trials.all():
        scores = [each.score for each in trial.executions.all()]
        assert trial.score == pytest.approx(min(scores) - 1000)
        assert trial.spread is None
    call_command("replay", str(experiment.code))


def test_a_tuner_that_can_not_score_fails_the_trial_as_its_code(project, author, written):
    source = strategies.TUNER.replace("return min(outcome.executions) - 1000", "return 'good'")
    experiment = search_by(project, author, sampler=named(written("Bad", source)), max_trials=1)
    trial = experiment.trials.get()
    assert (trial.state, trial.failure_kind) == ("failed", "user_code")
    assert "can't score the trial" in trial.failure_message


def test_checks_tell_which_rule_is_broken_and_where(written):
    good = written("Draws", strategies.SAMPLER)
    check_code(good.pk)
    good.refresh_from_db()
    assert good.checks["state"] == "done" and not good.checks["problem"]
    assert {each["passed"] for each in good.checks["parts"]} == {True}
    bad = written("Breaks", strategies.suggesting("history.trials.clear()"))
    check_code(bad.pk)
    bad.refresh_from_db()
    broken = [each for each in bad.checks["parts"] if not each["passed"]]
    assert broken and all(each["line"] and "AttributeError" in each["message"] for each in broken)


def test_a_text_that_can_not_be_loaded_says_where(written):
    version = written("Bad", "x = 1\n\n1 / 0\n" + strategies.SAMPLER)
    assert version.reading["state"] == "failed"
    assert "ZeroDivisionError" in version.reading["problem"] and version.reading["line"] == 3


def test_a_name_stays_what_it_is(project, author, written):
    written("Draws", strategies.SAMPLER)
    with pytest.raises(NotAllowed, match="is a sampler, but this code is a pruner"):
        add_code(project, "Draws", strategies.PRUNER, by=author)


def test_a_plan_names_only_what_its_project_has(project, author, written):
    version = written("Draws", strategies.SAMPLER)
    plan = make_plan(make_dataset(project)).to_dict()
    other = Project.objects.create(slug="other", name="Other")
    for sampler, where in ((named(version), other), ("drawn@999", project), ("drawn@x", project)):
        with pytest.raises(PlanError, match="sampler"):
            ExperimentPlan.from_dict(plan | {"sampler": sampler}, facts(where))
    with pytest.raises(PlanError, match="tries"):
        chosen = {"sampler": named(version), "sampler_options": {"tries": 0}}
        ExperimentPlan.from_dict(plan | chosen, facts(project))
    with pytest.raises(PlanError, match="pruner"):
        ExperimentPlan.from_dict(plan | {"pruner": named(version)}, facts(project))


@pytest.mark.parametrize("source", [TUNER, SAMPLER, PRUNER], ids=["tuner", "sampler", "pruner"])
def test_the_guides_own_pass_their_check(written, source):
    version = written("Guide", source)
    assert version.reading["state"] == "read", version.reading
    check_code(version.pk)
    version.refresh_from_db()
    assert not version.checks["problem"], version.checks
    assert [each["name"] for each in version.checks["parts"] if not each["passed"]] == []


def test_the_guides_tuner_judges_a_fixed_batch_by_its_worst_fold(project, author, written):
    version = written("Fixed batch", TUNER)
    experiment = search_by(
        project,
        author,
        sampler=named(version),
        sampler_options={"size": 2},
        repeats=3,
        max_trials=9,
    )
    assert experiment.state_reason == "The batch of 2 configurations was tried."
    for trial in experiment.trials.all():
        assert trial.score == min(each.score for each in trial.executions.all())
