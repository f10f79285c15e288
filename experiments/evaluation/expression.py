"""A custom objective, such as
`0.7*val_f1 - 0.1*log10(parameters)`: parsed into closures, never run as Python.

Known: numbers, names of measured metrics, `parameters` (weights of the model), `seconds` (training
time of the execution so far); + - * / **; min, max, abs, sqrt, exp, log, log10.
"""

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

CUSTOM: Final = "custom"  # its name as an objective
FACTS: Final = ("parameters", "seconds")
LONGEST: Final = 300
DEEPEST: Final = 40
EXAMPLE: Final = "0.7*val_f1 - 0.1*log10(parameters)"

Values = Mapping[str, float | None]
Compute = Callable[[Values], float]


class ExpressionError(ValueError):
    """An expression that can't be read; its text says why and how to mend it."""


class NoValue(ArithmeticError):
    """The expression has no value for these numbers; its text says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. names: the metrics and facts that it needs."""

    text: str
    names: frozenset[str]
    compute: Compute

    def value(self, values: Values) -> float:
        """Compute it. Raises NoValue."""
        try:
            found = self.compute(values)
        except ZeroDivisionError:
            raise NoValue("It divides by zero.") from None
        except OverflowError:
            raise NoValue("It is too large for a number.") from None
        if not math.isfinite(found):
            raise NoValue("It is too large for a number.")
        return found


def parse_expression(text: str, known: Collection[str]) -> Expression:
    """Read an expression over the known metrics and the facts; raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"Is longer than {LONGEST} characters. Write it shorter.")
    if not text.strip():
        raise ExpressionError(f"Is empty. Write something like {EXAMPLE}.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        place = f" near character {error.offset}" if error.offset else ""
        raise ExpressionError(f"Can't be read{place}. Write something like {EXAMPLE}.") from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError(f"Can't be read. Write something like {EXAMPLE}.") from None
    parser = _Parser((*known, *FACTS))
    compute = parser.read(tree, 0)
    if parser.names <= set(FACTS):
        raise ExpressionError(
            f"Names no metric, so training could not better it. Write something like {EXAMPLE}."
        )
    return Expression(text.strip(), frozenset(parser.names), compute)


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except ValueError:
        raise NoValue("It takes a power that is no real number.") from None


def _of_positive(name: str, function: Callable[[float], float]) -> Callable[[float], float]:
    def compute(value: float) -> float:
        try:
            return function(value)
        except ValueError:
            raise NoValue(f"It takes {name} of {value:.6g}.") from None

    return compute


_ARITHMETIC: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
}
_OF_ONE: Final[dict[str, Callable[[float], float]]] = {
    "abs": abs,
    "exp": math.exp,
    "sqrt": _of_positive("the square root", math.sqrt),
    "log": _of_positive("the logarithm", math.log),
    "log10": _of_positive("the logarithm", math.log10),
}
_OF_SEVERAL: Final[dict[str, Callable[..., float]]] = {"min": min, "max": max}
FUNCTIONS: Final = (*_OF_SEVERAL, *_OF_ONE)


class _Parser:
    """Turns a syntax tree into closures; whatever is not listed here is refused."""

    def __init__(self, known: Collection[str]) -> None:
        self.known = known
        self.names: set[str] = set()

    def read(self, node: ast.expr, depth: int) -> Compute:
        if depth > DEEPEST:
            raise ExpressionError("Is nested too deeply. Write it shorter.")
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node.id)
            case ast.BinOp():
                return self._arithmetic(node, depth + 1)
            case ast.UnaryOp(op=ast.USub()):
                inner = self.read(node.operand, depth + 1)
                return lambda values: -inner(values)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.read(node.operand, depth + 1)
            case ast.Call():
                return self._call(node, depth + 1)
        raise ExpressionError(
            "Holds something that objectives don't know. Use numbers, names of metrics, "
            f"+ - * / ** and {', '.join(FUNCTIONS)}."
        )

    def _constant(self, node: ast.Constant) -> Compute:
        value: Any = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExpressionError(f"{ast.unparse(node)[:40]} is no number.")
        if not abs(value) <= 1e15:
            raise ExpressionError("Holds a number of more than 15 digits.")
        number = float(value)
        return lambda values: number

    def _name(self, name: str) -> Compute:
        if name in FUNCTIONS:
            raise ExpressionError(f"{name} is a function. Write {name}(…).")
        if name not in self.known:
            listed = ", ".join(self.known)
            raise ExpressionError(f"There is no metric named {name[:40]}. Known: {listed}.")
        self.names.add(name)

        def compute(values: Values) -> float:
            value = values.get(name)
            if value is None or not math.isfinite(value):
                raise NoValue(f"{name} is not a number.")
            return value

        return compute

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Compute:
        apply = _ARITHMETIC.get(type(node.op))
        if apply is None:
            raise ExpressionError("Only + - * / and ** can be computed.")
        left, right = self.read(node.left, depth), self.read(node.right, depth)
        return lambda values: apply(left(values), right(values))

    def _call(self, node: ast.Call, depth: int) -> Compute:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        function = _OF_ONE.get(name) or _OF_SEVERAL.get(name)
        if function is None or node.keywords:
            raise ExpressionError(f"The only functions are {', '.join(FUNCTIONS)}.")
        if (name in _OF_ONE) != (len(node.args) == 1):
            count = "one value" if name in _OF_ONE else "two or more values"
            raise ExpressionError(f"{name} takes {count}.")
        parts = [self.read(part, depth) for part in node.args]
        return lambda values: function(*(part(values) for part in parts))
