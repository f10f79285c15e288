"""Reports: the objective's curve of every trial, coarse enough to be sent at once. Imports models.

A curve is a byte at each of at most 20 epochs: 10,000 of them are some 320 kB of JSON.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import TextField
from django.db.models.functions import Cast

from experiments.models import Experiment
from experiments.reports.sampling.history import curve_column, first_executions

PLACES: Final = 20  # epochs at which each curve is read
ABSENT, DIVERGED, FIRST, LAST = 0, 1, 2, 255  # what a byte says; FIRST to LAST: the scale
LARGEST: Final = 1e300
ODD: Final = ('"', "[", "{", "t", "f")  # begin what is no number in a list; t, f: truth values
Floats = npt.NDArray[np.float64]


def all_curves(experiment: Experiment, *, is_whole: bool = False) -> dict[str, Any]:
    """Curves of the first executions, by trial number; those set aside are left out. One query.

    is_whole: the scale holds every value; else outliers lie at its edge, and `cut` counts their curves.
    """
    # As text: a JSON reader that makes an object of each number takes eight times as long.
    found = list(
        first_executions(experiment)
        .filter(epochs__gt=0, trial__set_aside="")
        .order_by("trial__number")
        .values_list("trial__number", "epochs", Cast(curve_column(experiment), TextField()))
    )
    longest = max((epochs for _, epochs, _ in found), default=1)
    places = np.unique(np.linspace(1, longest, min(longest, PLACES)).round().astype(int))
    values, reached = _at_places([curve for _, _, curve in found], places)
    finite = np.isfinite(values)
    low, high = _scale(values[finite], is_whole=is_whole)
    codes = np.full(values.shape, ABSENT, dtype=np.uint8)
    codes[reached & ~finite] = DIVERGED
    share = np.clip((values[finite] - low) / (high - low), 0.0, 1.0)
    codes[finite] = (FIRST + share * (LAST - FIRST)).round().astype(np.uint8)
    beyond = finite & ((values < low) | (values > high))
    return {
        "metric": experiment.objective,
        "epochs": places.tolist(),
        "low": low,
        "high": high,
        "cut": int(beyond.any(axis=1).sum()),
        "diverged": int((codes == DIVERGED).any(axis=1).sum()),
        "number": [number for number, _, _ in found],
        "codes": base64.b64encode(codes.tobytes()).decode("ascii"),
    }


def _at_places(
    curves: Sequence[str | None], places: npt.NDArray[np.int64]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Shape (curves, places): the values, NaN where there is none, and whether an epoch was reached.

    curves: each as the text of a JSON list; what is no number in it has no value, and no list has no epochs.
    """
    inner = [_inner(text) for text in curves]
    lengths = np.array([text.count(",") + 1 if text else 0 for text in inner], dtype=np.int64)
    reached = places[None, :] <= lengths[:, None]
    begins = np.cumsum(lengths) - lengths
    values = np.full(reached.shape, np.nan)
    values[reached] = _numbers([text for text in inner if text])[
        (begins[:, None] + places[None, :] - 1)[reached]
    ]
    values[np.abs(values) > LARGEST] = np.nan
    return values, reached


def _inner(text: str | None) -> str:
    """A list's numbers and nulls, with commas between them."""
    if not text or not text.startswith("["):
        return ""
    inner = text.strip()[1:-1].strip()
    if not any(sign in inner for sign in ODD):
        return inner
    return ",".join(
        str(each) if isinstance(each, int | float) and not isinstance(each, bool) else "null"
        for each in json.loads(text)
    )


def _numbers(lists: Sequence[str]) -> Floats:
    """The numbers of all lists, one after the other; NaN for null. lists: not empty, without brackets."""
    if not lists:
        return np.empty(0)
    text = ",".join(lists).replace("null", "nan").encode()
    # Built and read as plain memory: `pa.array` and `to_numpy` would import pandas, which takes 39 MB.
    ends = pa.py_buffer(np.array([0, len(text)], dtype=np.int64))
    whole = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(text))
    words = pc.utf8_trim_whitespace(pc.split_pattern(whole, ",").flatten())
    numbers = words.cast(pa.float64())
    return np.frombuffer(numbers.buffers()[1], dtype=np.float64, count=len(numbers))


def _scale(values: Floats, *, is_whole: bool) -> tuple[float, float]:
    """Least and greatest; without outliers: as far as the middle 96 % and half their width."""
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if not is_whole:
        inner, outer = np.quantile(values, (0.02, 0.98))
        room = 0.5 * float(outer - inner)
        low, high = max(low, float(inner) - room), min(high, float(outer) + room)
    return (low, high) if high > low else (low - 0.5, low + 0.5)
