"""A model as custom code; its hyperparameters were read in the sandbox.

A recipe is one object in the place of a layer list:
`version` (the record's key), `name`, `source`, `entry` (what builds the model), `rows` (of the space) and
`names` (row name → the name that the code knows). Nothing here runs the code.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.catalog.rows import Hyperparameter, Scalar
from experiments.catalog.shared_rows import training_rows
from experiments.catalog.template import Order, Template
from experiments.data_schema import DataSchema
from experiments.evaluation.protocol import Protocol
from experiments.search.reading import Reader

SLUG = "code"
ALWAYS = ("batch_size", "epochs")
TUNER = re.compile(r"\bkeras_?tuner\b")
MARK = "# ---- Added by Tuning Site: the values of this configuration. ----"
REGISTRATION = """\
import keras

# Own layers, losses and metrics: a stored model finds them by name.
for name, value in list(globals().items()):
    if getattr(value, "__module__", "") == __name__ and hasattr(value, "get_config"):
        keras.saving.get_custom_objects().setdefault(name, value)"""
VALUES_SOURCE = Path(__file__).with_name("tuned_values.py")
CLASS_ARGUMENTS = ("num_classes", "n_classes", "classes")


@dataclass(frozen=True, slots=True)
class CodeTemplate(Template):
    """Template of one version of custom code."""

    rows: tuple[Mapping[str, Any], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    entry: str = ""
    cut: int = 0
    script: Mapping[str, Any] = field(default_factory=dict)
    measures: tuple[str, ...] = ()
    direction: str = ""

    def refuses(self, schema: DataSchema) -> str:
        """Only the code itself knows what it takes; the check before the search tries it."""
        return ""

    def hyperparameters(self, schema: DataSchema) -> tuple[Hyperparameter, ...]:
        """Return what the code asks for, then batch size and epochs unless it asks for them too."""
        own = tuple(_hyperparameter(row) for row in self.rows)
        taken = {row.name for row in own}
        shared = (row for row in training_rows(schema) if row.name in ALWAYS)
        return own + tuple(row for row in shared if row.name not in taken)


def code_template(recipe: Sequence[Mapping[str, Any]]) -> CodeTemplate:
    """Return the template that a recipe is; one without rows where the recipe isn't whole."""
    given: Mapping[str, Any] = recipe[0] if recipe and isinstance(recipe[0], Mapping) else {}
    return CodeTemplate(
        slug=SLUG,
        name=str(given.get("name", "Custom code")),
        summary="A model as Python code.",
        level="Subclassed",
        kinds=(),
        tasks=(),
        parameter_range="",
        own=lambda _: (),
        write=_write,
        several_targets=True,
        rows=tuple(given.get("rows", ())),
        names=dict(given.get("names", {})),
        code=str(given.get("source", "")),
        entry=str(given.get("entry", "")),
        cut=int(given.get("cut", 0)),
        script=dict(given.get("script") or {}),
        measures=tuple(given.get("measures") or ()),
        direction=str(given.get("direction") or ""),
    )


