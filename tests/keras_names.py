"""Generates the code editor's completions from the sources of Keras and KerasTuner.

`python -m tests.keras_names` writes static/js/editor/keras-names.js anew, after a new version of
either. Nothing is imported: their sources are parsed.
"""

import ast
import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "static" / "js" / "editor" / "keras-names.js"
MODULES = (
    "layers", "optimizers", "losses", "metrics", "activations", "callbacks", "regularizers",
    "initializers", "constraints",
)  # fmt: skip
ITSELF = ("Sequential", "Model", "Input")
UNNAMED = {"self", "kwargs", "args"}
NO_MODEL = {"get", "serialize", "deserialize"}  # what Keras itself calls
Entry = tuple[str, list[str], str]  # name, arguments with their defaults, what it is


def package(name: str) -> Path:
    """Where a package's sources lie. Raises: ModuleNotFoundError."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is not installed.", name=name)
    return Path(spec.origin).parent


def keras_entries() -> dict[str, list[Entry]]:
    """Classes and functions of Keras by module; `keras` holds those of its own name."""
    found: dict[str, dict[str, Entry]] = {"keras": {}, **{module: {} for module in MODULES}}
    for path in sorted((package("keras") / "src").rglob("*.py")):
        if path.name.endswith("_test.py"):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                for module, name in _exported(node):
                    found[module][name] = (name, arguments(node), sentence(node))
    return {module: sorted(entries.values()) for module, entries in found.items()}


def _exported(node: ast.ClassDef | ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for mark in node.decorator_list:
        if not isinstance(mark, ast.Call) or ast.unparse(mark.func) != "keras_export":
            continue
        for path in ast.walk(mark):
            if isinstance(path, ast.Constant) and isinstance(path.value, str):
                head, *rest = path.value.split(".")
                if len(rest) == 2 and rest[0] in MODULES and rest[1] not in NO_MODEL:
                    yield rest[0], rest[1]
                elif head == "keras" and len(rest) == 1 and rest[0] in ITSELF:
                    yield "keras", rest[0]


def tuner_entries() -> list[Entry]:
    """Methods of `hp`."""
    path = package("keras_tuner") / "src" / "engine" / "hyperparameters" / "hyperparameters.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (holder,) = (each for each in tree.body if isinstance(each, ast.ClassDef))
    wanted = ("Int", "Float", "Choice", "Boolean", "Fixed", "conditional_scope", "get")
    methods = {each.name: each for each in holder.body if isinstance(each, ast.FunctionDef)}
    return [(name, arguments(methods[name]), sentence(methods[name])) for name in wanted]


def arguments(node: ast.ClassDef | ast.FunctionDef) -> list[str]:
    """As they are written: `units`, `activation=None`. Those of a class are its constructor's."""
    made = node
    if isinstance(node, ast.ClassDef):
        inside = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        made = next((each for each in inside if each.name == "__init__"), node)
    if not isinstance(made, ast.FunctionDef):
        return []
    taken = [*made.args.posonlyargs, *made.args.args]
    usual = [None] * (len(taken) - len(made.args.defaults)) + list(made.args.defaults)
    pairs = [
        *zip(taken, usual, strict=True),
        *zip(made.args.kwonlyargs, made.args.kw_defaults, strict=True),
    ]
    return [
        each.arg if value is None else f"{each.arg}={ast.unparse(value)}"
        for each, value in pairs
        if each.arg not in UNNAMED
    ]


def sentence(node: ast.ClassDef | ast.FunctionDef) -> str:
    """The first line of its docstring."""
    text = ast.get_docstring(node) or ""
    return text.split("\n\n")[0].replace("\n", " ").replace("`", "").strip()[:120]


def table() -> str:
    """The module that the editor imports."""
    parts = {"hp": tuner_entries(), **keras_entries()}
    lines = [
        "/** Names of Keras and KerasTuner with their arguments. Written by tests/keras_names.py. */",
        "",
        "/** By module: name, arguments, what it is. */",
        "export const NAMES = {",
    ]
    for module, entries in parts.items():
        lines.append(f"  {module}: [")
        written = [f"{json.dumps(entry, ensure_ascii=False)}," for entry in entries]
        lines += [f"    {' '.join(pair)}" for pair in batched(written)]
        lines.append("  ],")
    return "\n".join([*lines, "};", ""])


def batched(written: list[str]) -> Iterator[list[str]]:
    """Two a line: a file of ours has at most 300."""
    for at in range(0, len(written), 2):
        yield written[at : at + 2]


def main() -> int:
    """Write the table, or say which package is missing."""
    try:
        text = table()
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
