"""Program: exports a stored model to other formats and predicts sample rows with each.

Usage: `python -m experiments.training.child.export ORDER.json`, where the
order names `model` (.keras), `code` (the source that built it), `schema` (schema.json), `sample`
(.npz of inputs by name) and `folder` (where the formats, outputs.npy and formats.json go). A
format that the model can't have is left out, with the reason in formats.json; a model that can't
be loaded or predict ends the program with status 1 and one line on standard error.
"""

import errno
import importlib.util
import json
import os
import re
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.catalog import tuner_modules
from experiments.catalog.code import imports_tuner
from experiments.data_schema import DataSchema
from experiments.number_words import plain
from experiments.training.child.export_formats import FORMATS, Format, Inference, Rows, beside

TOLERANCE = 1e-5  # of the largest prediction, where that is above 1
REASON_LENGTH = 200
PATH = re.compile(r"(/[\w.+-]+){2,}(:\d+:\d+: error:)? ?")
NO_ROOM = 2**20  # bytes: TensorFlow's own writers say a full disk in many ways


class ExportProblem(Exception):
    """The model can't be exported at all."""


def export(order: dict[str, str]) -> None:
    """Write every format, `outputs.npy` and `formats.json`. Raises what Keras and the disk raise."""
    folder = Path(order["folder"])
    schema = DataSchema.from_dict(json.loads(Path(order["schema"]).read_text()))
    run_code(Path(order["code"]))
    model = keras.models.load_model(order["model"], compile=False)
    sample = load_sample(Path(order["sample"]))
    outputs = np.asarray(beside(model.predict(sample, verbose=0), schema.keys))
    np.save(folder / "outputs.npy", outputs, allow_pickle=False)
    inference = Inference.of(model, schema)
    rows = inference.rows(sample)
    found = {
        each.name: written(each, inference, folder / each.name, rows, outputs) for each in FORMATS
    }
    (folder / "formats.json").write_text(json.dumps(found), encoding="utf-8")


def written(
    form: Format, inference: Inference, path: Path, rows: Rows, expected: np.ndarray
) -> dict[str, Any]:
    """Write one format and predict with it.

    Returns: `difference`, the largest from `expected`, as TOLERANCE is; or `why_not`, a sentence, when there is no
    such file because the converter failed or its result predicts other values.
    Raises: OSError, when the disk is full.
    """
    try:
        form.write(inference, path)
        predicted = form.predict(path, rows)
    except OSError:
        raise
    except Exception as error:  # converters raise whatever their libraries do
        if shutil.disk_usage(path.parent).free < NO_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        traceback.print_exc()
        form.remove(path)
        return {"why_not": f"{form.converter} can't convert this model: {first_line(error)}."}
    difference = furthest(predicted, expected)
    if not difference <= TOLERANCE:
        form.remove(path)
        words = f"its predictions differ by {plain(difference, 2)}"
        return {"why_not": f"{form.converter} converted this model, but {words}."}
    return {"difference": difference}


def furthest(predicted: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference, as a share of its column's largest value where that is above 1.

    Equal values differ by nothing, also where both are NaN; NaN beside a number is infinitely far.
    """
    same = (predicted == expected) | (np.isnan(predicted) & np.isnan(expected))
    known = np.where(np.isfinite(expected), np.abs(expected), 0.0)
    off = np.where(same, 0.0, np.abs(predicted - expected))
    share = (off / np.maximum(1.0, known.max(axis=0, initial=0.0))).max(initial=0.0)
    return float("inf") if np.isnan(share) else float(share)


def first_line(error: Exception) -> str:
    """Say in one line what was raised, without paths of this machine: the line may go into a zip."""
    lines = str(error).strip().splitlines() or [""]
    words = f"{type(error).__name__}: {PATH.sub('', lines[0]).strip()}".rstrip(" .:")
    return words if len(words) <= REASON_LENGTH else words[: REASON_LENGTH - 1] + "…"


def run_code(path: Path) -> None:
    """Execute the model's source, so that its own classes are registered."""
    if imports_tuner(path.read_text(encoding="utf-8")):
        tuner_modules.install()
    spec = importlib.util.spec_from_file_location("model_code", path)
    if spec is None or spec.loader is None:
        raise ExportProblem("The model's source can't be read.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["model_code"] = module
    spec.loader.exec_module(module)


def load_sample(path: Path) -> Any:
    """Read the sample rows: one array, or a table's dict."""
    with np.load(path, allow_pickle=False) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    return found.get("x", found)


def main() -> int:
    """Read the order and obey."""
    order = json.loads(Path(sys.argv[1]).read_text())
    try:
        export(order)
    except (ExportProblem, OSError, ValueError, TypeError, RuntimeError, KeyError) as error:
        print(first_line(error), file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
