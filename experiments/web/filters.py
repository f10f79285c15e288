"""Web: the typed filter of trial tables, "units > 128 and state = completed". Standard library only.

Grammar: conditions joined by `and`, groups of those joined by `or`; a condition is
`name op value` with op one of = != < <= > >=, or `name in (a, b)`. `static/js/lib/filter.js` is
its twin; both run the cases of tests/js/lib/filter-cases.json.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"""\s*(?:("[^"]*"|'[^']*')|(<=|>=|!=|=|<|>|\(|\)|,)|([^\s<>=!(),"']+))""")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MARKS = {"(", ")", ",", *_COMPARE}
LONGEST = 500
Test = Callable[[Mapping[str, Any]], bool]


class FilterError(Exception):
    """A filter that can't be read; the message says where and how it could go on."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; `values` holds one value, or those of an `in` list."""

    name: str
    op: str
    values: tuple[str, ...]

    def test(self) -> Test:
        """Whether a row meets it, made for many rows; a name without a value meets only `!=`.

        Numbers compare as numbers, yes and no as booleans, the rest as words without case.
        """
        name, compare, is_other = (
            self.name,
            _COMPARE["=" if self.op == "in" else self.op],
            self.op == "!=",
        )
        numbers = [number for value in self.values if (number := _number(value)) is not None]
        words = [value.lower() for value in self.values]
        several = len(self.values) > 1
        truths = [word in {"yes", "true", "1"} for word in words]

        def holds(row: Mapping[str, Any]) -> bool:
            found = row.get(name)
            if found is None:
                return is_other
            wanted: Sequence[Any]
            if isinstance(found, bool):
                wanted = truths
            elif isinstance(found, int | float):
                if not numbers:
                    return is_other
                wanted = numbers
            else:
                found, wanted = str(found).lower(), words
            return (
                any(compare(found, value) for value in wanted)
                if several
                else compare(found, wanted[0])
            )

        return holds


@dataclass(frozen=True, slots=True)
class Filter:
    """Any of the groups, all conditions of it; no groups: every row."""

    groups: tuple[tuple[Condition, ...], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(condition.name for group in self.groups for condition in group)

    def keeps(self, row: Mapping[str, Any]) -> bool:
        return self.test()(row)

    def test(self) -> Test:
        """Whether a row passes, made for many rows."""
        groups = [[condition.test() for condition in group] for group in self.groups]
        if not groups:
            return lambda row: True
        if len(groups) == len(groups[0]) == 1:
            return groups[0][0]
        return lambda row: any(all(test(row) for test in group) for group in groups)


def parse_filter(text: str, names: frozenset[str] | set[str]) -> Filter:
    """Read a filter over `names`; raises FilterError."""
    if len(text) > LONGEST:
        raise FilterError(f"The filter is longer than {LONGEST} characters.")
    tokens = _tokens(text)
    if not tokens:
        return Filter()
    reader = _Reader(tokens, {name.lower(): name for name in names})
    groups = [[reader.condition()]]
    while reader.left:
        word = reader.take("and")
        if word.lower() == "and":
            groups[-1].append(reader.condition())
        elif word.lower() == "or":
            groups.append([reader.condition()])
        else:
            raise FilterError(f'Expected "and" or "or" before "{word}".')
    return Filter(tuple(tuple(group) for group in groups))


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FilterError(f'Can\'t read the filter at "{text[at:].strip()[:20]}".')
        tokens.append(match.group(1) or match.group(2) or match.group(3))
        at = match.end()
    return tokens


class _Reader:
    """Walks over the tokens of one filter."""

    def __init__(self, tokens: list[str], names: dict[str, str]) -> None:
        self._tokens = tokens
        self._names = names
        self._at = 0

    @property
    def left(self) -> bool:
        return self._at < len(self._tokens)

    def take(self, wanted: str) -> str:
        if not self.left:
            raise FilterError(f"Expected {wanted} at the end of the filter.")
        self._at += 1
        return self._tokens[self._at - 1]

    def condition(self) -> Condition:
        written = self.take("a name")
        if written in _MARKS:
            more = (
                ' Parentheses are only for lists; "and" binds before "or".'
                if written in "()"
                else ""
            )
            raise FilterError(f'Expected a column, got "{written}".{more}')
        name = self._names.get(written.lower())
        if name is None:
            known = ", ".join(sorted(self._names.values())[:8])
            raise FilterError(f'There is no column "{written}". Try one of: {known}.')
        op = self.take("an operator like = or >")
        if op.lower() == "in":
            return Condition(name, "in", self._list())
        if op not in _COMPARE:
            raise FilterError(f'"{op}" is not a comparison. Use =, !=, <, <=, >, >= or in (…).')
        return Condition(name, op, (_word(self.take("a value")),))

    def _list(self) -> tuple[str, ...]:
        if self.take('"("') != "(":
            raise FilterError('"in" needs a list: in (adam, sgd).')
        values = [_word(self.take("a value"))]
        while (mark := self.take('")"')) != ")":
            if mark != ",":
                raise FilterError(f'Expected a comma or ")" before "{mark}".')
            values.append(_word(self.take("a value")))
        return tuple(values)


def _word(token: str) -> str:
    if token in _MARKS:
        raise FilterError(f'Expected a value, got "{token}".')
    return token[1:-1] if token[0] in "\"'" else token


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
