"""Fields that several records share."""

from typing import Any, Final, Generic, Never, TypeVar, cast

from django.conf import settings
from django.db import models

from experiments.search.declarations import default_of

T = TypeVar("T")

# Above it PostgreSQL's jsonb has written a float: it gives 1e25 back as a whole number of 26 digits.
LARGEST_WHOLE: Final = 2**53


def person_key() -> "models.ForeignKey[Any, Any]":
    """A person who did something; empty for the system, and once the account is deleted."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class Planned(Generic[T]):
    """A value of the record's plan, read only; where the plan has none, its default.

    kind: the dataclass that declares it.
    """

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, record: Any, owner: type) -> T:
        plan = getattr(record, "plan", {})
        found = plan[self._name] if self._name in plan else default_of(self._kind, self._name)
        return cast(T, found)

    def __set__(self, record: Any, value: Never) -> Never:
        raise AttributeError(f"{self._name} is a value of the plan: write the plan.")


class NumbersField(models.JSONField):
    """A JSONField whose whole numbers beyond 2**53 are floats; to migrations it is a plain one."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        read = super().from_db_value(value, expression, connection)
        return with_floats(read) if connection.vendor == "postgresql" else read

    def deconstruct(self) -> Any:
        """As the JSONField that it is in the database."""
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options


def with_floats(stored: Any) -> Any:
    """The same JSON, large whole numbers as floats."""
    if isinstance(stored, dict):
        return {name: with_floats(value) for name, value in stored.items()}
    if isinstance(stored, list):
        return [with_floats(value) for value in stored]
    is_float = isinstance(stored, int) and abs(stored) > LARGEST_WHOLE
    return float(stored) if is_float else stored
