"""Compares the trials of a search with those that an earlier import brought.

Trials are paired by their ids in the source, of a table without ids by their values. Two of a pair are one trial
when their values and start are the same; what has ended must have the same results too.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from experiments.interop.imported_search import ImportedTrial, strict

LISTED: Final = 10  # differences that are put into words
Verdict = Literal["unchanged", "completed", "continued", "changed", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFacts:
    """What is compared of a trial. is_open: whether its source may still change it.

    values: with those that are no hyperparameters here. curves: None where they are not compared.
    """

    key: str
    values: Mapping[str, Any]
    state: str
    score: float | None
    metrics: Mapping[str, Any]
    epochs: int
    started: datetime | None
    is_open: bool
    curves: Mapping[str, Sequence[float | None]] | None = None


@dataclass(slots=True)
class Comparison:
    """added: places of new trials in the search. renewed: places of those that went on, each with its index here.

    same: pairs that are surely one trial. differences: the first of `different` pairs, in words; is_alike: whether
    one of them is the same trial with other results.
    """

    added: list[int] = field(default_factory=list)
    renewed: dict[int, int] = field(default_factory=dict)
    completed: int = 0
    continued: int = 0
    unchanged: int = 0
    same: int = 0
    different: int = 0
    is_alike: bool = False
    differences: list[str] = field(default_factory=list)


def facts_of(
    trial: ImportedTrial, when: Callable[[datetime | None], datetime | None]
) -> TrialFacts:
    """Of a trial that was read. when: gives a time without a zone the one that stored times have."""
    return TrialFacts(
        key=trial.key,
        values=strict({**trial.values, **trial.source.get("extra", {})}),
        state=trial.state,
        score=trial.score,
        metrics=strict(trial.metrics),
        epochs=trial.length,
        started=when(trial.started),
        is_open=trial.is_open,
        curves=trial.curves,
    )


def compare(
    here: Sequence[TrialFacts], there: Sequence[TrialFacts], *, by_values: bool
) -> Comparison:
    """What the search `there` adds to the trials `here`, and where both contradict each other."""
    found = Comparison()
    pairs = _pairs_by_values(here, there) if by_values else _pairs_by_key(here, there)
    for place, new in enumerate(there):
        if place not in pairs:
            found.added.append(place)
            continue
        old = here[pairs[place]]
        verdict, words = _judge(old, new)
        if verdict in ("changed", "other"):
            found.different += 1
            found.is_alike |= verdict == "changed"
            if len(found.differences) < LISTED:
                found.differences.append(f"Trial {new.key}: {words}")
            continue
        found.same += not _restarted(old, new)
        found.unchanged += verdict == "unchanged"
        found.completed += verdict == "completed"
        found.continued += verdict == "continued"
        if verdict != "unchanged":
            found.renewed[place] = pairs[place]
    return found


def _pairs_by_key(here: Sequence[TrialFacts], there: Sequence[TrialFacts]) -> dict[int, int]:
    places = {trial.key: place for place, trial in enumerate(here)}
    return {at: places[new.key] for at, new in enumerate(there) if new.key in places}


def _pairs_by_values(here: Sequence[TrialFacts], there: Sequence[TrialFacts]) -> dict[int, int]:
    """Repeats of one configuration are first paired where their results are the same."""
    old, new = [_values_text(each) for each in here], [_values_text(each) for each in there]
    found: dict[int, int] = {}
    exact = (_with_results(old, here), _with_results(new, there))
    for keys_here, keys_there in (exact, (old, new)):
        left: dict[Any, deque[int]] = defaultdict(deque)
        taken = set(found.values())
        for index, key in enumerate(keys_here):
            if index not in taken:
                left[key].append(index)
        for place, key in enumerate(keys_there):
            if place not in found and left[key]:
                found[place] = left[key].popleft()
    return found


def _with_results(texts: Sequence[str], trials: Sequence[TrialFacts]) -> list[Any]:
    return [(text, each.state, each.score) for text, each in zip(texts, trials, strict=True)]


def _values_text(trial: TrialFacts) -> str:
    return json.dumps({name: str(value) for name, value in trial.values.items()}, sort_keys=True)


def _judge(old: TrialFacts, new: TrialFacts) -> tuple[Verdict, str]:
    other = _other_values(old, new)
    if other:
        return "other", other
    if _restarted(old, new) and not old.is_open:
        return "other", "started at another time."
    changed = _changed_result(old, new)
    if not old.is_open:
        # The source is an older copy where the trial still runs there.
        return ("changed", changed) if changed and not new.is_open else ("unchanged", "")
    rewritten = _rewritten_curve(old, new)
    if rewritten:
        return "changed", rewritten
    if not new.is_open:
        return "completed", ""
    return ("continued" if changed else "unchanged"), ""


def _restarted(old: TrialFacts, new: TrialFacts) -> bool:
    return old.started is not None and new.started is not None and old.started != new.started


def _other_values(old: TrialFacts, new: TrialFacts) -> str:
    """Where the values contradict each other; one that still runs may get further ones."""
    for name in old.values.keys() & new.values.keys():
        was, now = old.values[name], new.values[name]
        if was != now and str(was) != str(now):
            return f"{name} is {now} now, {was} when it was imported."
    if not old.is_open and not new.is_open and old.values.keys() != new.values.keys():
        names = sorted(old.values.keys() ^ new.values.keys())
        return f"has a value of {names[0]} only {'now' if names[0] in new.values else 'then'}."
    return ""


def _changed_result(old: TrialFacts, new: TrialFacts) -> str:
    if old.state != new.state:
        return f"{new.state} now, {old.state} when it was imported."
    if old.score != new.score:
        return f"score {_shown(new.score)} now, {_shown(old.score)} when it was imported."
    for name in sorted(old.metrics.keys() | new.metrics.keys()):
        was, now = old.metrics.get(name), new.metrics.get(name)
        if was != now:
            return f"{name} {_shown(now)} now, {_shown(was)} when it was imported."
    if old.epochs != new.epochs:
        return f"{new.epochs} epochs now, {old.epochs} when it was imported."
    return _rewritten_curve(old, new)


def _rewritten_curve(old: TrialFacts, new: TrialFacts) -> str:
    """The first epoch that had a value and has another one now."""
    if old.curves is None or new.curves is None:
        return ""
    for name, was in old.curves.items():
        now = new.curves.get(name, ())
        for place, value in enumerate(was):
            if value is not None and (place >= len(now) or now[place] != value):
                return f"{name} of epoch {place + 1} is another one than when it was imported."
    return ""


def _shown(number: object) -> str:
    return f"{number:.10g}" if isinstance(number, float | int) else "none"
