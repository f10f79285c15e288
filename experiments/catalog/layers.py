"""Reads, names and checks layer lists, and writes their Keras source.

A list is JSON: {"kind", "params"}, where each
parameter is a value or {"search": row}.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from experiments.catalog.layer_kinds import KINDS, LayerKind, Settings
from experiments.catalog.rows import Hyperparameter, Row, Scalar
from experiments.catalog.template import Values
from experiments.data_schema import DataSchema
from experiments.search.problems import Problem
from experiments.search.reading import Reader, describe
from experiments.search.space.hyperparameter_json import read_row

MOST_LAYERS = 60


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a list. `given`: fixed values; `searched`: parameter → its row in the space.

    title is how messages name it: “Layer 4 (conv2d)”.
    """

    kind: LayerKind
    name: str
    title: str
    given: dict[str, Scalar]
    searched: dict[str, Row]

    def row_name(self, parameter: str) -> str:
        """Return the parameter's name in the space, such as dense_1_units."""
        return f"{self.name}_{parameter}"

    def hyperparameters(self) -> list[Hyperparameter]:
        """Return what the space may vary of this layer, named as in the space."""
        return [
            _described_by(parameter, self.searched[parameter.name]).named(
                self.row_name(parameter.name)
            )
            for parameter in self.kind.parameters
            if parameter.name in self.searched
        ]

    def settings(self, values: Values) -> Settings:
        """Return every parameter's value, the searched ones out of a trial's values."""
        settings: Settings = {}
        for parameter in self.kind.parameters:
            given = self.given.get(parameter.name, parameter.default)
            if parameter.name in self.searched:
                given = values.get(self.row_name(parameter.name), given)
            settings[parameter.name] = given
        return settings


def read_layers(
    source: object, space: Mapping[str, Row] | None = None
) -> tuple[list[Layer], list[Problem]]:
    """Read a list; problems carry paths such as “layers.3.params.units”.

    space: rows by name of an experiment's space, which count instead of the list's own.
    """
    reader = Reader({"layers": source})
    entries = reader.items("layers", longest=MOST_LAYERS)
    if not entries and not reader.problems:
        reader.note("layers", "The list is empty. Add at least one layer.")
    layers: list[Layer] = []
    counts: dict[str, int] = {}
    for index, entry in enumerate(entries):
        layer = _read_layer(
            Reader(entry, path=f"layers.{index}", problems=reader.problems), counts, index
        )
        if layer is not None:
            layers.append(layer)
            for parameter in layer.searched:
                row = (space or {}).get(layer.row_name(parameter))
                layer.searched[parameter] = row or layer.searched[parameter]
    return layers, reader.problems


def default_layers(schema: DataSchema) -> list[dict[str, Any]]:
    """Return the list that a new layer list begins with."""
    dense, dropout = KINDS["dense"].parameters[0], KINDS["dropout"].parameters[0]
    tail: list[dict[str, Any]] = [
        {"kind": "dense", "params": {"units": {"search": dense.row()}, "activation": "relu"}},
        {"kind": "dropout", "params": {"rate": {"search": dropout.row()}}},
    ]
    if schema.kind == "table":
        return tail
    flatten: list[dict[str, Any]] = [{"kind": "flatten", "params": {}}]
    if schema.kind == "image":
        return [{"kind": "rescaling", "params": {"divide_by": schema.scale}}, *flatten, *tail]
    first: list[dict[str, Any]] = [{"kind": "normalization", "params": {}}]
    return [*first, *(flatten if len(schema.shape) > 1 else []), *tail]


def _read_layer(reader: Reader, counts: dict[str, int], index: int) -> Layer | None:
    kind = KINDS.get(reader.one_of("kind", tuple(KINDS)))
    params = reader.take("params", default={})
    reader.refuse_others()
    if kind is None:
        return None
    counts[kind.kind] = counts.get(kind.kind, 0) + 1
    layer = Layer(
        kind, f"{kind.kind}_{counts[kind.kind]}", f"Layer {index + 1} ({kind.kind})", {}, {}
    )
    if not isinstance(params, dict):
        reader.note("params", f"{layer.title} needs an object with parameters.")
        return layer
    known = {parameter.name: parameter for parameter in kind.parameters}
    for name, value in params.items():
        path = f"params.{name}"
        if name not in known:
            reader.note(path, f"{layer.title} has no parameter {describe(name)}.")
        elif isinstance(value, dict):
            _read_search(reader, path, layer, known[name], value)
        elif problem := known[name].refuses(value):
            reader.note(path, f"{layer.title}, {name}: {problem}")
        else:
            layer.given[name] = value
    return layer


def _read_search(
    reader: Reader, path: str, layer: Layer, parameter: Hyperparameter, value: dict[str, Any]
) -> None:
    row = value.get("search")
    if set(value) != {"search"} or not isinstance(row, dict):
        reader.note(
            path, f'{layer.title}, {parameter.name}: expected a value or {{"search": row}}.'
        )
        return
    full = row | {"name": layer.row_name(parameter.name), "only_if": None}
    place = f"{reader.path}.{path}.search"
    if read_row(Reader(full, path=place, problems=reader.problems)) is not None:
        layer.searched[parameter.name] = row


def _described_by(parameter: Hyperparameter, row: Row) -> Hyperparameter:
    """Take range and type of the searched row; what may be built stays the parameter's own."""
    kind = row.get("type", parameter.type)
    if kind not in ("int", "float", "choice"):
        kind = parameter.type
    return replace(
        parameter,
        type=kind,
        default=_start(parameter, row),
        low=_number(row, "min", parameter.low),
        high=_number(row, "max", parameter.high),
        step=_number(row, "step", parameter.step),
        scale=str(row.get("scale", parameter.scale)),
        choices=tuple(row.get("choices") or parameter.choices),
        allowed=parameter.choices,
    )


def _number(row: Row, key: str, otherwise: float | None) -> float | None:
    value = row.get(key, otherwise)
    return value if isinstance(value, int | float) else None


def _start(parameter: Hyperparameter, row: Row) -> Scalar:
    """Return the row's default, else its first choice or its least value."""
    start = row.get("default")
    if start is None and row.get("choices"):
        start = row["choices"][0]
    elif start is None:
        start = row.get("min")
    if isinstance(parameter.default, float) and isinstance(start, int):
        return float(start)
    return start if isinstance(start, type(parameter.default)) else parameter.default
