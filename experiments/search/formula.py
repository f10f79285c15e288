"""Formulas over names, for constraints and custom objectives: parsed into closures, never run as Python.

Known: numbers, texts in quotes, True and False, names; + - * / // % **; == != < <= > >= (also in
chains), in and not in with a list of constants; and, or, not; min, max, abs, sqrt, exp, log, log10.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from experiments.search.reading import describe

Kind = Literal["number", "text", "truth"]
Compute = Callable[[Mapping[str, Any]], Any]

DEEPEST: Final = 40


class FormulaError(ValueError):
    """A formula that can't be read; its text says why and how to fix it."""


class NoValue(ArithmeticError):
    """The formula has no value for these numbers; its text says why."""


@dataclass(frozen=True, slots=True)
class Names:
    """What may be named: `noun` for messages; lookup: name → closure over the values."""

    noun: str
    kinds: Mapping[str, Kind]
    lookup: Callable[[str], Compute]


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula: what it gives, the names that it needs, and how it is computed."""

    kind: Kind
    names: frozenset[str]
    compute: Compute


def parse_formula(text: str, names: Names, *, longest: int, example: str) -> Formula:
    """Read a formula over the given names. Raises: FormulaError."""
    if len(text) > longest:
        raise FormulaError(f"Longer than {longest} characters. Shorten it.")
    if not text.strip():
        raise FormulaError(f"Empty. Write an expression such as {example}.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        place = f" near character {error.offset}" if error.offset else ""
        raise FormulaError(
            f"Syntax error{place}. Write an expression such as {example}."
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise FormulaError(f"Syntax error. Write an expression such as {example}.") from None
    parser = _Parser(names)
    kind, compute = parser.read(tree, 0)
    return Formula(kind, frozenset(parser.used), compute)


def as_kind(kind: Kind, wanted: Kind, text: str) -> None:
    """Check what `text` gives. Raises: FormulaError."""
    if kind != wanted:
        raise FormulaError(f"{text} is {_WORDS[kind]}; expected {_WORDS[wanted]}.")


def kind_of_value(value: object) -> Kind:
    """Which of the three kinds a constant is."""
    if isinstance(value, bool):
        return "truth"
    return "text" if isinstance(value, str) else "number"


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)  # of floats: integers would grow without bound
    except ValueError:
        raise NoValue("A power has no real result.") from None


def _of_positive(name: str, function: Callable[[float], float]) -> Callable[[float], float]:
    def compute(value: float) -> float:
        try:
            return function(value)
        except ValueError:
            raise NoValue(f"{name} of {value:.6g} isn't defined.") from None

    return compute


_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_OF_ONE: Final[dict[str, Callable[[float], float]]] = {
    "abs": abs,
    "exp": math.exp,
    "sqrt": _of_positive("square root", math.sqrt),
    "log": _of_positive("logarithm", math.log),
    "log10": _of_positive("logarithm", math.log10),
}
_OF_SEVERAL: Final[dict[str, Callable[..., float]]] = {"min": min, "max": max}
FUNCTIONS: Final = (*_OF_SEVERAL, *_OF_ONE)
_WORDS: Final[dict[Kind, str]] = {
    "number": "a number",
    "text": "a text",
    "truth": "true or false",
}


class _Parser:
    """Turns a syntax tree into closures, knowing of each part whether it is number, text or truth."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used: set[str] = set()

    def read(self, node: ast.expr, depth: int) -> tuple[Kind, Compute]:
        if depth > DEEPEST:
            raise FormulaError("Nested too deeply. Shorten it.")
        reader = self._READERS.get(type(node))
        if reader is None:
            raise FormulaError(
                "Unsupported expression. Allowed: names, numbers, arithmetic, "
                f"comparisons, and, or, not, {', '.join(FUNCTIONS)}."
            )
        return reader(self, node, depth + 1)

    def number(self, node: ast.expr, depth: int) -> Compute:
        return self.expect("number", node, depth)

    def expect(self, wanted: Kind, node: ast.expr, depth: int) -> Compute:
        kind, compute = self.read(node, depth)
        as_kind(kind, wanted, ast.unparse(node)[:40])
        return compute

    def constant(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        value = node.value
        if not isinstance(value, int | float | str) or value in (math.inf, -math.inf):
            raise FormulaError(f"{ast.unparse(node)} isn't supported here.")
        if isinstance(value, int) and abs(value) > 10**15:
            raise FormulaError("Numbers have at most 15 digits.")
        return kind_of_value(value), lambda values: value

    def name(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        name: str = node.id
        kind = self.names.kinds.get(name)
        if kind is None and name in FUNCTIONS:
            raise FormulaError(f"{name} is a function. Write {name}(…).")
        if kind is None:
            known = ", ".join(list(self.names.kinds)[:40])
            raise FormulaError(
                f"There is no {self.names.noun} named {describe(name)}. Known: {known}."
            )
        self.used.add(name)
        return kind, self.names.lookup(name)

    def arithmetic(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        apply = _ARITHMETIC.get(type(node.op))
        if apply is None:
            raise FormulaError("Supported operators: + - * / // % and **.")
        left, right = self.number(node.left, depth), self.number(node.right, depth)
        return "number", lambda values: apply(left(values), right(values))

    def unary(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        if isinstance(node.op, ast.Not):
            inner = self.expect("truth", node.operand, depth)
            return "truth", lambda values: not inner(values)
        if isinstance(node.op, ast.Invert):
            raise FormulaError('Write "not" instead of ~.')
        inner = self.number(node.operand, depth)
        if isinstance(node.op, ast.UAdd):
            return "number", inner
        return "number", lambda values: -inner(values)

    def logic(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        parts = [self.expect("truth", part, depth) for part in node.values]
        if isinstance(node.op, ast.And):
            return "truth", lambda values: all(part(values) for part in parts)
        return "truth", lambda values: any(part(values) for part in parts)

    def comparison(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        left_kind, left = self.read(node.left, depth)
        links: list[Compute] = []
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                links.append(self._membership(op, left_kind, left, right_node))
                continue
            right_kind, right = self.read(right_node, depth)
            links.append(_link(op, (left_kind, left), (right_kind, right)))
            left_kind, left = right_kind, right
        return "truth", lambda values: all(link(values) for link in links)

    def _membership(self, op: ast.cmpop, kind: Kind, left: Compute, node: ast.expr) -> Compute:
        if not isinstance(node, ast.Tuple | ast.List | ast.Set) or not node.elts:
            raise FormulaError('Write a list after "in", such as optimizer in ("sgd", "adam").')
        listed = [self.constant_value(entry, kind) for entry in node.elts]
        wanted = isinstance(op, ast.In)
        return lambda values: (left(values) in listed) == wanted

    def constant_value(self, node: ast.expr, kind: Kind) -> Any:
        if not isinstance(node, ast.Constant):
            raise FormulaError('A list after "in" may only contain constants.')
        found, compute = self.constant(node, 0)
        if found != kind:
            raise FormulaError(
                f"{ast.unparse(node)} is {_WORDS[found]} but is compared with {_WORDS[kind]}."
            )
        return compute({})

    def call(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = _OF_ONE.get(name) or _OF_SEVERAL.get(name)
        if function is None or node.keywords:
            raise FormulaError(f"Supported functions: {', '.join(FUNCTIONS)}.")
        if (name in _OF_ONE) != (len(node.args) == 1):
            count = "one value" if name in _OF_ONE else "two or more values"
            raise FormulaError(f"{name} takes {count}.")
        parts = [self.number(part, depth) for part in node.args]
        return "number", lambda values: function(*(part(values) for part in parts))

    _READERS: Final[
        dict[type[ast.expr], Callable[["_Parser", Any, int], tuple[Kind, Compute]]]
    ] = {
        ast.Constant: constant,
        ast.Name: name,
        ast.BinOp: arithmetic,
        ast.UnaryOp: unary,
        ast.BoolOp: logic,
        ast.Compare: comparison,
        ast.Call: call,
    }


def _link(op: ast.cmpop, left: tuple[Kind, Compute], right: tuple[Kind, Compute]) -> Compute:
    compare = _COMPARISONS.get(type(op))
    if compare is None:
        raise FormulaError('Write == or != instead of "is".')
    (left_kind, first), (right_kind, second) = left, right
    if left_kind != right_kind:
        raise FormulaError(
            f"Compares {_WORDS[left_kind]} with {_WORDS[right_kind]}: they are never equal."
        )
    if left_kind != "number" and not isinstance(op, ast.Eq | ast.NotEq):
        raise FormulaError(f"{_WORDS[left_kind]} can only be compared with == and !=.")
    return lambda values: compare(first(values), second(values))
