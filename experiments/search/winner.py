"""Room: search (numpy). Which trial to hand over: the highest score may only have been lucky."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.number_words import plain
from experiments.search.embedding import Columns
from experiments.search.encoding import Encoding, Matrix
from experiments.search.forest import Forest, columns_of
from experiments.search.gaussian_process import GaussianProcess, fit
from experiments.search.history import History
from experiments.search.observations import Observations, observe
from experiments.search.space import Space
from experiments.search.surrogate import Ruler, extra_variance, mean_variance, most_useful
from experiments.search.transforms import normal_scores, squash

Vector = npt.NDArray[np.float64]

LEAST: Final = 25  # scored trials before a model is heard
CAUTION: Final = 0.7  # deviations by which an estimate has to be better than it looks
TRUSTED: Final = 0.1  # share of the variance that a model has to explain with each trial left out
WORSE: Final = 2.0  # deviations of the noise beyond which a score is clearly worse than the best
HEARD: Final = 0.6  # share of the models' word beside the trial's own score


@dataclass(frozen=True, slots=True)
class Winner:
    """The trial with the best score and the one to hand over, by number; often the same.

    estimate, uncertainty: what the models hold the recommended one for, in the objective's units;
    None where they were not asked or not trusted. reason: in one or two sentences. estimates: of
    every trial that they were fitted to, by number: smoothed scores, without the luck in them.
    """

    observed: int
    recommended: int
    reason: str
    estimate: float | None = None
    uncertainty: float | None = None
    estimates: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What the models hold each kept trial for, on the scale of squashed losses.

    places: of the kept trials in the observations. pessimistic: (k,), mean plus caution.
    explained: share of the variance that leaving one out leaves explained, at most 1.
    noise: deviation of one score.
    """

    places: npt.NDArray[np.intp]
    scores: Vector
    pessimistic: Vector
    mean: Vector
    sd: Vector
    explained: float
    noise: float
    ruler: Ruler


def recommend(space: Space, history: History) -> Winner | None:
    """The winner of a search so far; None without a score.

    The mean of three models plus `CAUTION` deviations names it together with the trial's own
    score, among trials that were really run: models smooth away what is special to a trial, its
    score what it shares with others. The models' word counts only where leaving each trial out
    shows that they know the space, and where its own score is not clearly worse than the best one.
    """
    best = history.best
    if best is None:
        return None
    seen = observe(space, history)
    scored = np.array([trial.is_scored for trial in seen.trials], dtype=np.bool_)
    if scored.sum() < LEAST:
        reason = f"The best score. From {LEAST} scores on, models of them all have a say too."
        return Winner(best.number, best.number, reason)
    opinion = _ask(Encoding.of(space), seen, np.random.default_rng(history.seed % 2**64))
    numbers = [seen.trials[place].number for place in opinion.places]
    if opinion.explained < TRUSTED or best.number not in numbers:
        reason = "The best score: the models foresee too little of the scores to correct it."
        return Winner(best.number, best.number, reason)
    return _judge(opinion, numbers, scored[opinion.places], best.number, history)


def _judge(
    opinion: _Opinion,
    numbers: list[int],
    scored: npt.NDArray[np.bool_],
    observed: int,
    history: History,
) -> Winner:
    own = numbers.index(observed)
    close = scored & (opinion.scores <= opinion.scores[own] + WORSE * opinion.noise)
    together = HEARD * opinion.pessimistic + (1 - HEARD) * opinion.scores
    place = int(np.argmin(np.where(close, together, np.inf)))
    sign = 1.0 if history.direction == "minimize" else -1.0
    middle, sd = opinion.mean[place], opinion.sd[place]
    low, estimate, high = opinion.ruler.loss(np.array([middle - sd, middle, middle + sd]))
    doubtful = float(opinion.ruler.loss(opinion.mean[[own]])[0])
    words = f"The models hold it for {plain(sign * estimate)} ± {plain((high - low) / 2, 2)}"
    if place == own:
        reason = f"The best score, and no other trial looks clearly better. {words}."
    else:
        reason = (
            f"{words}, the best score's trial ({observed}) only for {plain(sign * doubtful)}: "
            "its score was probably lucky."
        )
    smoothed = sign * opinion.ruler.loss(opinion.mean)
    return Winner(
        observed,
        numbers[place],
        reason,
        float(sign * estimate),
        float((high - low) / 2),
        dict(zip(numbers, map(float, smoothed), strict=True)),
    )


def _ask(encoding: Encoding, seen: Observations, rng: np.random.Generator) -> _Opinion:
    rows = encoding.matrix(seen.values)
    kept = most_useful(seen.loss, rng)
    scores = squash(seen.loss)
    ruler = Ruler.of(seen.loss, scores)
    known = extra_variance(seen, ruler)
    processes = [
        fit(Columns.of(encoding), rows[kept], transform(seen.loss)[kept], known[kept])
        for transform in (normal_scores, squash)
    ]
    explained = [_explained(process) for process in processes]
    forest = _forest_opinion(encoding, rows[kept], scores[kept], rng)
    opinions = [(p.fitted(), p.predict(rows[kept])[1]) for p in processes] + [forest]
    weights = np.maximum([*explained, float(np.mean(explained))], 1e-6)
    weights = weights / weights.sum()
    mean = np.einsum("i,ij->j", weights, np.array([mean for mean, _ in opinions]))
    sd = np.einsum("i,ij->j", weights, np.array([sd for _, sd in opinions]))
    noise = processes[1].noise
    if mean_variance(seen).any():
        noise = math.hypot(noise, float(np.sqrt(np.median(known[kept]))))
    squashed = opinions[1]
    return _Opinion(
        places=kept,
        scores=scores[kept],
        pessimistic=mean + CAUTION * sd,
        mean=squashed[0],
        sd=squashed[1],
        explained=float(np.mean(explained)),
        noise=noise,
        ruler=ruler,
    )


def _explained(process: GaussianProcess) -> float:
    """Share of the targets' variance that the leave-one-out predictions explain; 1 at most."""
    mean, _ = process.leave_one_out()
    spread = float(np.var(process.targets))
    if not spread > 0:
        return 0.0
    return 1.0 - float(np.mean((process.targets - mean) ** 2)) / spread


def _forest_opinion(
    encoding: Encoding, rows: Matrix, scores: Vector, rng: np.random.Generator
) -> tuple[Vector, Vector]:
    columns = columns_of(encoding, rows)
    return Forest.grow(columns, scores, int(rng.integers(2**32))).predict(columns)
