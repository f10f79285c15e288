"""Histories, suggestions and decisions as JSON, for custom samplers and pruners.

Answers come from custom code: each field is checked. NaN and infinities cross as JSON's NaN.
"""

import json
import math
import re
from dataclasses import asdict, replace
from typing import Any, Final, cast, get_args

import msgspec

from experiments.search.history import History, ObservedTrial, Values
from experiments.search.strategy import Decision, Promotion, Standing, Suggestion, SuggestionKind

SLUG: Final = re.compile(r"[a-z][a-z_]{0,39}")
LONGEST: Final = 300  # of a sentence
LARGEST_WHOLE: Final = 2**53
LARGEST_NUMBER: Final = 1e300
UNSEEN: Final = ("confirm", "if_noisy")  # how the site itself ends a search


class BadAnswer(ValueError):
    """An answer of custom code that can't be used; the text says why."""


def history_to_json(history: History) -> dict[str, Any]:
    """All that a sampler or pruner may see."""
    known = asdict(replace(history, trials=()))
    seen = {name: value for name, value in known.items() if name not in UNSEEN}
    return seen | {"trials": [trial_to_json(trial) for trial in history.trials]}


def history_of_json(source: dict[str, Any]) -> History:
    """The inverse, for the process that answers."""
    history = msgspec.convert({**source, "trials": ()}, History)
    return replace(history, trials=tuple(trial_of_json(each) for each in source["trials"]))


def trial_to_json(trial: ObservedTrial) -> list[Any]:
    """One trial as a list: the names of its fields would be most of the text."""
    head = [trial.number, trial.values, trial.state, trial.score]
    return [*head, trial.curve, trial.executions, trial.by_hand, trial.more]


def trial_of_json(source: list[Any]) -> ObservedTrial:
    """The inverse."""
    number, values, state, score, curve, executions, by_hand, more = source
    return ObservedTrial(
        number, values, state, score, tuple(curve), tuple(executions), by_hand, tuple(more)
    )


def read_suggestion(source: Any) -> Suggestion | None:
    """The sampler's answer; whether the space holds it is for the caller. Raises: BadAnswer."""
    if source is None:
        return None
    kinds = get_args(SuggestionKind)
    kind = source.get("kind") if isinstance(source, dict) else None
    if kind not in kinds:
        raise BadAnswer("suggest must return a Suggestion or None.")
    weights = source.get("weights")
    if not isinstance(weights, list):
        raise BadAnswer("Suggestion.weights must be a list.")
    return Suggestion(
        values=_values(source.get("values")),
        why=_sentence(source.get("why")),
        kind=cast(SuggestionKind, kind),
        predicted=_number(source.get("predicted"), "predicted"),
        uncertainty=_number(source.get("uncertainty"), "uncertainty"),
        weights=tuple(_number(each, "weights") or 0.0 for each in weights),
    )


def read_decision(source: Any) -> Decision:
    """The pruner's answer. Raises: BadAnswer."""
    if not isinstance(source, dict) or source.get("action") not in ("go_on", "stop", "pause"):
        raise BadAnswer("decide must return a Decision.")
    given = source.get("standing")
    standing = None if given is None else _standing(given)
    return Decision(source["action"], _sentence(source.get("reason")), standing)


def read_promotion(source: Any) -> Promotion | None:
    """Read which paused trial to promote. Raises: BadAnswer."""
    if source is None:
        return None
    if not isinstance(source, dict):
        raise BadAnswer("promote must return a Promotion or None.")
    standing = _standing(source.get("standing"))
    return Promotion(whole(source.get("number")), _sentence(source.get("reason")), standing)


def whole(value: Any) -> int:
    """An integer that the database can store. Raises: BadAnswer."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_WHOLE:
        raise BadAnswer(f"Expected an integer; got {_shown(value)}.")
    return value


def read_rungs(source: Any) -> tuple[int, ...]:
    """Epochs at which trials may pause. Raises: BadAnswer."""
    if not isinstance(source, list):
        raise BadAnswer("rungs must return a list of epochs.")
    return tuple(whole(each) for each in source)


def read_score(source: Any) -> float | None:
    """A tuner's score of a trial. Raises: BadAnswer."""
    return _number(source, "score")


