"""Searches with one known effect, and the same without it: what each kind of finding has to tell apart.

Everything else is drawn anew for each search: the bowl of scores, its steepness, noise, curves.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from experiments.search.findings.search_state import TrainedCurve
from experiments.search.history import History, ObservedTrial, Values
from experiments.search.space.space import Space

ROWS: Final = (
    {"name": "learning_rate", "type": "float", "min": 1e-4, "max": 1e-1, "scale": "log"},
    {"name": "dropout", "type": "float", "min": 0.0, "max": 0.5},
    {"name": "units", "type": "int", "min": 16, "max": 256, "step": 16},
    {"name": "batch_size", "type": "choice", "choices": [32, 64, 128, 256, 512]},
    {"name": "activation", "type": "choice", "choices": ["relu", "tanh"]},
    {"name": "epochs", "type": "fixed", "value": 20},
)
SPACE: Final = Space.from_dict({"hyperparameters": list(ROWS), "constraints": []})
FEW: Final = Space.from_dict(
    {
        "hyperparameters": [
            {"name": "units", "type": "choice", "choices": [16, 32, 64, 128]},
            {"name": "layers", "type": "int", "min": 1, "max": 4},
        ],
        "constraints": [],
    }
)
EPOCHS: Final = 20
BEST: Final = 10  # trials whose curves are read
Curves = Callable[[History], tuple[TrainedCurve, ...]]


@dataclass(frozen=True)
class Constructed:
    """A finished search; looks read its curves anew. more: further fields of `SearchState`."""

    history: History
    space: Space = SPACE
    curves: Curves = lambda _: ()
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draw:
    """What a search is made from. noise: deviation of a score between seeds."""

    rng: np.random.Generator
    trials: int
    noise: float
    has_effect: bool


def bowl(draw: Draw, *, outside: bool = False, unused: bool = False) -> Callable[[Values], float]:
    """Scores with their optimum inside of every range, or below the first one's, or without dropout."""
    rng = draw.rng
    bottom = rng.uniform(0.25, 0.75, size=4)
    steep = rng.uniform(0.7, 1.3, size=4)
    word, better = rng.uniform(0.06, 0.1), str(rng.choice(["relu", "tanh"]))
    if outside:
        bottom[0], steep[0] = -0.2, 1.0
    if unused:
        steep[1] = 0.0
    rows = SPACE.searched[:4]

    def score(values: Values) -> float:
        place = np.array([row.encode(values[row.name]) for row in rows]) - bottom
        loss = float((steep * place**2).sum())
        return 0.95 - 0.3 * loss - (0.0 if values["activation"] == better else word)

    return score


def searched(
    draw: Draw,
    score: Callable[[Values], float | None],
    *,
    executions: int = 1,
    space: Space = SPACE,
) -> History:
    """Random search; a score of None fails."""
    trials = []
    for number in range(draw.trials):
        values = space.draw(draw.rng)
        exact = score(values)
        if exact is None:
            trials.append(ObservedTrial(number, values, "failed"))
            continue
        each = tuple(float(exact + draw.noise * draw.rng.normal()) for _ in range(executions))
        kept = each if executions > 1 else ()
        trials.append(
            ObservedTrial(
                number, values, "completed", math.fsum(each) / executions, executions=kept
            )
        )
    return History(tuple(trials), "maximize", planned=draw.trials)


