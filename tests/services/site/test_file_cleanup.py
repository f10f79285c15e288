"""What a search keeps on the disk: its rule, a clean-up by hand, and what neither may touch."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments import storage
from experiments.digests import sha256_of
from experiments.evaluation.keep import Keep
from experiments.models import Activity, Artifact, Execution, Experiment, Trial
from experiments.services.bundles import bundles
from experiments.services.experiments.follow_ups import refit, run_again
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.services.site import file_cleanup
from experiments.services.site.invariants import broken_invariants
from tests.replay_pool import MODEL, ReplayPool, smooth_curve
from tests.searches import make_dataset, make_plan, make_seat, run_search


@pytest.fixture
def searched(project, owner, queues):
    """Makes a search that has ended, of six trials with a log and a model of 16 bytes each."""

    def make(keep=None, **budget):
        plan = replace(
            make_plan(make_dataset(), **{"max_trials": 6, **budget}), keep=keep or Keep()
        )
        experiment = create_experiment(project, plan, by=owner)
        start_experiment(experiment, by=owner)
        return run_search(experiment, make_seat(ReplayPool(script=talking)))

    return make


def talking(order, execution):
    return replace(smooth_curve(order, execution), log=("hello\n",))


def on_disk(experiment):
    """Bytes below the folders of the experiment's trials."""
    folders = [storage.trials_folder() / str(pk) for pk in trials_of(experiment)]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files)


def trials_of(experiment):
    return experiment.trials.order_by("number").values_list("pk", flat=True)


def by_score(experiment):
    """Numbers of the trials, the best first."""
    return list(experiment.trials.order_by("-score", "number").values_list("number", flat=True))


def with_model(experiment):
    kind = Artifact.Kind.MODEL
    found = Artifact.objects.filter(trial__experiment=experiment, kind=kind)
    return sorted(found.values_list("trial__number", flat=True))


def test_everything_stays_by_default(searched):
    experiment = searched()
    assert with_model(experiment) == list(range(6))
    assert on_disk(experiment) == 6 * len(MODEL)
    assert file_cleanup.keep_by_rule(experiment.pk) == 0


def test_a_rule_acts_as_soon_as_a_trial_settles(searched):
    experiment = searched(Keep(models="best", models_best=2, logs="failed"))
    assert with_model(experiment) == sorted(by_score(experiment)[:2])
    assert on_disk(experiment) == 2 * len(MODEL)
    last = experiment.trials.get(number=by_score(experiment)[-1])
    assert last.dropped == {
        "model": "Only the models of the best 2 trials are kept.",
        "log": "Only the logs of failed trials are kept.",
    }
    assert last.score is not None and last.executions.get().history
    best = experiment.best_trial
    assert best.dropped == {} and "hello" in best.executions.get().log
    assert not list(broken_invariants())


def test_of_none_the_winner_its_equals_and_what_has_a_zip_stay(searched):
    experiment = searched()
    numbers = by_score(experiment)
    tied, zipped, waited = (experiment.trials.get(number=n) for n in numbers[2:5])
    Experiment.objects.filter(pk=experiment.pk).update(winner={"tied": [numbers[0], tied.number]})
    Artifact.objects.create(
        trial=zipped, kind=Artifact.Kind.BUNDLE, path="bundles/x.zip", bytes=1, sha256="0" * 64
    )
    note = bundles._pending_note(bundles._zip_path(bundles._subject(waited)))
    storage.write_whole(note, b"somebody waits")
    experiment.refresh_from_db()
    freed = file_cleanup.clean_up(experiment, Keep(models="none"), by=None)
    assert freed == 2 * len(MODEL)
    assert with_model(experiment) == sorted([numbers[0], *numbers[2:5]])


def test_predictions_have_a_rule_of_their_own(searched):
    experiment = searched()
    for artifact in Artifact.objects.filter(trial__experiment=experiment).order_by("pk"):
        path = storage.absolute(artifact.path).with_suffix(".predictions.npz")
        path.write_bytes(b"p" * 100)
        Artifact.objects.create(
            trial=artifact.trial,
            execution=artifact.execution,
            kind=Artifact.Kind.PREDICTIONS,
            path=storage.relative(path),
            bytes=100,
            sha256=sha256_of(path),
        )
    before = on_disk(experiment)
    freed = file_cleanup.clean_up(
        experiment, Keep(predictions="best", predictions_best=2), by=None
    )
    assert freed == before - on_disk(experiment) == 400
    assert with_model(experiment) == list(range(6))
    last = experiment.trials.get(number=by_score(experiment)[-1])
    assert set(last.dropped) == {"predictions"}
    assert not list(broken_invariants())


def test_a_clean_up_frees_what_it_announced_and_is_written_down(searched, editor):
    experiment = searched()
    before = on_disk(experiment)
    keep = Keep(models="best", models_best=3)
    announced = file_cleanup.would_free(experiment, keep).bytes
    freed = file_cleanup.clean_up(experiment, keep, by=editor)
    assert before - on_disk(experiment) == freed == announced == 3 * len(MODEL)
    line = Activity.objects.get(verb="experiment.files_deleted")
    assert (line.user, line.detail) == (editor, {"bytes": freed})
    assert line.text == "Deleted 3 files (48 B)"
    assert not file_cleanup.would_free(experiment, keep)


