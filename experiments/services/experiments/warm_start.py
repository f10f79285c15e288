"""Stores the warm start of a new search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final
from uuid import UUID

import numpy as np

from experiments.models import Experiment, Project, Trial, WarmStart
from experiments.plan import ExperimentPlan
from experiments.search.models.transfer_portfolio import Pick
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import reuse_trials
from experiments.services.experiments.states import NotAllowed

MOST_TRIALS: Final = 200  # of each study that are kept: models of more take seconds a question
BEST_SHARE: Final = 0.6
KNOWN_RESULTS: Final = "known results"


class NoSuchExperiment(NotAllowed):
    """A search of the warm start that the project doesn't have."""


@dataclass(frozen=True, slots=True)
class Scored:
    """An earlier result: the number of its trial or row, its values and its score."""

    number: int
    values: dict[str, Any]
    score: float


def store_warm_start(experiment: Experiment, plan: ExperimentPlan) -> None:
    """Store the plan's warm start as it is now. Raises NoSuchExperiment."""
    warm, space = plan.warm_start, plan.space
    if not warm.experiments and not warm.configurations:
        return
    studies = [
        _study(space, earlier.name, _scored_trials(earlier), earlier.direction)
        | {"code": str(earlier.code), "objective": earlier.objective}
        for earlier in _earlier(experiment.project, warm.experiments)
    ]
    if warm.scored:
        rows = [
            Scored(number, each.values, each.score)
            for number, each in enumerate(warm.configurations, start=1)
            if each.score is not None
        ]
        studies.append(
            _study(space, KNOWN_RESULTS, rows, plan.direction)
            | {"code": "", "objective": plan.objective}
        )
    WarmStart.objects.create(
        experiment=experiment, studies=studies, by_hand=list(warm.by_hand(space))
    )


def record_portfolio(experiment: Experiment, picks: Iterable[Pick]) -> None:
    """Store the chosen configurations, unless another worker did."""
    chosen = [{"study": pick.study, "place": pick.place, "values": pick.values} for pick in picks]
    # A None would ask for JSON's null, which is a value like any other.
    WarmStart.objects.filter(experiment=experiment, portfolio__isnull=True).update(
        portfolio=chosen
    )


def _earlier(project: Project, codes: Sequence[str]) -> list[Experiment]:
    """The project's experiments of these codes, in their order."""
    wanted = [UUID(code) for code in codes]
    found = {each.code: each for each in project.experiments.filter(code__in=wanted)}
    missing = [str(code) for code in wanted if code not in found]
    if missing:
        raise NoSuchExperiment(f"The project has no experiment {', '.join(missing)}.")
    return [found[code] for code in wanted]


def _scored_trials(experiment: Experiment) -> list[Scored]:
    rows = experiment.trials.filter(Trial.SCORED)
    found = rows.order_by("number").values_list("number", "values", "score")
    return [
        Scored(number, values, score)
        for number, values, score in found
        if score is not None and isfinite(score)
    ]


def _study(space: Space, label: str, rows: Sequence[Scored], direction: str) -> dict[str, Any]:
    """The record of a study: what fits the space, and why the rest does not."""
    reused = reuse_trials(space, (row.values for row in rows))
    sign = 1.0 if direction == "minimize" else -1.0
    scores = [rows[place].score for place in reused.places]
    kept = _most_useful(np.array(scores) * sign)
    return {
        "label": label,
        "found": len(rows),
        "fitting": len(scores),
        "sign": sign,
        "numbers": [rows[reused.places[index]].number for index in kept],
        "values": [reused.values[index] for index in kept],
        "scores": [scores[index] for index in kept],
        "left_out": dict(reused.reasons),
    }


def _most_useful(loss: np.ndarray[Any, np.dtype[np.float64]]) -> list[int]:
    """Places to keep, in order: the best, and every so many of the rest."""
    if len(loss) <= MOST_TRIALS:
        return list(range(len(loss)))
    order = np.argsort(loss, kind="stable")
    best = int(BEST_SHARE * MOST_TRIALS)
    spread = np.linspace(best, len(order) - 1, MOST_TRIALS - best).round().astype(int)
    return sorted(int(place) for place in order[[*range(best), *spread]])