def read_code(
    reader: Reader, layers: Sequence[Any], codes: Mapping[int, Mapping[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """The recipe that a plan names by its version; whatever else the plan says of it doesn't count."""
    named = layers[0] if len(layers) == 1 and isinstance(layers[0], dict) else {}
    version = named.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version in codes:
        return (dict(codes[version]),)
    words = "Names no code of this project with a known search space. Choose it on the Code page."
    reader.note("layers", words)
    return ()


def measures_in(layers: object, codes: Mapping[int, Mapping[str, Any]]) -> tuple[str, ...]:
    """What the code that a plan names measures by itself, for training rows and validation rows."""
    first = layers[0] if isinstance(layers, list | tuple) and layers else {}
    version = first.get("version") if isinstance(first, Mapping) else None
    if not isinstance(version, int) or version not in codes:
        return ()
    names = tuple(str(name) for name in codes[version].get("measures") or ())
    return (*names, *(f"val_{name}" for name in names))


def script_in(layers: Sequence[Any]) -> Mapping[str, Any]:
    """What reading a recipe's code said of it as a whole script; empty for everything else."""
    first = layers[0] if layers and isinstance(layers[0], Mapping) else {}
    script = first.get("script")
    return script if isinstance(script, Mapping) else {}


def reads_test_part(layers: Sequence[Any]) -> bool:
    """Whether a script reads the test part of a dataset that it loads by name: it is given to it.

    Earlier versions gave it to every script that loads one.
    """
    script = script_in(layers)
    return bool(script.get("reads_test_part", script.get("datasets")))


def locks_own_test(protocol: Protocol, layers: Sequence[Any]) -> bool:
    """Whether the dataset's own test part is the locked test set, and no script reads it."""
    return protocol.locked_test_share is None and not reads_test_part(layers)


def known_arguments(classes: int | None, shape: Sequence[int]) -> dict[str, Any]:
    """What the constructor of a HyperModel may ask for by name."""
    return {**dict.fromkeys(CLASS_ARGUMENTS, classes), "input_shape": tuple(shape)}


def brings_rows(layers: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a recipe's code provides the rows itself: a script, or a `load_data` beside the model."""
    if script_in(layers):
        return True
    recipe = layers[0] if layers and isinstance(layers[0], Mapping) else {}
    source = str(recipe.get("source", ""))
    return "load_data" in source and any(
        isinstance(node, ast.FunctionDef) and node.name == "load_data"
        for node in ast.parse(source).body
    )


def _row_shape(schema: DataSchema) -> Sequence[int]:
    return schema.shape if schema.kind != "table" else (len(schema.columns),)


def _write(order: Order) -> str:
    template = order.template
    known = known_arguments(order.schema.classes_count, _row_shape(order.schema))
    if not isinstance(template, CodeTemplate):
        raise TypeError("Only custom code is written here.")
    values = {
        template.names.get(name, name): value
        for name, value in order.chosen.items()
        if name in template.names or name in ALWAYS
    }
    return "\n".join(
        [
            _used(template.code, template.cut, template.script.get("left_out", ())),
            "",
            "",
            MARK,
            _helper(),
            "",
            "",
            f"TUNED_VALUES = {values!r}",
            f"KNOWN_ARGUMENTS = {known!r}",
            "",
            REGISTRATION,
            "",
            "",
            *_built(template.entry),
            "",
        ]
    )


def stand_in() -> str:
    """The text of a module that stands in for KerasTuner in a bundle."""
    modules = Path(__file__).with_name("tuner_modules.py").read_text(encoding="utf-8")
    line = "from experiments.catalog.tuned_values import HyperParameters\n"
    return modules.replace(line, _helper()) + "\n\ninstall()\n"


def imports_tuner(source: str) -> bool:
    """Whether code names KerasTuner."""
    return bool(TUNER.search(source))


def _helper() -> str:
    return VALUES_SOURCE.read_text(encoding="utf-8").split('"""', 2)[2].strip()


def _used(source: str, cut: int, left_out: Sequence[Sequence[int]]) -> str:
    """The code; of a script, what loads data, trains or searches is left out as comments."""
    lines = source.rstrip("\n").split("\n")
    ranges = [(cut, len(lines))] if cut else [(first, last) for first, last in left_out]
    for first, last in ranges:
        lines[first - 1 : last] = [f"# {line}".rstrip() for line in lines[first - 1 : last]]
    return "\n".join(lines)


def _built(entry: str) -> list[str]:
    kind, _, name = entry.partition(":")
    lines = ["def build_model():", '    """Return the compiled model of these values."""']
    if kind == "class":
        lines += [
            "    import inspect",
            "",
            f"    wanted = inspect.signature({name}).parameters",
            "    known = {n: v for n, v in KNOWN_ARGUMENTS.items() if n in wanted}",
            f"    return {name}(**known).build(HyperParameters(TUNED_VALUES))",
        ]
    elif kind == "plain":
        lines.append(f"    return {name}()")
    elif kind == "object":
        lines += [
            f"    model = {name}",
            '    built = model.build if hasattr(model, "build") else model',
            "    return built(HyperParameters(TUNED_VALUES))",
        ]
    elif kind == "variable":
        lines.append(f"    return {name}")
    elif kind == "script":
        words = "The script makes its model from its own data. Load the stored model instead."
        lines.append(f'    raise RuntimeError("{words}")')
    else:
        lines.append(f"    return {name or 'build'}(HyperParameters(TUNED_VALUES))")
    return lines


def _hyperparameter(row: Mapping[str, Any]) -> Hyperparameter:
    is_fixed = row["type"] == "fixed"
    default: Scalar = row["value"] if is_fixed else row["default"]
    condition = row.get("only_if")
    return Hyperparameter(
        name=row["name"],
        type=_type_of(default) if is_fixed else row["type"],
        default=default,
        unit="",
        help=str(row.get("help", "")),
        low=row.get("min"),
        high=row.get("max"),
        step=row.get("step"),
        scale=row.get("scale", "linear"),
        choices=tuple(row.get("choices") or ((default,) if is_fixed else ())),
        ordered=row.get("ordered"),
        searched=not is_fixed,
        only_if=(condition["name"], tuple(condition["values"])) if condition else None,
    )


def _type_of(value: Scalar) -> Any:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "choice"
