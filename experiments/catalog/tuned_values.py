"""What code gets as `hp`: KerasTuner's HyperParameters, answering with the values of one configuration.

Standard library only: this file travels, as text, at the end of a configuration's source. Documented
behaviour of KerasTuner 1.4: docs/guide/own-code.md lists what differs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class HyperParameters:
    """Answers every question with a value; in a scope that isn't active with None, as KerasTuner does."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        """`values`: by full name; a name that has none gets its default."""
        self.values = dict(values or {})
        self._scopes: list[str] = []
        self._conditions: list[tuple[str, list[Any]]] = []

    def Int(
        self,
        name: str,
        min_value: Any,
        max_value: Any,
        step: Any = None,
        sampling: str | None = None,
        default: Any = None,
        **parent: Any,
    ) -> Any:
        """Ask for a whole number."""
        row = {"min": min_value, "max": max_value, "step": step, "sampling": sampling}
        return self._ask("int", name, row, min_value if default is None else default, parent)

    def Float(
        self,
        name: str,
        min_value: Any,
        max_value: Any,
        step: Any = None,
        sampling: str | None = None,
        default: Any = None,
        **parent: Any,
    ) -> Any:
        """Ask for a number."""
        row = {"min": min_value, "max": max_value, "step": step, "sampling": sampling}
        return self._ask("float", name, row, min_value if default is None else default, parent)

    def Choice(
        self, name: str, values: Any, ordered: Any = None, default: Any = None, **parent: Any
    ) -> Any:
        """Ask for one of a list."""
        values = list(values)
        if not values:
            raise ValueError(f"hp.Choice({name!r}): values is empty.")
        row = {"values": values, "ordered": ordered}
        return self._ask("choice", name, row, values[0] if default is None else default, parent)

    def Boolean(self, name: str, default: Any = False, **parent: Any) -> Any:  # noqa: FBT002
        """Ask for True or False."""
        return self._ask("boolean", name, {}, default, parent)

    def Fixed(self, name: str, value: Any, **parent: Any) -> Any:
        """Name a value that isn't searched."""
        return self._ask("fixed", name, {"value": value}, value, parent)

    @contextmanager
    def name_scope(self, name: str) -> Iterator[None]:
        """Put `name/` before every name asked for inside."""
        self._scopes.append(str(name))
        try:
            yield
        finally:
            self._scopes.pop()

    @contextmanager
    def conditional_scope(self, parent_name: str, parent_values: Any) -> Iterator[None]:
        """Make what is asked for inside depend on another hyperparameter's value."""
        self._conditions.append((self._full(parent_name), _listed(parent_values)))
        try:
            yield
        finally:
            self._conditions.pop()

    def get(self, name: str) -> Any:
        """Return the value of a name. Raises: KeyError."""
        return self.values[self._full(name)]

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __contains__(self, name: str) -> bool:
        return self._full(name) in self.values

    def is_active(self, conditions: list[tuple[str, list[Any]]]) -> bool:
        """Whether every condition holds."""
        return all(self.values.get(parent) in allowed for parent, allowed in conditions)

    def _full(self, name: str) -> str:
        return "/".join([*self._scopes, str(name)])

    def _ask(
        self, kind: str, name: str, row: dict[str, Any], default: Any, parent: dict[str, Any]
    ) -> Any:
        full, conditions = self._full(name), list(self._conditions)
        if parent.get("parent_name") is not None:
            allowed = _listed(parent.get("parent_values"))
            conditions.append((self._full(parent["parent_name"]), allowed))
        unknown = set(parent) - {"parent_name", "parent_values"}
        if unknown:
            raise TypeError(
                f"hp.{kind.title()}({name!r}) has no argument {', '.join(sorted(unknown))}."
            )
        self._note(kind, full, row, default, conditions)
        if not self.is_active(conditions):
            return None
        return self.values.setdefault(full, default)

    def _note(
        self,
        kind: str,
        name: str,
        row: dict[str, Any],
        default: Any,
        conditions: list[tuple[str, list[Any]]],
    ) -> None:
        """Overridden where the space is read."""


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple | set) else [values]
