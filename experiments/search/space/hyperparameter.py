"""The interface of every kind of hyperparameter."""

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from experiments.search.history import Value

Kind = Literal["int", "float", "choice", "boolean", "fixed"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Active only when the hyperparameter `name` is active and has one of `values`."""

    name: str
    values: tuple[Value, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"name": self.name, "values": list(self.values)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameter(ABC):
    """What every kind has. `unit` and `help` are words for people."""

    kind: ClassVar[Kind]
    is_searched: ClassVar[bool] = True

    name: str
    default: Value | None = None
    only_if: Condition | None = None
    unit: str = ""
    help: str = ""

    @abstractmethod
    def count(self) -> int | None:
        """How many values there are; None = any number in a range."""

    @abstractmethod
    def decode(self, unit: float) -> Value:
        """The value at a coordinate in [0, 1]."""

    @abstractmethod
    def encode(self, value: Value) -> float:
        """The coordinate of a value: `decode` gives the value back."""

    @abstractmethod
    def values(self, resolution: int) -> Sequence[Value]:
        """Values for a grid, in order, lazily; a range without steps gives `resolution` of them."""

    def is_active(self, values: Mapping[str, Value], active: Container[str]) -> bool:
        """Whether its condition holds. active: names that are known to be active among `values`."""
        condition = self.only_if
        return condition is None or (
            condition.name in active and values.get(condition.name) in condition.values
        )

    def canonical(self, value: Value) -> Value:
        """The value as this hyperparameter writes it: the right type, on its step."""
        return value

    @abstractmethod
    def problem(self, value: object) -> str:
        """Say why `value` is none of this hyperparameter's values; empty when it is one."""

    @abstractmethod
    def details(self) -> dict[str, Any]:
        """The fields of this kind alone, as JSON."""

    def to_dict(self) -> dict[str, Any]:
        """The row of this hyperparameter, as JSON."""
        return {
            "name": self.name,
            "type": self.kind,
            **self.details(),
            "default": self.default,
            "only_if": None if self.only_if is None else self.only_if.to_dict(),
            "unit": self.unit,
            "help": self.help,
        }

    def start(self) -> Value:
        """Its default, or the middle of its range where it has none."""
        return self.decode(0.5) if self.default is None else self.default
