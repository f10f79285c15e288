"""Learning-rate schedules: a factor for each epoch.

The rate is set once an epoch, as Keras's LearningRateScheduler does, and not at each step: so the
fused epoch, plain `fit`, a shared trace and a resumed run all train with the same rates.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["exponential", "step", "cosine", "warmup_cosine", "one_cycle"]
KINDS: Final[tuple[Kind, ...]] = ("exponential", "step", "cosine", "warmup_cosine", "one_cycle")
# The options that a kind asks for; the others mean nothing to it.
ASKED: Final[dict[Kind, tuple[str, ...]]] = {
    "exponential": ("decay_rate", "decay_epochs"),
    "step": ("decay_rate", "decay_epochs"),
    "cosine": ("alpha",),
    "warmup_cosine": ("warmup_epochs", "alpha"),
    "one_cycle": ("peak_share", "div_factor", "final_div_factor"),
}
FEWEST_OF_ONE_CYCLE: Final = 3  # up, top and down


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the trial's own learning rate is multiplied by, epoch by epoch.

    exponential, step: Keras's ExponentialDecay over `decay_epochs`, `step` with staircase.
    cosine, warmup_cosine: Keras's CosineDecay over the planned epochs down to the share `alpha`
    (Loshchilov and Hutter 2017, eq. 5, without restarts), `warmup_cosine` after a straight rise.
    one_cycle: Smith and Topin 2018, with cosine slopes: from 1/`div_factor` up to 1 within
    `peak_share` of the epochs, then down to 1/(`div_factor` × `final_div_factor`).
    epochs: the plan that it spreads over; 0: the trial's own epochs.
    """

    kind: Kind
    decay_rate: float = 0.9
    decay_epochs: int = 1
    alpha: float = 0.0
    warmup_epochs: int = 5
    peak_share: float = 0.3
    div_factor: float = 25.0
    final_div_factor: float = 10_000.0
    epochs: int = 0

    def factor(self, epoch: int, epochs: int) -> float:
        """The factor of the 0-based `epoch` of a trial with so many epochs; finite, at least 0."""
        whole = self.epochs or epochs
        match self.kind:
            case "exponential":
                return float(self.decay_rate ** (epoch / self.decay_epochs))
            case "step":
                return float(self.decay_rate ** (epoch // self.decay_epochs))
            case "cosine":
                return self._cosine(epoch, whole)
            case "warmup_cosine":
                if epoch < self.warmup_epochs:
                    return (epoch + 1) / (self.warmup_epochs + 1)
                return self._cosine(epoch - self.warmup_epochs, whole - self.warmup_epochs)
            case "one_cycle":
                return self._one_cycle(epoch, whole)

    def factors(self, epochs: int) -> list[float]:
        """The factor of each epoch of a trial with so many."""
        return [self.factor(epoch, epochs) for epoch in range(epochs)]

    def _cosine(self, epoch: int, epochs: int) -> float:
        share = min(1.0, epoch / max(1, epochs))
        return self.alpha + (1.0 - self.alpha) * _slope(share)

    def _one_cycle(self, epoch: int, epochs: int) -> float:
        top = min(max(1, round(self.peak_share * (epochs - 1))), max(1, epochs - 2))
        first = 1.0 / self.div_factor
        last = first / self.final_div_factor
        if epoch < top:
            return first + (1.0 - first) * (1.0 - _slope(epoch / top))
        down = min(1.0, (epoch - top) / max(1, epochs - 1 - top))
        return last + (1.0 - last) * _slope(down)


def _slope(share: float) -> float:
    """Half a cosine, from 1 at the share 0 down to 0 at the share 1."""
    return 0.5 * (1.0 + math.cos(math.pi * share))
