"""Edits that two browser tabs may make at once."""

from django.db.models import Model


class StaleEdit(Exception):
    """The row was changed since the form was opened; `current` is how it stands now."""

    def __init__(self, current: Model) -> None:
        super().__init__("This was changed in the meantime.")
        self.current = current
