"""Reports: what the plots of a trial's predictions draw, as JSON. Imports sibling reports.

No plot is sent more than POINTS points.
"""

from typing import Any, Final

import numpy as np

from experiments.data_schema import DataSchema
from experiments.evaluation.diagnostics import (
    Line,
    calibration,
    calibration_error,
    confusion,
    evenly,
    precision_recall,
    roc,
)
from experiments.reports.figures import finite_list
from experiments.reports.trials.predictions import Pooled

POINTS: Final = 2000
MOST_CLASSES: Final = 20  # of the confusion matrix
MOST_LINES: Final = 8  # a line a class, each in a colour of its own


def prediction_plots(pooled: Pooled | None, schema: DataSchema) -> dict[str, Any]:
    """Confusion, ROC, precision-recall and calibration; or points of target and prediction.

    `n` 0: no predictions are kept, or none is a number.
    """
    if pooled is None:
        return {"task": schema.task, "n": 0, "bad": 0}
    facts = {
        "task": schema.task,
        "n": len(pooled.rows),
        "executions": pooled.executions,
        "repeated": pooled.repeated,
        "bad": pooled.bad,
    }
    if not len(pooled.rows):
        return facts
    if schema.task == "regression":
        return facts | _regression(pooled, schema)
    return facts | _classification(pooled, schema)


def _regression(pooled: Pooled, schema: DataSchema) -> dict[str, Any]:
    order = np.argsort(pooled.targets, kind="stable")
    chosen = order[evenly(len(order), POINTS)]
    return {
        "target": schema.target,
        "rows": pooled.rows[chosen].tolist(),
        "targets": finite_list(pooled.targets[chosen].astype(float).tolist(), 6),
        "predictions": finite_list(pooled.predictions[chosen].tolist(), 6),
    }


def _classification(pooled: Pooled, schema: DataSchema) -> dict[str, Any]:
    labels, shares = pooled.targets.astype(np.int64), pooled.predictions
    answers = shares.argmax(1)
    counts = np.bincount(labels, minlength=shares.shape[1])
    frequent = np.argsort(-counts, kind="stable")
    asked = [1] if shares.shape[1] == 2 else sorted(frequent[:MOST_LINES].tolist())
    judged = [(label, labels == label, shares[:, label]) for label in asked]
    shown = sorted(frequent[:MOST_CLASSES].tolist())
    matrix = confusion(labels, answers, shares.shape[1])
    if shares.shape[1] == 2:
        hits, scores = labels == 1, shares[:, 1]
    else:
        hits, scores = labels == answers, shares.max(1)
    bins = calibration(hits, scores)
    most = POINTS // len(asked)
    return {
        "classes": [_name(schema, label) for label in shown],
        "left_out": shares.shape[1] - len(shown),
        "confusion": matrix[np.ix_(shown, shown)].tolist(),
        "lines_left_out": 0 if shares.shape[1] == 2 else shares.shape[1] - len(asked),
        "roc": [_line(_name(schema, c), roc(h, s), most) for c, h, s in judged],
        "precision_recall": [
            _line(_name(schema, c), precision_recall(h, s), most) | {"share": float(np.mean(h))}
            for c, h, s in judged
        ],
        "calibration": [[each.predicted, each.observed, each.n] for each in bins],
        "calibration_error": calibration_error(bins),
        "calibration_of": _name(schema, 1) if shares.shape[1] == 2 else "",
    }


def _line(name: str, line: Line | None, most: int) -> dict[str, Any]:
    """`points` is empty where the curve isn't defined."""
    if line is None:
        return {"label": name, "area": None, "points": []}
    return {"label": name, "area": line.area, "points": line.points(most)}


def _name(schema: DataSchema, label: int) -> str:
    return schema.classes[label] if label < len(schema.classes) else str(label)
