"""Changes of a search space during a search, and the trials that stay valid."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.search.history import EarlierStudy, Enqueued, Value, Values, WarmStart
from experiments.search.models.observations import configuration_of
from experiments.search.problems import Problem, SpaceError
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, Fixed, FloatRange, IntRange
from experiments.search.space.space import Space


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """What a search asks with, all of it checked; the rest of its plan never changes."""

    space: Space
    sampler: str
    sampler_options: Mapping[str, Any]
    pruner: str
    pruner_options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One hyperparameter or rule in words; empty `before`: it is new, empty `after`: it is gone."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What becomes of configurations in a changed space: places of those that fit, and why others don't."""

    fitting: frozenset[int] = frozenset()
    outside: frozenset[int] = frozenset()
    reasons: Counter[str] = field(default_factory=Counter)


def counted(values: Values, counted_as: Mapping[str, Value]) -> Values:
    """The values with what they lack of hyperparameters that were added later."""
    return {**counted_as, **values} if counted_as else values


def counted_as(before: Space, after: Space, known: Mapping[str, Value]) -> dict[str, Value]:
    """Return the defaults that count for older trials without the new hyperparameters.

    known: defaults of hyperparameters added earlier.

    Raises: SpaceError for a removed hyperparameter, since models still use it.
    """
    gone = [row.name for row in before.hyperparameters if row.name not in after]
    if gone:
        fix = "belongs to the model and can't be removed. Fix it at a value instead."
        raise SpaceError(Problem("hyperparameters", f"{name} {fix}") for name in gone)
    new = {row.name: row.start() for row in after.hyperparameters if row.name not in before}
    return {**known, **new}


def standing(space: Space, many: Iterable[tuple[int, Values]]) -> Standing:
    """Which configurations, by key, are ones of the space; exactly those teach its sampler."""
    fitting, outside, reasons = set(), set(), Counter[str]()
    for key, values in many:
        if configuration_of(space, values) is not None:
            fitting.add(key)
        else:
            outside.add(key)
            reasons[misfit(space, values)] += 1
    return Standing(frozenset(fitting), frozenset(outside), reasons)


def misfit(space: Space, values: Values) -> str:
    """In a few words why the values are no configuration of the space."""
    active = space.active(values)
    for row in space.hyperparameters:
        if row.name not in active:
            continue
        if row.name not in values:
            return f"{row.name} had no value"
        if row.problem(values[row.name]):
            return f"{row.name} is outside"
    broken = [rule.text for rule in space.constraints if not rule.holds(values)]
    return f"violates the constraint {broken[0]}" if broken else ""


def row_changes(before: Space, after: Space) -> tuple[RowChange, ...]:
    """Every hyperparameter and rule that differs, in the order of the new space."""
    old = {row.name: row_words(row) for row in before.hyperparameters}
    new = {row.name: row_words(row) for row in after.hyperparameters}
    names = dict.fromkeys([*new, *old])
    rows = [RowChange(name, old.get(name, ""), new.get(name, "")) for name in names]
    was = [rule.text for rule in before.constraints]
    now = [rule.text for rule in after.constraints]
    rules = [RowChange("rule", "", text) for text in now if text not in was]
    rules += [RowChange("rule", text, "") for text in was if text not in now]
    return tuple(change for change in [*rows, *rules] if change.before != change.after)


def row_words(row: Hyperparameter) -> str:
    """All that a hyperparameter's search follows from, in one line."""
    words = _domain(row)
    if row.is_searched and row.default is not None:
        words += f", default {_shown(row.default)}"
    if row.only_if is not None:
        words += f", only if {row.only_if.name} = {', '.join(map(_shown, row.only_if.values))}"
    return words


def _domain(row: Hyperparameter) -> str:
    if isinstance(row, IntRange | FloatRange):
        step = "" if row.step is None else f", step {_shown(row.step)}"
        scale = "" if row.scale == "linear" else f", {row.scale.replace('_', ' ')}"
        return f"{row.kind} {_shown(row.min)} to {_shown(row.max)}{step}{scale}"
    if isinstance(row, Choice):
        order = {None: "", True: ", ordered", False: ", unordered"}[row.ordered]
        return f"one of {', '.join(map(_shown, row.choices))}{order}"
    if isinstance(row, Boolean):
        return "true or false"
    assert isinstance(row, Fixed)
    return f"fixed at {_shown(row.value)}"


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def fitting_start(warm: WarmStart, space: Space, counted_as: Mapping[str, Value]) -> WarmStart:
    """Return the warm start restricted to what fits a changed space."""
    studies = (_fitting_study(study, space, counted_as) for study in warm.studies)
    return WarmStart(
        studies=tuple(study for study in studies if study.values),
        by_hand=_fitting_enqueued(warm.by_hand, space, counted_as),
        portfolio=_fitting_enqueued(warm.portfolio, space, counted_as),
    )


def _fitting_study(
    study: EarlierStudy, space: Space, counted_as: Mapping[str, Value]
) -> EarlierStudy:
    found = [configuration_of(space, counted(values, counted_as)) for values in study.values]
    kept = [(v, loss) for v, loss in zip(found, study.loss, strict=True) if v is not None]
    values, losses = tuple(v for v, _ in kept), tuple(loss for _, loss in kept)
    return replace(study, values=values, loss=losses)


def _fitting_enqueued(
    many: tuple[Enqueued, ...], space: Space, counted_as: Mapping[str, Value]
) -> tuple[Enqueued, ...]:
    found = ((each, configuration_of(space, counted(each.values, counted_as))) for each in many)
    return tuple(replace(each, values=values) for each, values in found if values is not None)
