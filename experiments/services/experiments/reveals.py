"""Reveals the score on the locked test set."""

import logging
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from experiments import queues, storage
from experiments.changed_files import in_words
from experiments.digests import ChangedFile
from experiments.evaluation.announced_range import AnnouncedRange
from experiments.evaluation.row_content import Content
from experiments.models import (
    Artifact,
    Experiment,
    Purpose,
    Reveal,
    RevealedRows,
    Trial,
)
from experiments.models.seen_rows import seen_rows
from experiments.services.experiments.reveal_scores import (
    ScoringFailed,
    baseline_scores,
    locked_scores,
)
from experiments.services.experiments.states import NotAllowed, lock_experiment
from experiments.services.site import activity
from experiments.services.site.projects import lock_project

JOB: Final = "experiments.jobs.score_reveal"

log = logging.getLogger(__name__)


def reveal(
    trial: Trial, *, reason: str, by: User, announced: AnnouncedRange | None = None
) -> Reveal:
    """Reveal the score of this trial's models on the locked test set. Raises NotAllowed.

    announced: the range that its page expects the score in; it is stored before there is a score.

    Every reveal is counted and stays, with its rows in the project's ledger; one that could not be
    scored is scored again, uncounted.
    """
    search = trial.experiment
    if search.purpose != Purpose.SEARCH:
        raise NotAllowed("The test score is revealed on the page of the search.")
    if search.training_data.why_not_locked:
        raise NotAllowed(search.training_data.why_not_locked)
    if not reason.strip():
        raise NotAllowed("Enter the reason for revealing the test score.")
    if not models_of(trial):
        raise NotAllowed(f"Trial {trial.number} has no stored model. Repeat it, or refit it.")
    content = _locked_content(search)
    with transaction.atomic():
        # Two searches of a project may lock the same rows.
        lock_project(search.project_id)
        current = lock_experiment(search.pk)
        last = current.reveals.order_by("number").last()
        if last is not None and last.state == Reveal.State.WAITING:
            raise NotAllowed("A reveal is already running.")
        if last is not None and last.state == Reveal.State.FAILED and last.trial_id == trial.pk:
            Reveal.objects.filter(pk=last.pk).update(state=Reveal.State.WAITING, message="")
            found = last
        else:
            earlier = seen_rows(current.project, content).reveals
            number = 1 + max(len(earlier), last.number if last else 0)
            found = _opened(current, trial, reason.strip(), by, number, announced)
            RevealedRows.objects.create(reveal=found, digests=RevealedRows.packed(content))
        activity.next_event(search.pk)
        queues.enqueue_short(JOB, found.pk)
    found.refresh_from_db()
    return found


def _locked_content(search: Experiment) -> Content:
    """The content digest of each locked row. Raises NotAllowed where there are none."""
    try:
        locked = storage.load_locked(search.split_hash)
        content, _ = storage.split_content(
            search.dataset_version.digest, locked, own_test=search.locks_own_test
        )
    except ChangedFile as changed:
        raise NotAllowed(in_words(changed)) from changed
    except FileNotFoundError as error:
        words = "The files of the split or the dataset are missing. Restore the data folder."
        raise NotAllowed(words) from error
    if not len(content):
        raise NotAllowed("This search has no locked test set.")
    return content


def _opened(
    search: Experiment,
    trial: Trial,
    reason: str,
    by: User,
    number: int,
    announced: AnnouncedRange | None,
) -> Reveal:
    which = "" if number == 1 else f", reveal {number}"
    activity.record(
        "experiment.revealed",
        f"Revealed the test score of trial {trial.number}{which}: {reason}",
        experiment=search,
        trial=trial,
        user=by,
        detail={"number": number, "reason": reason},
    )
    return Reveal.objects.create(
        experiment=search,
        trial=trial,
        number=number,
        reason=reason[:500],
        revealed_by=by,
        announced=announced.to_dict() if announced else {},
    )


def models_of(trial: Trial) -> list[Artifact]:
    """What is scored: the trial's newest refit where there is one, else its executions' models."""
    refits = Artifact.objects.filter(
        kind=Artifact.Kind.MODEL,
        trial__repeats=trial,
        trial__experiment__purpose=Purpose.REFIT,
        trial__state=Trial.State.COMPLETED,
    )
    newest = refits.order_by("-pk").first()
    if newest is not None:
        return [newest]
    own = trial.artifacts.filter(kind=Artifact.Kind.MODEL).select_related("execution")
    return list(own.order_by("execution__index"))


def score_reveal(reveal_pk: int) -> None:
    """Score a reveal and store the result, or why there is none."""
    found = Reveal.objects.select_related(
        "trial__experiment__dataset_version",
        "trial__experiment__hypermodel_version__hypermodel",
    ).get(pk=reveal_pk)
    if found.state != Reveal.State.WAITING:
        return
    try:
        models = models_of(found.trial)
        tested = locked_scores(found.trial, models)
        baselines = baseline_scores(found.trial.experiment)
    except (ScoringFailed, OSError, ValueError, KeyError) as error:
        log.exception("reveal %s failed", reveal_pk)
        words = in_words(error) if isinstance(error, ChangedFile) else str(error)
        _store(found, state=Reveal.State.FAILED, message=words[:1000])
        return
    _store(
        found,
        state=Reveal.State.READY,
        rows=tested.rows,
        each=[
            {"model": _name_of(model, found.trial), "values": values}
            for model, values in zip(models, tested.each, strict=True)
        ],
        scores=tested.scores,
        intervals=tested.intervals,
        baselines=baselines,
    )


def fail_reveal(reveal_pk: int, reason: str) -> None:
    """Give a reveal up whose job never came to its end; it can be asked for again, uncounted."""
    found = Reveal.objects.select_related("trial__experiment").get(pk=reveal_pk)
    _store(found, state=Reveal.State.FAILED, message=reason)


def _name_of(artifact: Artifact, trial: Trial) -> str:
    if artifact.trial_id != trial.pk:
        return f"refit of trial {trial.number}"
    index = artifact.execution.index if artifact.execution else 0
    return f"trial {trial.number}, execution {index + 1}"


def _store(found: Reveal, **columns: Any) -> None:
    with transaction.atomic():
        activity.next_event(found.experiment_id)
        Reveal.objects.filter(pk=found.pk).update(**columns)
