"""Stores the findings of a search, and their dismissals."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from experiments.check_outcomes import stored
from experiments.models import Experiment, Finding
from experiments.search.findings.finding import Finding as Found
from experiments.search.findings.finding import Outcome
from experiments.search.findings.plan_changes import is_done
from experiments.search.findings.registry import findings_in
from experiments.search.space.space import Space
from experiments.services.experiments.states import NotAllowed, lock_experiment
from experiments.services.site import activity

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Looked:
    """The state in which a search was checked: ended and failed trials, version of its space.

    winner: which, and from how much it was named. scheduled: at a size fixed in advance, so that
    significance tests were made too. over: the search had ended.
    """

    ended: int
    failed: int
    version: int
    winner: Sequence[int | None] = ()
    _: KW_ONLY
    scheduled: bool
    over: bool = False


def record_look(experiment_pk: int, looked: Looked, outcomes: Mapping[str, Outcome]) -> bool:
    """Store what a look came to, by kind; whether no later look is stored.

    A finding of these kinds that was not found again is cleared; one that was is brought up to
    date. What was dismissed stays so, whatever is found. Of other kinds the earlier outcome stays.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        before = experiment.looked
        if (looked.ended, looked.over) < (before.get("ended", 0), before.get("over", False)):
            return False
        scheduled = looked.ended if looked.scheduled else experiment.looked.get("scheduled", 0)
        serial = activity.next_event(experiment_pk)
        Experiment.objects.filter(pk=experiment_pk).update(
            looked={
                "ended": looked.ended,
                "failed": looked.failed,
                "version": looked.version,
                "winner": list(looked.winner),
                "over": looked.over,
                "scheduled": scheduled,
                "serial": serial,
                "outcomes": {
                    **experiment.looked.get("outcomes", {}),
                    **{
                        kind: {**stored(outcome), "ended": looked.ended}
                        for kind, outcome in outcomes.items()
                    },
                },
            }
        )
        known = {
            (each.kind, each.subject): each
            for each in experiment.findings.filter(kind__in=outcomes)
        }
        current = {(each.kind, each.subject): each for each in findings_in(outcomes)}
        gone = [
            each.pk for key, each in known.items() if each.cleared is None and key not in current
        ]
        Finding.objects.filter(pk__in=gone).update(cleared=Now(), event_serial=serial)
        for key, each in current.items():
            _write(experiment, known.get(key), each, looked.ended, serial)
    return True


def _write(
    experiment: Experiment, before: Finding | None, found: Found, ended: int, serial: int
) -> None:
    row = found.to_dict()
    fields = {
        "statement": found.statement[:1000],
        "gain": found.gain[:300],
        "evidence": row["evidence"],
        "confidence": row["confidence"],
        "action": row["action"],
        "trials": list(found.trials),
        "seen_at": ended,
        "cleared": None,
        "event_serial": serial,
    }
    if before is not None:
        Finding.objects.filter(pk=before.pk).update(**fields)
    else:
        Finding.objects.create(
            experiment=experiment,
            kind=found.kind,
            subject=found.subject[:220],
            raised_at=ended,
            **fields,
        )
    if before is None or (before.cleared is not None and before.dismissed is None):
        activity.record(
            "finding.raised",
            f"Finding: {found.statement}",
            experiment=experiment,
        )


def clear_done(experiment: Experiment) -> None:
    """Clear the open findings whose proposal the search now follows; a later check may raise them again.

    Call it in the transaction of the edit, which holds the experiment's row.
    """
    standing = experiment.findings.filter(cleared=None)
    proposals = [(each.pk, each.action) for each in standing.only("action") if each.action]
    if not proposals:
        return
    space = Space.from_dict(experiment.space_versions.order_by("-number")[0].space)
    done = [
        key
        for key, action in proposals
        if is_done(action["act"], action["change"], space, parallel=experiment.parallel)
    ]
    if done:
        serial = activity.next_event(experiment.pk)
        standing.filter(pk__in=done).update(cleared=Now(), event_serial=serial)


def dismiss(finding: Finding, *, reason: str, by: User | None) -> None:
    """Take a finding off the lists, with the reason. Raises: NotAllowed."""
    reason = " ".join(reason.split())
    if not reason:
        raise NotAllowed("Enter a reason: why doesn't this finding matter? The team will see it.")
    if len(reason) > LONGEST_REASON:
        raise NotAllowed(f"The reason is too long: at most {LONGEST_REASON} characters.")
    with transaction.atomic():
        experiment = lock_experiment(finding.experiment_id)
        serial = activity.next_event(experiment.pk)
        moved = Finding.objects.filter(pk=finding.pk, dismissed=None).update(
            dismissed=Now(), dismissed_by=by, reason=reason, event_serial=serial
        )
        if not moved:
            raise NotAllowed("This finding is already dismissed.")
        activity.record(
            "finding.dismissed",
            f"Dismissed “{finding.statement}”: {reason}",
            experiment=experiment,
            user=by,
        )


def restore(finding: Finding, *, by: User | None) -> None:
    """Take a dismissal back. Raises: NotAllowed."""
    with transaction.atomic():
        experiment = lock_experiment(finding.experiment_id)
        serial = activity.next_event(experiment.pk)
        moved = (
            Finding.objects.filter(pk=finding.pk)
            .exclude(dismissed=None)
            .update(dismissed=None, dismissed_by=None, reason="", event_serial=serial)
        )
        if not moved:
            raise NotAllowed("This finding isn't dismissed.")
        activity.record(
            "finding.restored", f"Restored “{finding.statement}”", experiment=experiment, user=by
        )