def read_words(source: Any) -> str:
    """A sentence that may be empty. Raises: BadAnswer."""
    return _sentence(source)


def read_description(source: Any) -> dict[str, Any]:
    """What a class says of itself: role, slug, words and options. Raises: BadAnswer."""
    if not isinstance(source, dict) or not isinstance(source.get("options"), list):
        raise BadAnswer("The class has no label and options.")
    slug, role = _sentence(source.get("slug")), _sentence(source.get("role"))
    if not SLUG.fullmatch(slug) or role not in ("sampler", "pruner", "tuner"):
        raise BadAnswer("The class has no slug or no role.")
    return {
        "role": role,
        "slug": slug,
        "label": _sentence(source.get("label"))[:80],
        "help": _sentence(source.get("help")),
        "line": whole(source.get("line")),
        "options": [_option(each) for each in source["options"]],
    }


def _option(source: Any) -> dict[str, Any]:
    """One option: a whole number, text or a flag."""
    if not isinstance(source, dict) or not SLUG.fullmatch(str(source.get("name"))):
        raise BadAnswer("An option has no name.")
    default, choices = source.get("default"), source.get("choices")
    if not isinstance(default, bool | int | str) or not isinstance(choices, list):
        raise BadAnswer(f"Option {source['name']} must be an integer, text or boolean.")
    limits = {name: source.get(name) for name in ("lowest", "highest")}
    return {
        "name": source["name"],
        "label": _sentence(source.get("label"))[:80],
        "help": _sentence(source.get("help")),
        "default": _sentence(default) if isinstance(default, str) else default,
        "choices": [_sentence(each) for each in choices],
        **{name: None if limit is None else whole(limit) for name, limit in limits.items()},
    }


def read_kept(source: Any, line: int) -> dict[str, Any]:
    """How a rule was kept. line: of the class, where nothing points at another. Raises: BadAnswer."""
    if not isinstance(source, dict):
        raise BadAnswer("The result names no check.")
    trace = source.get("traceback")
    return {
        "name": _sentence(source.get("words")),
        "line": whole(source.get("line")) or line,
        "passed": source.get("passed") is True,
        "message": _sentence(source.get("problem")),
        "traceback": trace[:20_000] if isinstance(trace, str) else "",
    }


def _standing(source: Any) -> Standing:
    if not isinstance(source, dict):
        raise BadAnswer(
            "The Decision has no Standing; it must say what the trial was compared with."
        )
    places = {name: whole(source.get(name)) for name in ("epoch", "rank", "n", "bracket")}
    if min(places.values()) < 0:
        raise BadAnswer("Numbers of a Standing must be 0 or greater.")
    value, cutoff = (_number(source.get(name), name) for name in ("value", "cutoff"))
    return Standing(value=value, cutoff=cutoff, **places)


def _values(source: Any) -> Values:
    if not isinstance(source, dict):
        raise BadAnswer("Suggestion.values must be a dict of names and values.")
    for name, value in source.items():
        is_plain = isinstance(value, bool | str) or (
            isinstance(value, int | float)
            and abs(value) < LARGEST_NUMBER
            and value == value  # no NaN
        )
        if not is_plain:
            raise BadAnswer(f"{_shown(value)} isn't a valid value of {_shown(name)}.")
    return cast(Values, source)


def _number(source: Any, name: str) -> float | None:
    if source is None:
        return None
    if isinstance(source, bool) or not isinstance(source, int | float):
        raise BadAnswer(f"{name} must be a number; got {_shown(source)}.")
    try:
        number = float(source)
    except OverflowError as error:
        raise BadAnswer(f"{name} is a number that can't be stored.") from error
    return number if math.isfinite(number) else None


def _sentence(source: Any) -> str:
    if not isinstance(source, str):
        raise BadAnswer(f"Expected text; got {_shown(source)}.")
    return "".join(each if each.isprintable() else " " for each in source)[:LONGEST]


def _shown(value: Any) -> str:
    return repr(value)[:60]


def to_text(question: dict[str, Any]) -> str:
    """As it crosses."""
    return json.dumps(question, separators=(",", ":"))


def of_text(text: str) -> Any:
    """What crossed. Raises: BadAnswer."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("Not valid JSON.") from error
