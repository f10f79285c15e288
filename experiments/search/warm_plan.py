"""The warm start of a plan: earlier searches and configurations."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from experiments.search.declarations import read_values, value
from experiments.search.history import Values
from experiments.search.reading import Reader, describe, number_problem, read_code
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import reasons_in_words, reuse_trial

MOST_EXPERIMENTS: Final = 8
MOST_CONFIGURATIONS: Final = 1000
LEARNING: Final = ("auto", "bayesian", "random_forest")  # samplers whose models use them


@dataclass(frozen=True, slots=True)
class GivenConfiguration:
    """A configuration that people added; score: what it reached elsewhere, None: it is run first."""

    values: dict[str, Any]
    score: float | None = None

    def configuration(self, space: Space) -> Values | None:
        """The values as a configuration of the space; None where they are none."""
        return reuse_trial(space, self.values).values

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"values": dict(self.values), "score": self.score}


@dataclass(frozen=True, slots=True)
class WarmPlan:
    """Codes of earlier experiments, and configurations that were put in."""

    experiments: tuple[str, ...] = value(
        (),
        label="Earlier searches",
        most=MOST_EXPERIMENTS,
        longest=40,
        field="warm_experiments",
    )
    configurations: tuple[GivenConfiguration, ...] = value(
        (),
        label="Configurations",
        help="JSON lines, or CSV with the names in its first line.",
        by_hand=True,
    )

    @property
    def scored(self) -> tuple[GivenConfiguration, ...]:
        """Known results: models learn from them, and they aren't run."""
        return tuple(each for each in self.configurations if each.score is not None)

    def by_hand(self, space: Space) -> tuple[Values, ...]:
        """Configurations of the space that are to be tried first."""
        tried = (each for each in self.configurations if each.score is None)
        found = (each.configuration(space) for each in tried)
        return tuple(values for values in found if values is not None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `read_warm_plan` is its inverse."""
        return {
            "experiments": list(self.experiments),
            "configurations": [each.to_dict() for each in self.configurations],
        }


def read_warm_plan(reader: Reader, space: Space | None) -> WarmPlan:
    """Take it out of JSON, noting every problem at the reader; space: None while it is wrong."""
    codes = read_values(WarmPlan, reader)["experiments"]
    for code in codes:
        if read_code(code) is None:
            reader.note("experiments", f"{describe(code)} isn't the code of an experiment.")
    entries = reader.items("configurations", longest=MOST_CONFIGURATIONS, default=())
    reader.refuse_others()
    found = []
    for number, entry in enumerate(entries, start=1):
        given, problem = read_given(entry, space)
        if problem:
            reader.note("configurations", f"Row {number}: {problem}")
            return WarmPlan(codes)
        found.append(given)
    plan = WarmPlan(codes, tuple(found))
    _check_scored(reader, plan, space)
    return plan


def read_given(entry: object, space: Space | None) -> tuple[GivenConfiguration, str]:
    """Read one configuration and say what is wrong with it; one with a score need not fit."""
    if not isinstance(entry, dict) or not isinstance(entry.get("values"), dict):
        return GivenConfiguration({}), f"{describe(entry)} isn't a configuration. Give its values."
    values, score = entry["values"], entry.get("score")
    unknown = sorted(set(entry) - {"values", "score"})
    if unknown:
        return GivenConfiguration({}), f"Unknown key {describe(unknown[0])}. Use values and score."
    if score is not None:
        problem = number_problem(score)
        return GivenConfiguration(
            values, None if problem else float(score)
        ), problem and f"score: {problem}"
    return GivenConfiguration(values), _misfit(values, space) if space is not None else ""


def _misfit(values: dict[str, Any], space: Space) -> str:
    """Why a configuration can't be tried; a misspelt name must not pass as a default."""
    for name in values:
        if name not in space:
            known = ", ".join(row.name for row in space.hyperparameters)
            return f"There is no hyperparameter {describe(name)}. Known: {known}."
    return reuse_trial(space, values).reason


def _check_scored(reader: Reader, plan: WarmPlan, space: Space | None) -> None:
    if space is None or not plan.scored:
        return
    carried = [reuse_trial(space, each.values) for each in plan.scored]
    if all(each.values is None for each in carried):
        words = reasons_in_words(Counter(each.reason for each in carried))
        reader.note("configurations", f"No row with a score fits this space. {words}.")
