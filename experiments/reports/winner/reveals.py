"""Reports: the locked test part: how large, who looked, and what was found. Imports models and storage."""

from dataclasses import dataclass

from experiments import storage
from experiments.evaluation.metrics import in_order
from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, Reveal


@dataclass(frozen=True, slots=True)
class LockedPart:
    """rows: of the locked part, 0 where nothing was held back. own: the dataset's own test part."""

    rows: int
    own: bool
    reveals: tuple[Reveal, ...]

    @property
    def latest(self) -> Reveal | None:
        """The last look that was scored; None before one."""
        ready = [each for each in self.reveals if each.state == Reveal.State.READY]
        return ready[-1] if ready else None

    @property
    def is_open(self) -> bool:
        """Whether somebody has looked, or is about to."""
        return bool(self.reveals)


def locked_part(experiment: Experiment) -> LockedPart:
    """The locked part of a search."""
    protocol = Protocol.from_dict(experiment.protocol)
    reveals = tuple(experiment.reveals.select_related("trial", "revealed_by").order_by("number"))
    for each in reveals:
        each.scores = in_order(each.scores)
    if protocol.locked_test_share is None:
        rows = int(experiment.dataset_version.schema.get("test_rows", 0))
        return LockedPart(rows, own=True, reveals=reveals)
    return LockedPart(storage.locked_rows(experiment.split_hash), own=False, reveals=reveals)