@pytest.mark.parametrize(
    "keep",
    [
        Keep(models="none"),
        Keep(models="best", models_best=2, predictions="none", logs="failed"),
        Keep(predictions="best", predictions_best=1, checkpoints="ended"),
    ],
)
def test_the_sums_of_a_rule_are_those_of_the_files_that_it_deletes(
    searched, keep, django_assert_max_num_queries
):
    experiment = searched()
    folder = storage.trial_folder(experiment.trials.get(number=0).pk, "token") / "checkpoint-1-2"
    folder.mkdir(parents=True)
    (folder / "arrays.npz").write_bytes(b"x" * 1000)
    Execution.objects.filter(trial__number=0).update(checkpoint_path=storage.relative(folder))
    found = file_cleanup.removal_of(experiment, keep)
    with django_assert_max_num_queries(8):  # however many files there are
        told = file_cleanup.would_free(experiment, keep)
    assert (told.files, told.bytes, told.logs) == (found.files, found.bytes, len(found.logs))


def test_trials_that_may_go_on_keep_theirs_while_the_search_runs(searched, project, owner):
    experiment = searched()
    Experiment.objects.filter(pk=experiment.pk).update(state="running")
    numbers = by_score(experiment)
    for number, state in zip(numbers[3:], ("running", "paused", "failed"), strict=True):
        experiment.trials.filter(number=number).update(state=state)
    experiment.refresh_from_db()
    file_cleanup.clean_up(experiment, Keep(models="none"), by=None)
    assert with_model(experiment) == sorted([numbers[0], *numbers[3:]])


def test_after_so_many_days_all_go_but_the_winners(searched):
    experiment = searched(Keep(days=7))
    file_cleanup.keep_house_rules()
    assert on_disk(experiment) == 6 * len(MODEL)
    week_ago = timezone.now() - timedelta(days=7)
    Experiment.objects.filter(pk=experiment.pk).update(ended=week_ago)
    file_cleanup.keep_house_rules()
    assert with_model(experiment) == by_score(experiment)[:1]
    assert on_disk(experiment) == len(MODEL)
    assert "kept for 7 days" in Activity.objects.get(verb="experiment.files_deleted").text
    assert experiment.trials.filter(executions__log="").count() == 0  # logs have their own rule


def test_checkpoints_go_with_the_end_where_that_is_asked_for(searched):
    experiment = searched(Keep(checkpoints="ended"))
    failed = experiment.trials.get(number=by_score(experiment)[-1])
    folder = storage.trial_folder(failed.pk, "token") / "checkpoint-1-2"
    folder.mkdir(parents=True)
    (folder / "arrays.npz").write_bytes(b"x" * 1000)
    Trial.objects.filter(pk=failed.pk).update(state="failed")
    name = storage.relative(folder)
    Execution.objects.filter(trial=failed).update(checkpoint_path=name, checkpoint_epoch=2)
    assert file_cleanup.keep_by_rule(experiment.pk) == 1000
    assert not folder.exists()
    assert Execution.objects.get(trial=failed).checkpoint_path == ""


def test_a_refit_keeps_its_model_and_a_trial_without_one_can_run_again(searched, editor):
    experiment = searched(Keep(models="none"))
    gone = experiment.trials.get(number=by_score(experiment)[-1])
    assert "model" in gone.dropped
    again = run_search(run_again(gone, by=editor), make_seat())
    assert with_model(again) == [0]
    made = run_search(refit(experiment.best_trial, by=editor), make_seat())
    assert not file_cleanup.would_free(made, Keep(models="none"))
    with pytest.raises(NotAllowed, match="single model"):
        file_cleanup.clean_up(made, Keep(models="none"), by=editor)
    file_cleanup.keep_house_rules()
    assert with_model(made) == with_model(again) == [0]


def test_all_files_of_an_ended_experiment_can_go_and_its_records_stay(searched, owner):
    experiment = searched()
    Experiment.objects.filter(pk=experiment.pk).update(state="running")
    experiment.refresh_from_db()
    with pytest.raises(NotAllowed, match="Stop it first"):
        file_cleanup.delete_all_files(experiment, by=owner)
    Experiment.objects.filter(pk=experiment.pk).update(state="completed")
    experiment.refresh_from_db()
    assert file_cleanup.delete_all_files(experiment, by=owner) == 6 * len(MODEL)
    assert (on_disk(experiment), with_model(experiment)) == (0, [])
    assert experiment.trials.filter(score__isnull=False).count() == 6
    assert not list(broken_invariants())


def test_a_file_that_is_gone_already_stops_nothing(searched):
    experiment = searched()
    for path in storage.trials_folder().rglob("*.keras"):
        path.unlink()
    file_cleanup.clean_up(experiment, Keep(models="none"), by=None)
    assert with_model(experiment) == by_score(experiment)[:1]
