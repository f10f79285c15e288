"""Prepares rows for bulk inserts before the transaction opens.

SQLite lets one writer in at a time. Of a `bulk_create` nine tenths is the making of its statements,
during which all the others wait; here that is done before, and the lock is held for the writing alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

Prepared = tuple[Any, ...]  # values as the driver takes them, in the order of `Rows`


class Rows:
    """How new rows of one model are written. late: names of fields that are known in the transaction only."""

    def __init__(self, model: type[models.Model], *late: str) -> None:
        """What the database fills in (its key, `db_default`) is left to it."""
        fields = {
            field.name: field
            for field in model._meta.concrete_fields
            if not field.primary_key and not field.has_db_default()
        }
        self._table = model._meta.db_table
        self._late = [fields.pop(name) for name in late]
        self._early = list(fields.values())

    def prepare(self, row: models.Model) -> Prepared:
        """All of a new object that isn't late."""
        return tuple(
            field.get_db_prep_save(field.pre_save(row, add=True), connection)
            for field in self._early
        )

    def insert(self, rows: Iterable[tuple[Sequence[int], Prepared]]) -> None:
        """Write rows: the late values (of a foreign key its number), then what was prepared. In a transaction."""
        fields = [*self._late, *self._early]
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        statement = f"INSERT INTO {quote(self._table)} ({columns}) VALUES ({marks})"
        with connection.cursor() as cursor:
            cursor.executemany(statement, [(*late, *prepared) for late, prepared in rows])
