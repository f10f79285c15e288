"""Loads samplers, pruners and tuners from packages and files.

Each is one class: in an installed package that names it as an entry point, or the only one in a
file that an administrator put into a folder. What can't be used is reported in a sentence and left out.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

from experiments.search.declarations import declared
from experiments.search.tuner import Tuner

Role = Literal["sampler", "pruner", "tuner"]

METHODS: Final[dict[Role, tuple[str, ...]]] = {
    "sampler": ("problems", "suggest"),
    "tuner": ("problems", "suggest", "is_over", "score"),
    "pruner": ("rungs", "looks_at", "decide", "after_execution", "promote"),
}
SAYS_ROLE: Final[dict[str, Role]] = {"suggest": "sampler", "decide": "pruner"}
GROUPS: Final = ("tuning_site.samplers", "tuning_site.pruners")
NOT_HERE: Final = ("tensorflow", "keras")  # only the training programs may hold them
SLUG: Final = re.compile(r"[a-z][a-z_]{0,39}")


class PluginError(Exception):
    """A class that can't be used; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A class that can be used. source: the file's or the entry point's name."""

    role: Role
    kind: Any
    source: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be used, and why."""

    source: str
    sentence: str


def find_plugins(
    folder: Path, taken: frozenset[str]
) -> tuple[tuple[Plugin, ...], tuple[Trouble, ...]]:
    """Every class that can be used, and every one that can't. taken: slugs that are in use already."""
    found: list[Plugin] = []
    troubles: list[Trouble] = []
    for source, load in [*_installed(), *_dropped(folder)]:
        try:
            plugin = load()
            used = taken | {other.kind.slug for other in found}
            if plugin.kind.slug in used:
                raise PluginError(
                    f'Slug "{plugin.kind.slug}" is already used. Choose another one.'
                )
        except PluginError as error:
            troubles.append(Trouble(source, str(error)))
        else:
            found.append(plugin)
    return tuple(found), tuple(troubles)


def read_file(path: Path) -> Plugin:
    """The one sampler, pruner or tuner of a file. Raises PluginError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise PluginError(f"Can't be loaded: {error}.") from error
    return read_text(text, path)


def read_text(text: str, path: Path) -> Plugin:
    """The one sampler, pruner or tuner of a text. path: how tracebacks name it. Raises PluginError."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise PluginError(f"Can't be loaded: {error}.") from error
    for name in _imported(tree):
        if name.partition(".")[0] in NOT_HERE:
            raise PluginError(
                f"Imports {name}, which is available in training code only. Remove the import."
            )
    module_name = f"tuning_site_plugin_{path.stem}"
    module = _run(module_name, text, path)
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module_name and _role(value)
    ]
    if len(own) != 1:
        raise PluginError(f"Has {len(own)} samplers, pruners and tuners; expected exactly one.")
    return _checked(own[0], path.name)


def role_of_text(text: str) -> Role | None:
    """What a text seems to hold, without running it; None: no sampler, pruner or tuner. Raises SyntaxError."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
        methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        if "Tuner" in bases:
            return "tuner"
        role = next((role for name, role in SAYS_ROLE.items() if name in methods), None)
        if role is not None:
            return role
    return None


def _dropped(folder: Path) -> Iterator[tuple[str, Callable[[], Plugin]]]:
    for path in sorted(folder.glob("[!_.]*.py")):
        yield path.name, partial(read_file, path)


def _installed() -> Iterator[tuple[str, Callable[[], Plugin]]]:
    for group in GROUPS:
        for point in entry_points(group=group):
            yield point.value, partial(_read_point, point)


def _read_point(point: EntryPoint) -> Plugin:
    return _checked(_guarded(point.load), point.value)


def _run(name: str, text: str, path: Path) -> ModuleType:
    """The file as a module, without a compiled copy that could be older than the file."""
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        _guarded(lambda: exec(compile(text, str(path), "exec"), module.__dict__))
    except PluginError:
        del sys.modules[name]
        raise
    return module


def _guarded(run: Callable[[], Any]) -> Any:
    """Run a plugin's code and turn any exception into a PluginError."""
    try:
        return run()
    except (Exception, SystemExit) as error:
        words = f"{type(error).__name__}: {error}".rstrip(": ")
        raise PluginError(f"Raises {words[:200]} when loaded.") from error


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _role(kind: type) -> Role | None:
    if issubclass(kind, Tuner):
        return "tuner"
    return next((role for name, role in SAYS_ROLE.items() if hasattr(kind, name)), None)


def _checked(kind: Any, source: str) -> Plugin:
    """The class as a plugin, if the form can show it and the tuner can ask it. Raises PluginError."""
    role = _role(kind) if isinstance(kind, type) else None
    if role is None:
        raise PluginError(
            "Not a class with suggest (sampler) or decide (pruner), and not a Tuner."
        )
    lacking = [name for name in METHODS[role] if not callable(getattr(kind, name, None))]
    if lacking:
        raise PluginError(f"Missing: {', '.join(lacking)}.")
    if not SLUG.fullmatch(str(getattr(kind, "slug", ""))):
        raise PluginError("Needs a slug of at most 40 lowercase letters and underscores.")
    for name in ("label", "help"):
        words = getattr(kind, name, None)
        if not isinstance(words, str) or not words.strip():
            raise PluginError(f"Needs a {name}: text for the form.")
    if not getattr(getattr(kind, "__dataclass_params__", None), "frozen", False):
        raise PluginError("Must be a frozen dataclass; its fields are its options.")
    _check_options(kind)
    return Plugin(role, kind, source)


def _check_options(kind: Any) -> None:
    for each in fields(kind):
        if not each.metadata or each.default is MISSING or not SLUG.fullmatch(each.name):
            raise PluginError(
                f"Field {each.name} must be declared with option(default, label=, help=)."
            )
        if not isinstance(each.default, bool | int | str):
            raise PluginError(f"Option {each.name} must be an integer, text or boolean.")
    try:
        declared(kind)
    except TypeError as error:
        raise PluginError(f"Its options can't be read: {error}.") from error
