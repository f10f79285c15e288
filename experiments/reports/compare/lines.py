"""Reports: what the charts of a comparison draw: a line for each trial. Imports models and sibling reports."""

from collections.abc import Sequence
from typing import Any, Final

from experiments.models import SpaceVersion
from experiments.reports.compare.rows import COSTS
from experiments.reports.compare.trials import COLOURS, Compared
from experiments.reports.figures import finite
from experiments.reports.trials.order import Column

OWN: Final = ("number", "state", "score", "set_aside", *(name for name, _, _ in COSTS))
LABEL_LENGTH: Final = 18  # of an experiment's name in a chart


def chart_columns(columns: Sequence[Compared]) -> list[dict[str, Any]]:
    """Who the lines are. dash: as a number whose dash it is, as a trial's own would be."""
    several = len({column.experiment.pk for column in columns}) > 1
    return [
        {
            "code": str(column.experiment.code),
            "number": column.trial.number,
            "label": _label(column, several=several),
            "colour": column.colour,
            "dash": column.dash * COLOURS,
        }
        for column in columns
    ]


def _label(column: Compared, *, several: bool) -> str:
    if not several:
        return column.label
    name = column.experiment.name
    short = name if len(name) <= LABEL_LENGTH else name[: LABEL_LENGTH - 1] + "…"
    return f"{column.label}, {short}"


def parallel_config(columns: Sequence[Compared]) -> dict[str, Any]:
    """The parallel coordinates' columns, space and rows; a trial's number is its place. One query.

    The score is an axis where all have the same objective.
    """
    names = list(dict.fromkeys(name for column in columns for name in column.trial.values))
    keys = {name: f"value_{name}" if name in OWN else name for name in names}
    values = {
        keys[name]: [finite(column.trial.values.get(name), 7) for column in columns]
        for name in names
    }
    own: dict[str, list[Any]] = {
        "number": list(range(len(columns))),
        "state": [column.trial.state for column in columns],
        "score": [finite(column.trial.score) for column in columns],
        "set_aside": ["" for _ in columns],  # they were chosen: none is passed over
    }
    own |= {n: [finite(getattr(c.trial, field)) for c in columns] for n, _, field in COSTS}
    base = columns[0].experiment
    same = len({(c.experiment.objective, c.experiment.direction) for c in columns}) == 1
    return {
        "objective": base.objective,
        "direction": base.direction,
        "columns": [
            *(_column(keys[name], name, values[keys[name]], hyper=True) for name in names),
            *(_column(name, name, own[name], hyper=False) for name, _, _ in COSTS),
            *([_column("score", base.objective, own["score"], hyper=False)] if same else []),
        ],
        "space": _space(columns, keys),
        "trials": {"own": own, "values": values},
    }


def _column(key: str, label: str, values: Sequence[Any], *, hyper: bool) -> dict[str, Any]:
    words = any(isinstance(value, str) for value in values)
    equal = len({repr(value) for value in values}) < 2
    return Column(key, label, hyper, equal, is_text=words).to_dict()


def _space(columns: Sequence[Compared], keys: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of the spaces that the trials were drawn from, as wide as all of them together."""
    versions = SpaceVersion.objects.filter(pk__in={c.trial.space_version_id for c in columns})
    found: dict[str, dict[str, Any]] = {}
    for space in versions.order_by("pk").values_list("space", flat=True):
        for row in space.get("hyperparameters", []):
            if row["name"] in keys:
                known = found.get(row["name"])
                found[row["name"]] = _wider(known, row) if known else dict(row)
    kept = ("type", "min", "max", "scale", "choices", "value")
    return [
        {"key": keys[name], "name": name, **{k: row[k] for k in kept if k in row}}
        for name, row in found.items()
    ]


def _wider(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Both rows in one; of two kinds the values say what the axis is."""
    if one["type"] != other["type"] or one.get("scale") != other.get("scale"):
        return {"name": one["name"], "type": "mixed"}
    wide = dict(one)
    if "min" in one and "min" in other:
        wide |= {"min": min(one["min"], other["min"]), "max": max(one["max"], other["max"])}
    if "choices" in one and "choices" in other:
        wide["choices"] = list(dict.fromkeys([*one["choices"], *other["choices"]]))
    return wide
