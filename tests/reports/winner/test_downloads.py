"""What a download's button says: fold, epoch and rows of the model; the refit first once there is one."""

from dataclasses import replace

import pytest

from experiments.evaluation.protocol import Protocol
from experiments.models import Artifact, Execution, Experiment
from experiments.models.trained_weights import best_model, origin
from experiments.reports.winner.downloads import download_of
from experiments.reports.winner.models import ModelFilter, model_lines, model_trials
from experiments.services.experiments.follow_ups import refit
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from tests.searches import make_dataset, make_experiment, make_plan, make_seat, run_search


def searched(project, protocol, trials=1):
    plan = make_plan(make_dataset(), max_trials=trials)
    experiment = create_experiment(project, replace(plan, protocol=protocol), by=None)
    start_experiment(experiment, by=None)
    return run_search(experiment, make_seat())


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (Protocol("k_fold", folds=3, repeats=1), "fold 2 of 3, epoch 2 of 3, 160 training rows"),
        (
            Protocol("k_fold", folds=3, repeats=2),
            "fold 2 of 3, seed 1 of 2, epoch 2 of 3, 160 training rows",
        ),
        (Protocol("subsampling", rounds=3), "round 2 of 3, epoch 2 of 3, 192 training rows"),
        (Protocol("holdout", repeats=2), "seed 2 of 2, epoch 2 of 3, 192 training rows"),
    ],
)
def test_it_names_fold_epoch_and_rows_of_the_best_execution(project, queues, protocol, words):
    protocol = replace(protocol, racing=False, locked_test_share=0.2)
    trial = searched(project, protocol).trials.get()
    trial.executions.update(score=0.1)
    trial.executions.filter(index=1).update(score=0.9, best_epoch=2, epochs=3)
    assert download_of(trial).first.words == words


def test_a_single_run_has_no_number(project, queues):
    trial = searched(project, Protocol("holdout", locked_test_share=0.2)).trials.get()
    trial.executions.update(best_epoch=3, epochs=3)
    assert download_of(trial).own.words == "epoch 3, 192 training rows"
    assert download_of(trial).refit is None


@pytest.mark.parametrize(("share", "rows"), [(0.2, "except the test set"), (0.0, "")])
def test_the_refit_is_offered_once_it_has_trained(project, owner, queues, share, rows):
    search = searched(project, Protocol("k_fold", folds=3, locked_test_share=share))
    trial = search.trials.get()
    run = refit(trial, by=owner)
    assert download_of(trial).first == download_of(trial).own
    run_search(run, make_seat())
    download = download_of(trial)
    assert download.first == download.refit
    assert (download.first.code, download.first.number) == (str(run.code), 0)
    assert download.first.words.startswith(f"refit on all rows {rows}".rstrip() + ", epoch ")
    assert download.first.words.endswith(f", {300 - round(300 * share)} training rows")
    assert download.own.code == str(search.code)
    Artifact.objects.filter(trial__experiment=run).delete()
    assert download_of(trial).refit is None


def test_rows_of_code_are_not_counted(project, queues):
    experiment = searched(project, Protocol("holdout"))
    experiment.split_facts = {}
    execution = Execution.objects.get(trial__experiment=experiment)
    execution.best_epoch, execution.epochs = 1, 1
    assert origin(experiment, execution) == "epoch 1"


def test_the_best_execution_is_taken(project, queues):
    trial = searched(project, Protocol("holdout", repeats=2)).trials.get()
    worse, better = trial.executions.order_by("index")
    Execution.objects.filter(pk=worse.pk).update(score=0.4)
    Execution.objects.filter(pk=better.pk).update(score=0.9)
    models = trial.artifacts.filter(kind=Artifact.Kind.MODEL).select_related("execution")
    assert best_model(models).execution == better
    trial.experiment.direction = "minimize"
    assert best_model(trial.artifacts.filter(kind=Artifact.Kind.MODEL)).execution == worse


def test_the_models_page_lists_the_refit_in_place_of_the_fold(project, owner, queues):
    search = make_experiment(project, max_trials=2)
    start_experiment(search, by=owner)
    run_search(search, make_seat())
    chosen = search.recommended_trial or search.best_trial
    [line] = model_lines(model_trials(project, ModelFilter()))
    assert (line.trial, line.scored) == (chosen, chosen)
    run = refit(chosen, by=owner)
    run_search(run, make_seat())
    for wanted in (ModelFilter(), ModelFilter(experiment=search.code)):
        [line] = model_lines(model_trials(project, wanted))
        assert (line.experiment, line.scored) == (run, chosen)
        assert line.words.startswith("refit on all rows")
    everything = model_lines(model_trials(project, ModelFilter(every=True)))
    assert len(everything) == 3
    Experiment.objects.filter(pk=run.pk).update(archived=run.created)
    [line] = model_lines(model_trials(project, ModelFilter()))
    assert line.trial == chosen
