"""Deletes files beyond a search's retention rule.

Rows go first and files after the commit: nothing is served that is gone, and what a crash leaves
between the two is an orphan that the sweeper takes.
"""

import logging
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from experiments import storage
from experiments.evaluation.keep import NOTHING, Keep, stored_keep
from experiments.models import Artifact, Execution, Experiment, Purpose, Trial
from experiments.number_words import size
from experiments.services.bundles.bundles import being_made
from experiments.services.experiments.states import NotAllowed, lock_experiment
from experiments.services.site import activity

Kind, State = Artifact.Kind, Trial.State
SETTLED: Final = (State.COMPLETED, State.PRUNED)  # nobody can put these back
ARTIFACT_FIELDS: Final = ("pk", "trial_id", "kind", "path", "bytes")
ENDED: Final = (Experiment.State.COMPLETED, Experiment.State.STOPPED, Experiment.State.FAILED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Removal:
    """What a rule deletes: files by their records, logs and checkpoints by their executions."""

    artifacts: tuple[Artifact, ...] = ()
    logs: tuple[Execution, ...] = ()
    checkpoints: tuple[Execution, ...] = ()

    @property
    def files(self) -> int:
        return len(self.artifacts) + len(self.checkpoints)

    @property
    def bytes(self) -> int:
        """How much of the disk: files and checkpoints, without logs, which the database holds."""
        total = sum(artifact.bytes for artifact in self.artifacts)
        return total + sum(storage.folder_bytes(each.checkpoint_path) for each in self.checkpoints)

    def __bool__(self) -> bool:
        return bool(self.artifacts or self.logs or self.checkpoints)


@dataclass(frozen=True, slots=True)
class WouldFree:
    """What a rule would delete: files and folders, their bytes, and logs, which are no files."""

    files: int
    bytes: int
    logs: int

    def __bool__(self) -> bool:
        return bool(self.files or self.logs)


def spared(experiment: Experiment) -> set[int]:
    """Keys of the trials that no rule touches: the winner, its equals, and those with a zip."""
    found = {experiment.best_trial_id, experiment.recommended_trial_id}
    tied = experiment.winner.get("tied") or []
    found |= set(experiment.trials.filter(number__in=tied).values_list("pk", flat=True))
    zips = Artifact.objects.filter(trial__experiment=experiment, kind=Kind.BUNDLE)
    found |= set(zips.values_list("trial_id", flat=True))
    return {pk for pk in found if pk is not None}


def removal_of(experiment: Experiment, keep: Keep) -> Removal:
    """What may go by a rule. Trials that run, wait or are paused are left alone."""
    chosen = _chosen(experiment, keep)
    return Removal(tuple(chosen.artifacts), tuple(chosen.logs), tuple(chosen.checkpoints))


def would_free(experiment: Experiment, keep: Keep) -> WouldFree:
    """What a rule would delete, in sums: pages ask, and a search may have tens of thousands of files."""
    chosen = _chosen(experiment, keep)
    sums = chosen.artifacts.aggregate(files=Count("pk"), total_bytes=Sum("bytes"))
    folders = [storage.folder_bytes(each.checkpoint_path) for each in chosen.checkpoints]
    return WouldFree(
        files=sums["files"] + len(folders),
        bytes=(sums["total_bytes"] or 0) + sum(folders),
        logs=chosen.logs.count(),
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The records of what a rule deletes, not yet read."""

    artifacts: QuerySet[Artifact]
    logs: QuerySet[Execution]
    checkpoints: QuerySet[Execution]


def _chosen(experiment: Experiment, keep: Keep) -> _Chosen:
    if experiment.purpose == Purpose.REFIT:
        nothing = Execution.objects.none()
        return _Chosen(Artifact.objects.none(), nothing, nothing)
    safe = spared(experiment)
    over = SETTLED if experiment.state not in ENDED else Trial.TERMINAL
    trials = experiment.trials.filter(state__in=over).exclude(pk__in=safe)
    models = _beyond(experiment, trials, keep.models, keep.models_best)
    predictions = _beyond(experiment, trials, keep.predictions, keep.predictions_best)
    goes = Q(trial__in=models, kind=Kind.MODEL) | Q(trial__in=predictions, kind=Kind.PREDICTIONS)
    files = Artifact.objects.filter(goes).order_by("pk")
    ended = keep.checkpoints == "ended" and over != SETTLED
    return _Chosen(
        artifacts=files.exclude(trial__in=being_made()).only(*ARTIFACT_FIELDS),
        logs=_logs(trials, keep),
        checkpoints=_checkpoints(trials if ended else trials.none()),
    )


def whole_removal(experiment: Experiment) -> Removal:
    """Every file of an experiment that has ended, the winner's and the zips too."""
    trials = experiment.trials.filter(state__in=Trial.TERMINAL)
    artifacts = Artifact.objects.filter(trial__in=trials).order_by("pk")
    return Removal(tuple(artifacts), tuple(_logs(trials, NOTHING)), tuple(_checkpoints(trials)))


def keep_by_rule(experiment_pk: int) -> int:
    """Delete what the experiment's own rule deletes; how many bytes of the disk that freed."""
    experiment = Experiment.objects.filter(pk=experiment_pk, purpose=Purpose.SEARCH).first()
    if experiment is None:
        return 0
    keep = stored_keep(experiment.plan)
    if keep.asks_for_nothing:
        return 0
    if _is_expired(experiment, keep):
        why = f"Files are kept for {keep.days} days after the search ends."
        freed, files = _remove(experiment, replace(NOTHING, logs=keep.logs), why)
        if files:
            _note(experiment, f"Deleted {files} files, {size(freed)}. {why}", freed, None)
        return freed
    return _remove(experiment, keep, "")[0]


def clean_up(experiment: Experiment, keep: Keep, *, by: User | None) -> int:
    """Delete by another rule than the experiment's own, once; the bytes freed. Raises NotAllowed."""
    if experiment.purpose == Purpose.REFIT:
        raise NotAllowed("A single model can't be cleaned up. Delete all files, or none.")
    freed, files = _remove(experiment, keep, "Deleted manually to free disk space.")
    _note(experiment, f"Deleted {files} files ({size(freed)})", freed, by)
    return freed


def delete_all_files(experiment: Experiment, *, by: User | None) -> int:
    """Delete every file; records stay. The bytes freed. Raises NotAllowed unless it has ended."""
    if experiment.state not in ENDED:
        raise NotAllowed("Its files are in use until it ends. Stop it first.")
    freed, files = _remove(experiment, None, "All files of the experiment were deleted manually.")
    _note(experiment, f"Deleted all {files} files ({size(freed)})", freed, by)
    return freed


def keep_house_rules() -> None:
    """Apply every search's rule: what a crash left undone, and what has lain long enough."""
    rules = Experiment.objects.filter(purpose=Purpose.SEARCH).order_by("pk")
    for pk, rule in rules.values_list("pk", "plan__keep"):
        if rule and not stored_keep({"keep": rule}).asks_for_nothing:
            keep_by_rule(pk)


def _remove(experiment: Experiment, keep: Keep | None, why: str) -> tuple[int, int]:
    """Rows, then files: (bytes, files). keep None: everything. why empty: the rule's own words."""
    with transaction.atomic():
        locked = lock_experiment(experiment.pk)
        found = whole_removal(locked) if keep is None else removal_of(locked, keep)
        if not found:
            return 0, 0
        freed, files = found.bytes, found.files
        _mark(found, why, keep)
        Artifact.objects.filter(pk__in=[each.pk for each in found.artifacts]).delete()
        Execution.objects.filter(pk__in=[each.pk for each in found.logs]).update(log="")
        keys = [each.pk for each in found.checkpoints]
        Execution.objects.filter(pk__in=keys).update(checkpoint_path="", checkpoint_epoch=0)
        activity.next_event(experiment.pk)
    _delete([each.path for each in found.artifacts])
    _delete([each.checkpoint_path for each in found.checkpoints])
    return freed, files


def _mark(found: Removal, why: str, keep: Keep | None) -> None:
    """Write at each trial what was deleted and why, for its page."""
    keep = keep or NOTHING
    reasons: dict[int, dict[str, str]] = {}
    for each in found.artifacts:
        what = "models" if each.kind == Kind.MODEL else "predictions"
        about = why or f"Only the {what} of {keep.of_which(what)} are kept."
        reasons.setdefault(each.trial_id, {})[str(each.kind)] = about
    for execution in found.logs:
        about = why or f"Only the logs of {keep.of_which('logs')} are kept."
        reasons.setdefault(execution.trial_id, {})["log"] = about
    trials = list(Trial.objects.filter(pk__in=reasons).only("pk", "dropped"))
    for trial in trials:
        trial.dropped = trial.dropped | reasons[trial.pk]
    Trial.objects.bulk_update(trials, ["dropped"], batch_size=200)


def _beyond(
    experiment: Experiment, trials: QuerySet[Trial], which: str, best: int
) -> QuerySet[Trial]:
    if which == "all":
        return trials.none()
    if which == "none":
        return trials
    order = "score" if experiment.direction == "minimize" else "-score"
    scored = experiment.trials.filter(state=State.COMPLETED, score__isnull=False)
    top = list(scored.order_by(order, "number").values_list("pk", flat=True)[:best])
    return trials.exclude(pk__in=top)


def _logs(trials: QuerySet[Trial], keep: Keep) -> QuerySet[Execution]:
    if keep.logs == "all":
        return Execution.objects.none()
    if keep.logs == "failed":
        trials = trials.exclude(state=State.FAILED)
    return Execution.objects.filter(trial__in=trials).exclude(log="").only("pk", "trial_id")


def _checkpoints(trials: QuerySet[Trial]) -> QuerySet[Execution]:
    found = Execution.objects.filter(trial__in=trials).exclude(checkpoint_path="")
    return found.only("pk", "trial_id", "checkpoint_path")


def _is_expired(experiment: Experiment, keep: Keep) -> bool:
    if keep.days is None or experiment.ended is None or experiment.state not in ENDED:
        return False
    return timezone.now() - experiment.ended >= timedelta(days=keep.days)


def _delete(names: Iterable[str]) -> None:
    """Take files and folders off the disk; one that resists is left to the sweeper."""
    for name in names:
        path: Path = storage.absolute(name)
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s could not be deleted: %s", path, error)


def _note(experiment: Experiment, text: str, freed: int, by: User | None) -> None:
    activity.record(
        "experiment.files_deleted",
        text,
        experiment=experiment,
        user=by,
        detail={"bytes": freed},
    )
