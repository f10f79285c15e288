"""Imports pandas on first use.

It takes 39 MB of each process that imports it; pages show tables without it.
"""

from importlib import import_module
from typing import Any


class _Late:
    """Stands for the module."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module("pandas"), name)


pd: Any = _Late()
