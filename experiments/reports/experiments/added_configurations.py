"""What a search tries that its sampler didn't think of: by hand, and from earlier searches. Room: reports."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from experiments.models import Experiment
from experiments.reports.sampling.warm_start import TakenOver, taken_over
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import values_in_words


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits. person: empty when the account is gone; taken_from: a trial's number."""

    pk: int
    words: str
    person: str
    taken_from: int | None
    created: datetime


def waiting_by_hand(experiment: Experiment) -> tuple[Waiting, ...]:
    """In the order in which they are tried; one query."""
    rows = experiment.queued.filter(trial=None, withdrawn=None).order_by("pk")
    return tuple(
        Waiting(
            pk=row.pk,
            words=values_in_words(Space.from_dict(row.space_version.space), row.values),
            person=row.queued_by.get_username() if row.queued_by else "",
            taken_from=row.taken_from,
            created=row.created,
        )
        for row in rows.select_related("queued_by", "space_version")
    )


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The part of the experiment's page; `cursor` changes with everything that it shows."""

    waiting: tuple[Waiting, ...]
    warm: TakenOver | None
    cursor: str


def from_elsewhere(experiment: Experiment) -> Elsewhere:
    """Read both lists; the cost does not grow with the number of trials."""
    waiting, warm = waiting_by_hand(experiment), taken_over(experiment)
    shown = repr((waiting, warm, experiment.state))
    return Elsewhere(waiting, warm, sha256(shown.encode()).hexdigest()[:20])
