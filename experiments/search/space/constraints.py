"""Constraints between hyperparameters, such as
`units * layers <= 2048`: parsed into closures, never run as Python.

Known: numbers, texts in quotes, True and False, names of hyperparameters; + - * / // % **;
== != < <= > >= (also in chains), in and not in with a list of constants; and, or, not; min, max,
abs, log10. A constraint over an inactive name counts as met. One that can't be computed for some
values (a division by zero, the logarithm of 0) counts as not met by them.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from experiments.search.history import Value
from experiments.search.reading import describe
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, Fixed

Kind = Literal["number", "text", "truth"]
Compute = Callable[[Mapping[str, Value]], Any]

LONGEST: Final = 500
DEEPEST: Final = 40
EXAMPLE: Final = "units * layers <= 2048"


class ConstraintError(ValueError):
    """A constraint that can't be read; its text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A parsed constraint; two are equal when their texts are."""

    text: str
    names: frozenset[str]
    compute: Compute

    def __eq__(self, other: object) -> bool:
        """Whether the texts are the same."""
        return isinstance(other, Constraint) and other.text == self.text

    def __hash__(self) -> int:
        """By the text."""
        return hash(self.text)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether the values meet it; values without one of its names do."""
        if not self.names <= values.keys():
            return True
        try:
            return bool(self.compute(values))
        except (ArithmeticError, ValueError):
            return False


def parse_constraint(text: str, rows: Mapping[str, Hyperparameter]) -> Constraint:
    """Read a constraint over the named rows; raises ConstraintError."""
    if len(text) > LONGEST:
        raise ConstraintError(f"Is longer than {LONGEST} characters. Split it in two.")
    if not text.strip():
        raise ConstraintError(f"Is empty. Write a comparison such as {EXAMPLE}, or remove it.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        place = f" near character {error.offset}" if error.offset else ""
        raise ConstraintError(f"Can't be read{place}. Write something like {EXAMPLE}.") from None
    except (ValueError, MemoryError, RecursionError):
        raise ConstraintError(f"Can't be read. Write something like {EXAMPLE}.") from None
    parser = _Parser(rows)
    kind, compute = parser.read(tree, 0)
    if kind != "truth":
        raise ConstraintError(f"Must say something that is met or not, such as {EXAMPLE}.")
    if not parser.names:
        raise ConstraintError("Names no hyperparameter, so it could never change. Remove it.")
    return Constraint(text, frozenset(parser.names), compute)


def _power(base: float, exponent: float) -> float:
    return math.pow(base, exponent)  # of floats: integers would grow without bound


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
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "log10": math.log10,
}
_WORDS: Final[dict[Kind, str]] = {
    "number": "a number",
    "text": "a text",
    "truth": "true or false",
}


def _kind_of(row: Hyperparameter) -> Kind:
    if isinstance(row, Boolean):
        return "truth"
    sample = row.choices[0] if isinstance(row, Choice) else None
    sample = row.value if isinstance(row, Fixed) else sample
    return _kind_of_value(sample) if sample is not None else "number"


def _kind_of_value(value: object) -> Kind:
    if isinstance(value, bool):
        return "truth"
    return "text" if isinstance(value, str) else "number"


class _Parser:
    """Turns a syntax tree into closures, knowing of each part whether it is number, text or truth."""

    def __init__(self, rows: Mapping[str, Hyperparameter]) -> None:
        self.rows = rows
        self.names: set[str] = set()

    def read(self, node: ast.expr, depth: int) -> tuple[Kind, Compute]:
        if depth > DEEPEST:
            raise ConstraintError("Is nested too deeply. Split it in two.")
        reader = self._READERS.get(type(node))
        if reader is None:
            raise ConstraintError(
                "Holds something that constraints don't know. Use names, numbers, arithmetic, "
                "comparisons, and, or, not, min, max, abs, log10."
            )
        return reader(self, node, depth + 1)

    def number(self, node: ast.expr, depth: int) -> Compute:
        return self.expect("number", node, depth)

    def expect(self, wanted: Kind, node: ast.expr, depth: int) -> Compute:
        kind, compute = self.read(node, depth)
        if kind != wanted:
            raise ConstraintError(
                f"{ast.unparse(node)} is {_WORDS[kind]} where {_WORDS[wanted]} is needed."
            )
        return compute

    def constant(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        del depth
        value = node.value
        if not isinstance(value, int | float | str) or value in (math.inf, -math.inf):
            raise ConstraintError(f"{ast.unparse(node)} can't be used here.")
        if isinstance(value, int) and abs(value) > 10**15:
            raise ConstraintError("Holds a number of more than 15 digits.")
        return _kind_of_value(value), lambda values: value

    def name(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        del depth
        name: str = node.id
        row = self.rows.get(name)
        if row is None:
            known = ", ".join(list(self.rows)[:12])
            raise ConstraintError(
                f"There is no hyperparameter named {describe(name)}. Known: {known}."
            )
        self.names.add(name)
        return _kind_of(row), lambda values: values[name]

    def arithmetic(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        apply = _ARITHMETIC.get(type(node.op))
        if apply is None:
            raise ConstraintError("Only + - * / // % and ** can be computed.")
        left, right = self.number(node.left, depth), self.number(node.right, depth)
        return "number", lambda values: apply(left(values), right(values))

    def unary(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        if isinstance(node.op, ast.Not):
            inner = self.expect("truth", node.operand, depth)
            return "truth", lambda values: not inner(values)
        if isinstance(node.op, ast.Invert):
            raise ConstraintError("Write not instead of ~.")
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
            raise ConstraintError('Write the list after in, such as optimizer in ("sgd", "adam").')
        listed = [self.constant_value(entry, kind) for entry in node.elts]
        wanted = isinstance(op, ast.In)
        return lambda values: (left(values) in listed) == wanted

    def constant_value(self, node: ast.expr, kind: Kind) -> Any:
        if not isinstance(node, ast.Constant):
            raise ConstraintError("A list after in holds constants only.")
        found, compute = self.constant(node, 0)
        if found != kind:
            raise ConstraintError(
                f"{ast.unparse(node)} is {_WORDS[found]} and is compared with {_WORDS[kind]}."
            )
        return compute({})

    def call(self, node: Any, depth: int) -> tuple[Kind, Compute]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = _FUNCTIONS.get(name)
        if function is None or node.keywords:
            raise ConstraintError("The only functions are min, max, abs and log10.")
        single = name in ("abs", "log10")
        if single != (len(node.args) == 1):
            raise ConstraintError(
                f"{name} takes {'one value' if single else 'two or more values'}."
            )
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
        raise ConstraintError("Write == or != instead of is.")
    (left_kind, first), (right_kind, second) = left, right
    if left_kind != right_kind:
        raise ConstraintError(
            f"Compares {_WORDS[left_kind]} with {_WORDS[right_kind]}, which is never the same."
        )
    if left_kind != "number" and not isinstance(op, ast.Eq | ast.NotEq):
        raise ConstraintError(f"Only == and != compare {_WORDS[left_kind]}.")
    return lambda values: compare(first(values), second(values))


def parse_all(
    texts: Sequence[object], rows: Mapping[str, Hyperparameter]
) -> tuple[list[Constraint], list[tuple[int, str]]]:
    """Parse every constraint; return those that could be read, and (index, why not) of the rest."""
    read: list[Constraint] = []
    wrong: list[tuple[int, str]] = []
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            wrong.append((index, f"Needs text such as {EXAMPLE}, not {describe(text)}."))
            continue
        try:
            read.append(parse_constraint(text, rows))
        except ConstraintError as error:
            wrong.append((index, str(error)))
    return read, wrong
