"""Reports: what changed in an experiment since a cursor: the one question that live pages ask.

Imports models and sibling reports. The cost grows with what changed, and is capped; it never
grows with the number of trials or epochs that are stored.
"""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from experiments.models import Activity, Experiment, Trial
from experiments.reports.analysis.findings import fresh_checks, fresh_findings
from experiments.reports.experiments.failures import failures
from experiments.reports.experiments.head import experiment_head
from experiments.reports.site.workers import trial_workers
from experiments.reports.trials.all_trials import columns_of
from experiments.reports.trials.curves import Curve, tails
from experiments.reports.trials.order import Column
from experiments.reports.trials.table import best_values, row_fields

MOST_CHANGED = 200  # rows of one answer; a page that slept longer loads all rows again
MOST_TAILS = 24
FEED = 12
_CURSOR = re.compile(r"^(\d{1,18})(?:\.(\d{1,18}))?(?:\.((?:\d{1,18}:\d{1,9},?)*))?$")


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a page has: the last event, the last activity, and epochs by execution's key."""

    serial: int = -1
    activity: int = -1  # -1: a page that has just been drawn by the server; it has no curves yet
    seen: dict[int, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Opaque to pages: they send it back as it came."""
        seen = ",".join(f"{key}:{epochs}" for key, epochs in self.seen.items())
        return f"{self.serial}.{self.activity}.{seen}"

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """A cursor from an address; anything else means all changes."""
        match = _CURSOR.match(text)
        if match is None:
            return cls()
        pairs = [pair.split(":") for pair in (match.group(3) or "").split(",") if pair]
        seen = {int(key): int(epochs) for key, epochs in pairs}
        return cls(int(match.group(1)), int(match.group(2) or -1), seen)

    def is_up_to_date(self, experiment: Experiment) -> bool:
        """Whether nothing has changed."""
        return self.serial == experiment.event_serial and self.activity >= 0


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the feed."""

    id: int
    at: str
    text: str
    verb: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One worker that runs trials, as this experiment sees it."""

    name: str
    trial: int | None
    elsewhere: bool


def events(experiment: Experiment, after: int = 0) -> tuple[Event, ...]:
    """The newest lines of the experiment's feed, newest first."""
    rows = Activity.objects.filter(experiment=experiment, pk__gt=after).order_by("-pk")[:FEED]
    return tuple(Event(row.pk, row.created.isoformat(), row.text, row.verb) for row in rows)


def slots(experiment: Experiment) -> tuple[Slot, ...]:
    """Every trial worker with a recent heartbeat; one query.

    What it runs is what it claimed: its heartbeat has that only seconds later.
    """
    claimed = Trial.objects.filter(state=Trial.State.RUNNING, worker=OuterRef("name"))
    running = claimed.order_by("-lease_until")
    found = trial_workers().annotate(
        runs=Subquery(running.values("number")[:1]),
        runs_in=Subquery(running.values("experiment")[:1]),
    )
    return tuple(_slot(worker, experiment) for worker in found.order_by("name"))


def _slot(worker: Any, experiment: Experiment) -> Slot:
    is_here = worker.runs_in == experiment.pk
    at_work = worker.experiment_id if worker.runs_in is None else worker.runs_in
    return Slot(
        name=worker.name,
        trial=worker.runs if is_here else None,
        elsewhere=at_work not in {None, experiment.pk},
    )


def live(
    experiment: Experiment, cursor: Cursor, columns: tuple[Column, ...]
) -> dict[str, Any] | None:
    """What happened since the cursor as JSON; None when nothing did.

    `trials` is null when more rows changed than one answer carries: load the history again.
    """
    if cursor.is_up_to_date(experiment):
        return None
    trials = Trial.objects.filter(experiment=experiment)
    changed = list(
        trials.filter(event_serial__gt=cursor.serial)
        .order_by("number")
        .values(*row_fields(columns))[: MOST_CHANGED + 1]
    )
    whole = len(changed) <= MOST_CHANGED
    by_field = {name: [row[name] for row in changed] for name in row_fields(columns)}
    feed = events(experiment, cursor.activity)
    sent = _tails(experiment, cursor, [row["pk"] for row in changed] if whole else [])
    following = Cursor(
        experiment.event_serial,
        feed[0].id if feed else max(0, cursor.activity),
        _seen(cursor, sent),
    )
    return {
        "cursor": str(following),
        "experiment": {
            **experiment_head(experiment).to_dict(),
            "best_values": best_values(columns, experiment),
        },
        "trials": columns_of(experiment, by_field, columns) if whole else None,
        "curves": [curve.to_dict() for curve in sent],
        "events": [asdict(event) for event in feed],
        "slots": [asdict(slot) for slot in slots(experiment)],
        "failures": _failures(experiment, changed if whole else None),
        "findings": fresh_findings(experiment, cursor.serial),
        "checks": fresh_checks(experiment, cursor.serial),
    }


def _tails(experiment: Experiment, cursor: Cursor, changed: list[int]) -> tuple[Curve, ...]:
    """Curves of trials that run, and of followed trials that changed (so that their end is seen)."""
    wanted = Q(state=Trial.State.RUNNING)
    if cursor.seen:
        wanted |= Q(pk__in=changed, executions__in=cursor.seen.keys())
    trials = Trial.objects.filter(wanted, experiment=experiment).distinct()
    return tails(trials.order_by("-number")[:MOST_TAILS], cursor.seen)


def _seen(cursor: Cursor, sent: tuple[Curve, ...]) -> dict[int, int]:
    """Epochs that the page has now; executions of trials that no longer run are forgotten."""
    over = {curve.execution for curve in sent if curve.trial_state != Trial.State.RUNNING}
    seen = {key: epochs for key, epochs in cursor.seen.items() if key not in over}
    running = {c.execution: c.epochs for c in sent if c.trial_state == Trial.State.RUNNING}
    kept = seen | running
    return dict(list(kept.items())[-4 * MOST_TAILS :])


def _failures(
    experiment: Experiment, changed: list[dict[str, Any]] | None
) -> list[dict[str, Any]] | None:
    """Only when a trial failed or left its failure since the cursor; null: as it was."""
    if changed is not None and not any(
        row["state"] in {Trial.State.FAILED, Trial.State.WAITING} for row in changed
    ):
        return None
    return [asdict(group) for group in failures(experiment)]
