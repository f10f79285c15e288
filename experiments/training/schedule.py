"""Learning-rate schedules: a factor for each epoch.

The rate is set once an epoch, as Keras's LearningRateScheduler does, and not at each step: so the
fused epoch, plain `fit`, a shared trace and a resumed run all train with the same rates.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from experiments.search.declarations import EPOCHS, PERCENT, Unit, declaration_of, value

Kind = Literal["exponential", "step", "cosine", "warmup_cosine", "one_cycle"]
FEWEST_OF_ONE_CYCLE: Final = 3  # up, top and down
MOST_EPOCHS: Final = 10_000
LARGEST: Final = 1e9
OF_INITIAL: Final = Unit("× initial LR")


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

    kind: Kind = value(
        label="Learning rate",
        choices={
            "exponential": "exponential decay",
            "step": "step decay",
            "cosine": "cosine decay",
            "warmup_cosine": "warm-up, then cosine decay",
            "one_cycle": "one cycle",
        },
        field="rate",
        in_form=False,
    )
    decay_rate: float = value(
        0.9,
        label="Decay rate",
        help="Factor by which the rate falls.",
        lowest=1e-6,
        highest=1.0,
        shown_if=("kind", ("exponential", "step")),
    )
    decay_epochs: int = value(
        1,
        label="Decay epochs",
        help="Epochs for one such fall.",
        unit=EPOCHS,
        lowest=1,
        highest=MOST_EPOCHS,
        shown_if=("kind", ("exponential", "step")),
    )
    alpha: float = value(
        0.0,
        label="Final LR",
        help="Keras’s alpha, reached at the last planned epoch.",
        unit=OF_INITIAL,
        lowest=0.0,
        highest=1.0,
        shown_if=("kind", ("cosine", "warmup_cosine")),
    )
    warmup_epochs: int = value(
        5,
        label="Warm-up",
        help="Epochs of a linear rise to the trial’s own rate.",
        unit=EPOCHS,
        lowest=1,
        highest=MOST_EPOCHS,
        shown_if=("kind", ("warmup_cosine",)),
    )
    peak_share: float = value(
        0.3,
        label="Peak at",
        help="Share of the planned epochs; the peak is the trial’s own rate.",
        unit=PERCENT,
        lowest=0.0,
        highest=1.0,
        field="peak_percent",
        shown_if=("kind", ("one_cycle",)),
    )
    div_factor: float = value(
        25.0,
        label="Initial divisor",
        help="The first rate is the peak divided by div_factor.",
        lowest=1.0,
        highest=1e6,
        shown_if=("kind", ("one_cycle",)),
    )
    final_div_factor: float = value(
        10_000.0,
        label="Final divisor",
        help="The last rate is the first divided by final_div_factor.",
        lowest=1.0,
        highest=LARGEST,
        shown_if=("kind", ("one_cycle",)),
    )
    epochs: int = value(
        0,
        label="Planned epochs",
        help="Epochs that the schedule spreads over; 0: the trial’s own.",
        lowest=0,
        highest=10**9,
        in_form=False,
    )

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


KINDS: Final = tuple(declaration_of(Schedule, "kind").choices)
