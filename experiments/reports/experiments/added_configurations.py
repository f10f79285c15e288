"""Reports: configurations that a search's sampler did not propose: queued manually, and of earlier searches."""

from dataclasses import dataclass
from hashlib import sha256

from experiments.models import Experiment, QueuedConfiguration
from experiments.reports.sampling.warm_start import WarmStartPanel, warm_start_panel
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import values_in_words


@dataclass(frozen=True, slots=True)
class Waiting:
    """A configuration that waits. words: its values."""

    queued: QueuedConfiguration
    words: str


def waiting_by_hand(experiment: Experiment) -> tuple[Waiting, ...]:
    """In the order in which they run; one query."""
    rows = experiment.queued.filter(trial=None, withdrawn=None).order_by("pk")
    return tuple(
        Waiting(row, values_in_words(Space.from_dict(row.space_version.space), row.values))
        for row in rows.select_related("queued_by", "space_version")
    )


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The part of the experiment's page; `cursor` changes with everything that it shows."""

    waiting: tuple[Waiting, ...]
    warm: WarmStartPanel | None
    cursor: str


def from_elsewhere(experiment: Experiment) -> Elsewhere:
    """Read both lists; the cost does not grow with the number of trials."""
    waiting, warm = waiting_by_hand(experiment), warm_start_panel(experiment)
    queued = [(each.queued.pk, each.words) for each in waiting]
    shown = repr((queued, warm, experiment.state))
    return Elsewhere(waiting, warm, sha256(shown.encode()).hexdigest()[:20])
