"""Bundles a repository file and the modules that it imports into one text.

A version of code is one text (decision 0006), so the neighbours travel in it, as they are, in front of the file's
own lines. Nothing here runs the code.
"""

import ast
import importlib.machinery
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

MOST_FILES: Final = 60
MARK: Final = "# ---- Added by Tuning Site: files of the repository that this one imports. ----"
END: Final = "# ---- End of what was added. ----"
LOADER: Final = Path(__file__).with_name("repository_loader.py")
IMPORTS: Final = "import importlib.abc\nimport importlib.machinery\nimport importlib.util\nimport sys\nimport types"
OURS: Final = Path(__file__).resolve().parents[2]  # its folders are none of a repository's
AS_PROGRAM: Final = ("__name__ == '__main__'", "'__main__' == __name__")
# Before the name of a folder that is also the name of something installed: relative imports begin at it.
ASIDE: Final = "repository_"
ADDED: Final = "sys.meta_path[:0] = [RepositoryImports()]"


class TooManyFiles(ValueError):
    """A file imports more of its repository than a version may hold."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What a file imports of its repository. package: what its relative imports begin at, or nothing.

    modules: by name, the path (a folder's without an `__init__`, too) and whether it is a package.
    """

    package: str = ""
    modules: dict[str, tuple[str, bool]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, by name."""
        return tuple(sorted(self.texts))


def neighbours_of(path: str, paths: Collection[str], read: Callable[[str], str]) -> Neighbours:
    """Follow the imports of a file through its repository, as Python would from the file's place.

    paths: all files of the repository. read: the text of one. Raises: TooManyFiles, and what `read` raises.
    """
    return _Search(path, frozenset(paths), read).found()


def composed(source: str, neighbours: Neighbours) -> str:
    """The file's text, able to import its neighbours wherever it is run."""
    if not neighbours.modules:
        return source
    lines = source.split("\n")
    at = _after_first_words(source)
    block = [
        MARK,
        IMPORTS,
        "",
        "REPOSITORY_FILES = {",
        *(_entry(name, neighbours) for name in sorted(neighbours.modules)),
        "}",
        "",
        "",
        LOADER.read_text(encoding="utf-8").partition("\n\n\n")[2].strip(),
        "",
        "",
        ADDED,
        *([f"__package__ = {neighbours.package!r}"] if neighbours.package else []),
        END,
    ]
    return "\n".join([*lines[:at], *block, *lines[at:]])


def _after_first_words(source: str) -> int:
    """The line that nothing may be put before: the module's docstring and `from __future__` come first."""
    at = 0
    for number, node in enumerate(ast.parse(source).body):
        is_docstring = (
            number == 0
            and isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        )
        if not is_docstring and not (
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ):
            break
        at = node.end_lineno or at
    return at


def _entry(name: str, neighbours: Neighbours) -> str:
    path, is_package = neighbours.modules[name]
    return f"    {name!r}: ({path!r}, {is_package}, {_quoted(neighbours.texts.get(path, ''))}),"


def _quoted(text: str) -> str:
    """A literal of a text that can be read and compared line by line, where it can be written so."""
    if not text:
        return '""'
    body = text if text.endswith("\n") else f"{text}\n"
    for quotes in ("'''", '"""'):
        if quotes not in body:
            # On lines of its own, as in the file; the first one is cut off again.
            return f"r{quotes}\n{body}{quotes}[1:]"
    return "(\n" + "\n".join(repr(line) for line in body.splitlines(keepends=True)) + "\n)"


class _Search:
    def __init__(self, path: str, paths: frozenset[str], read: Callable[[str], str]) -> None:
        self._path = path
        self._paths = paths
        self._folders = {
            str(above)
            for each in paths
            if each.endswith(".py")
            for above in PurePosixPath(each).parents
        }
        self._read = read
        self._roots: dict[str, list[str]] = {}  # by a name without a dot: the folders that have it
        self._aside: dict[
            str, str
        ] = {}  # by such a name: the folder's own, where it goes by another
        self._modules: dict[str, tuple[str, bool]] = {}
        self._texts: dict[str, str] = {}

    def found(self) -> Neighbours:
        tree = _parsed(self._read(self._path))
        package = self._package(tree)
        self._follow(tree, package, is_program=True)
        return Neighbours(package, self._modules, self._texts)

    def _package(self, tree: ast.Module) -> str:
        """Where the file's relative imports begin; empty where it has none."""
        levels = max((n.level for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)), default=0)
        if not levels:
            return ""
        folder, depth = PurePosixPath(self._path).parent, 0
        while f"{_joined(folder)}__init__.py" in self._paths and folder.parts:
            folder, depth = folder.parent, depth + 1
        parts = PurePosixPath(self._path).parent.parts
        depth = max(depth, min(levels, len(parts)))
        if not depth:
            return ""
        top = "/".join(parts[: len(parts) - depth])
        first, *rest = parts[len(parts) - depth :]
        name = ASIDE + first if _is_taken(first) else first
        self._roots[name] = [top]
        self._aside[name] = first
        return ".".join([name, *rest])

    def _follow(self, tree: ast.Module, package: str, *, is_program: bool = False) -> None:
        for name in _imported(_run_by(tree, is_program=is_program), package):
            self._add(name)

    def _add(self, name: str) -> None:
        """A module with the packages around it, and what they import."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = ".".join(parts[:count])
            if module in self._modules:
                continue
            place = self._place(module)
            if place is None:
                return
            self._modules[module] = place
            path, is_package = place
            if path not in self._paths:
                continue  # a folder without an __init__
            if len(self._texts) == MOST_FILES:
                raise TooManyFiles(f"It imports more than {MOST_FILES} files of the repository.")
            self._texts[path] = self._read(path)
            inner = module if is_package else module.rpartition(".")[0]
            self._follow(_parsed(self._texts[path]), inner)

    def _place(self, module: str) -> tuple[str, bool] | None:
        top = module.partition(".")[0]
        if top not in self._roots:
            self._roots[top] = self._roots_of(top)
        roots = self._roots[top]
        for root in roots:
            found = self._file_of(root, module)
            if found is not None:
                return found
        base = self._below(module)
        folders = (f"{root}/{base}" if root else base for root in roots)
        return next(((each, True) for each in folders if each in self._folders), None)

    def _below(self, module: str) -> str:
        """Where a module lies below its root, without a suffix."""
        top, *rest = module.split(".")
        return "/".join([self._aside.get(top, top), *rest])

    def _file_of(self, root: str, module: str) -> tuple[str, bool] | None:
        base = "/".join(filter(None, (root, self._below(module))))
        for path, is_package in ((f"{base}/__init__.py", True), (f"{base}.py", False)):
            if path in self._paths:
                return path, is_package
        return None

    def _roots_of(self, top: str) -> list[str]:
        """The folders that Python would take a name from, none where it is the library's or installed.

        A file or a package hides what is installed. Folders without an `__init__` hide nothing, and are one.
        """
        own, *others = self._search_path()
        if top in sys.builtin_module_names:
            return []
        if self._file_of(own, top):
            return [own]
        if top in sys.stdlib_module_names:
            return []
        for root in others:
            if self._file_of(root, top):
                return [root]
        if _is_installed(top):
            return []
        above = [str(each) for each in PurePosixPath(self._path).parents]
        every = list(
            dict.fromkeys([own, *others, *("" if each == "." else each for each in above)])
        )
        # Somebody may have run it from a folder between, when nothing else has the name.
        between = next((root for root in every if self._file_of(root, top)), None)
        return every if between is None else [between]

    def _search_path(self) -> list[str]:
        """The file's folder; then the one above its package, the repository's own, and `src`."""
        folder = above = PurePosixPath(self._path).parent
        while f"{_joined(above)}__init__.py" in self._paths and above.parts:
            above = above.parent
        return list(dict.fromkeys(["/".join(folder.parts), "/".join(above.parts), "", "src"]))


def _is_taken(name: str) -> bool:
    """Whether a program that trains may have loaded something else under this name already."""
    ours = __name__.partition(".")[0]
    return name == ours or name in sys.stdlib_module_names or _is_installed(name)


def _is_installed(name: str) -> bool:
    """Whether Python finds it among the packages that are there for everybody; folders of this site's aren't."""
    places = [each for each in sys.path if each and Path(each).resolve() not in (OURS, Path.cwd())]
    found = importlib.machinery.PathFinder.find_spec(name, places)
    return found is not None and found.loader is not None


def _joined(folder: PurePosixPath) -> str:
    return f"{folder}/" if folder.parts else ""


def _parsed(text: str) -> ast.Module:
    """An empty module where it can't be parsed: running it says what is wrong, and where."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _run_by(tree: ast.AST, *, is_program: bool) -> Iterator[ast.AST]:
    """What is run, or may be: not what is for a type checker, nor in a module what is for the program alone."""
    for node in ast.iter_child_nodes(tree):
        test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
        left = test.endswith("TYPE_CHECKING") or (test in AS_PROGRAM and not is_program)
        yield node
        if isinstance(node, ast.If) and left:
            for each in node.orelse:
                yield each
                yield from _run_by(each, is_program=is_program)
        else:
            yield from _run_by(node, is_program=is_program)


def _imported(nodes: Iterable[ast.AST], package: str) -> Iterator[str]:
    """Names of modules that may be meant; `from a import b` may mean a.b."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = [*(above if node.level and package else []), *filter(None, [node.module])]
            if start:
                yield ".".join(start)
                yield from (
                    ".".join([*start, alias.name]) for alias in node.names if alias.name != "*"
                )
