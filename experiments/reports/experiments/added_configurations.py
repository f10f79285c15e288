"""What a search tries that its sampler didn't think of: by hand, and from earlier searches. Room: reports."""

from dataclasses import dataclass
from hashlib import sha256

from experiments.models import Experiment
from experiments.reports.experiments.queued_configurations import Waiting, waiting_by_hand
from experiments.reports.sampling.warm_start import TakenOver, taken_over


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
