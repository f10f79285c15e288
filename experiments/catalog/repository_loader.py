"""Lets a file of a repository import its neighbours out of REPOSITORY_FILES.

Standard library only: the class travels, as text, in the code of a version that was fetched.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types

REPOSITORY_FILES: dict[str, tuple[str, bool, str]] = {}


class RepositoryImports(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports from REPOSITORY_FILES: name of a module -> its path, whether it is a package, its text."""

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """What is here; None: somewhere else, as ever."""
        here = name in REPOSITORY_FILES
        return importlib.util.spec_from_loader(name, self) if here else None

    def is_package(self, name: str) -> bool:
        """Whether it has modules of its own."""
        return REPOSITORY_FILES[name][1]

    def get_source(self, name: str) -> str:
        """Its text; a traceback shows it."""
        return REPOSITORY_FILES[name][2]

    def get_code(self, name: str) -> types.CodeType:
        """Its text, compiled under its path in the repository."""
        path, _, text = REPOSITORY_FILES[name]
        return compile(text, path, "exec", dont_inherit=True)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run it; a stored model finds its own layers, losses and metrics by name."""
        super().exec_module(module)
        keras = sys.modules.get("keras")
        for name, value in list(vars(module).items()):
            if (
                keras
                and getattr(value, "__module__", "") == module.__name__
                and hasattr(value, "get_config")
            ):
                keras.saving.get_custom_objects().setdefault(name, value)
