"""Baselines that are at least as good as a search's winner, as sentences that come before anything else."""

import math
from dataclasses import dataclass
from typing import Any

from experiments.evaluation.statistical_ties import LEVEL, improvement
from experiments.models.experiment import Experiment, Purpose
from experiments.models.trial import Trial
from experiments.number_words import figures


@dataclass(frozen=True, slots=True)
class BaselineAhead:
    """A baseline at least as good as the winner. phrase: its name inside of a sentence. trial: what was trained for it.

    score: the higher, the better, whatever the objective.
    """

    phrase: str
    words: str
    score: float = math.inf
    trial: Trial | None = None


def baselines_ahead(experiment: Experiment) -> list[BaselineAhead]:
    """Of the recommended trial: that it beats no constant prediction, then each baseline at least as good.

    From what was stored with the winner, else from the search scores of the runs of baselines: one query.
    """
    winner = experiment.recommended_trial
    if winner is None:
        return []
    stored = experiment.winner.get("baselines")
    found = (
        _of_runs(experiment, winner) if stored is None else _of_stored(experiment, winner, stored)
    )
    return sorted(found, key=lambda each: each.score, reverse=True)


def _of_stored(
    experiment: Experiment, winner: Trial, stored: list[dict[str, Any]]
) -> list[BaselineAhead]:
    better = [
        each
        for each in stored
        if each["trial"] is not None
        and each["trial"] != winner.pk
        and each["gain"] is not None
        and each["gain"] <= 0
    ]
    keys = [each["trial"] for each in better]
    trials = Trial.objects.select_related("experiment").in_bulk(keys) if keys else {}
    found = [
        BaselineAhead(
            each["phrase"],
            f"No configuration is shown to beat {each['phrase']}, the same prediction for every row"
            f"{_main(experiment)}. Check data, target and model before you trust a score.",
        )
        for each in stored
        if each["trial"] is None
        and each["outcome"] in {"worse", "undecided"}
        and (each["p"] is None or each["p"] > LEVEL)
    ]
    for each in better:
        pairs = {
            "expected": (each["expected"], winner.expected.get("value")),
            "search score": (each["score"], winner.score),
        }
        kinds = [(kind, pair) for kind, pair in pairs.items() if None not in pair]
        kind, pair = kinds[0] if kinds else ("", ())
        score = _sign(experiment) * pair[0] if pair else -math.inf
        words = _words(experiment, each["phrase"], kind, pair)
        found.append(BaselineAhead(each["phrase"], words, score, trials.get(each["trial"])))
    return found


def _of_runs(search: Experiment, winner: Trial) -> list[BaselineAhead]:
    own, sign = winner.score, _sign(search)
    # Baselines of an imported search, or of rows of its code, aren't comparable.
    if own is None or search.is_elsewhere or search.training_data.is_form is not True:
        return []
    runs = Trial.objects.filter(
        experiment__follows=search, experiment__purpose=Purpose.BASELINE, score__isnull=False
    )
    found: dict[str, BaselineAhead] = {}
    for trial in runs.select_related("experiment").order_by("pk"):
        is_default = trial.experiment.hypermodel_version_id == search.hypermodel_version_id
        phrase = "the default configuration" if is_default else "a linear model"
        found.pop(phrase, None)
        score = trial.score
        is_winner = is_default and trial.values == winner.values
        if score is not None and not is_winner and _gain(search, own, score) <= 0:
            words = _words(search, phrase, "search score", (score, own))
            found[phrase] = BaselineAhead(phrase, words, sign * score, trial)
    return list(found.values())


def _gain(search: Experiment, own: float, score: float) -> float:
    return improvement(own, score, higher_is_better=search.direction == "maximize")


def _sign(experiment: Experiment) -> int:
    return 1 if experiment.direction == "maximize" else -1


def _main(experiment: Experiment) -> str:
    """Which of several objectives baselines are compared by."""
    return f" (main objective: {experiment.objective})" if experiment.further else ""


def _words(experiment: Experiment, phrase: str, kind: str, pair: tuple[float, ...]) -> str:
    name = f"{phrase[0].upper()}{phrase[1:]} is at least as good{_main(experiment)}"
    return f"{name}: {kind} {figures(pair[0])} against {figures(pair[1])}." if pair else f"{name}."