def curves(
    draw: Draw, *, rest: float = EPOCHS / 6, fall: float = 0.0, training: float = 1.0
) -> Curves:
    """Saturating curves of the best trials. rest: epochs of their exponential.

    fall: what the validation loses with each epoch after a third of them. training: the training
    rows' metric in the end.
    """
    seed = int(draw.rng.integers(2**31))
    t = np.arange(1, EPOCHS + 1)

    def read(history: History) -> tuple[TrainedCurve, ...]:
        found = []
        for trial in sorted(history.scored, key=lambda each: -(each.score or 0.0))[:BEST]:
            rng = np.random.default_rng([seed, trial.number])
            rise = 1 - 0.5 * np.exp(-t / rest)
            values = (trial.score or 0.0) * rise - fall * np.maximum(0, t - EPOCHS // 3)
            values = values + draw.noise / 2 * rng.normal(size=EPOCHS)
            own = training * (1 - 0.5 * np.exp(-t / rest))
            found.append(
                TrainedCurve(
                    trial.number, tuple(map(float, values)), tuple(map(float, own)), ran_out=True
                )
            )
        return tuple(found)

    return read


def failing(draw: Draw, share: float) -> Constructed:
    """A share of the trials diverges: above a learning rate, or anywhere."""
    score = bowl(draw)
    edge = 10 ** (-1 - 3 * share)

    def diverges(values: Values) -> float | None:
        fails = (
            float(values["learning_rate"]) > edge if draw.has_effect else draw.rng.random() < share
        )
        return None if fails else score(values)

    history = searched(draw, diverges)
    failures = {t.number: "nan" for t in history.trials if t.state == "failed"}
    return Constructed(history, more={"failures": failures})


def nearly_failing(draw: Draw) -> Constructed:
    """Nine of ten trials above a learning rate diverge, and one of twenty of the others."""
    score = bowl(draw)

    def diverges(values: Values) -> float | None:
        is_high = float(values["learning_rate"]) > 10**-2
        chance = (0.9 if is_high else 0.05) if draw.has_effect else 0.33
        return None if draw.rng.random() < chance else score(values)

    history = searched(draw, diverges)
    failures = {t.number: "nan" for t in history.trials if t.state == "failed"}
    return Constructed(history, more={"failures": failures})


def epochs_run_out(draw: Draw) -> Constructed:
    """Curves that need as many epochs as there are for 63 % of their way, or a sixth of them."""
    rest = EPOCHS / 2 if draw.has_effect else EPOCHS / 6
    return Constructed(searched(draw, bowl(draw)), curves=curves(draw, rest=rest))


def overfitted(draw: Draw) -> Constructed:
    """The validation loses .01 with each epoch after a third of them."""
    fall = 0.01 if draw.has_effect else 0.0
    return Constructed(searched(draw, bowl(draw)), curves=curves(draw, fall=fall))


def underfitted(draw: Draw) -> Constructed:
    """Two classes at .50 by guessing: the best trials reach .55 on both sides, or the bowl's .9."""
    score = bowl(draw)
    weak = draw.has_effect

    def low(values: Values) -> float:
        return 0.5 + 0.05 * score(values) if weak else score(values)

    own = 0.56 if weak else 0.97
    return Constructed(
        searched(draw, low),
        curves=curves(draw, rest=2.0, training=own),
        more={"constant": 0.5, "perfect": 1.0},
    )


def at_boundary(draw: Draw) -> Constructed:
    """The optimum of the learning rate lies below its range."""
    return Constructed(searched(draw, bowl(draw, outside=draw.has_effect)))


def unstable(draw: Draw) -> Constructed:
    """Five seeds a trial, whose deviation is three times that of the configurations, or the noise."""
    score = bowl(draw)
    flat = (lambda values: 0.8 + (score(values) - 0.8) * 0.2) if draw.has_effect else score
    exact = [flat(SPACE.draw(draw.rng)) for _ in range(200)]
    noise = 3 * float(np.std(exact)) if draw.has_effect else draw.noise
    return Constructed(searched(replace(draw, noise=noise), flat, executions=5))


def repeated(draw: Draw) -> Constructed:
    """A space of 16 configurations, drawn from with repeats, or one that has no two alike."""
    score = bowl(draw)
    if not draw.has_effect:
        return Constructed(searched(draw, score))

    def few(values: Values) -> float:
        return 0.7 + 0.05 * int(values["layers"]) - int(values["units"]) / 1000

    return Constructed(searched(draw, few, space=FEW), space=FEW)


def wasted_on_failures(draw: Draw) -> Constructed:
    """Two of five trials run out of memory, wherever they are, or 3 %."""
    score, chance = bowl(draw), 0.4 if draw.has_effect else 0.03
    history = searched(draw, lambda v: None if draw.rng.random() < chance else score(v))
    failures = {t.number: "out_of_memory" for t in history.trials if t.state == "failed"}
    return Constructed(history, more={"failures": failures})


def unused(draw: Draw) -> Constructed:
    """Dropout changes no score."""
    return Constructed(searched(draw, bowl(draw, unused=draw.has_effect)))


def lucky(draw: Draw) -> Constructed:
    """One execution alone makes a good trial the best, by .02."""
    history = searched(draw, bowl(draw), executions=5)
    if not draw.has_effect:
        return Constructed(history)
    trials = list(history.trials)
    good = sorted(history.scored, key=lambda t: -(t.score or 0.0))[len(trials) // 8]
    best = max(t.score or 0.0 for t in history.scored)
    luck = 5 * (best - (good.score or 0.0) + 0.02)
    each = (*good.executions[:4], good.executions[4] + luck)
    trials[good.number] = replace(good, executions=each, score=math.fsum(each) / 5)
    return Constructed(replace(history, trials=tuple(trials)))
