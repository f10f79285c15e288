"""What a bundle holds, gathered from records and files."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from experiments import cells, storage
from experiments.catalog.code import SLUG as CODE
from experiments.catalog.code import imports_tuner, stand_in
from experiments.catalog.registry import source_for
from experiments.catalog.tuner_modules import PACKAGES
from experiments.cells import date_text
from experiments.data_schema import Column, DataSchema, Target, target_file
from experiments.digests import checked, sha256_of
from experiments.models import Artifact, Dataset, DatasetVersion, Execution, Experiment, Trial
from experiments.training.code_messages import DataSeen
from experiments.training.fit import early_stopping_order, reduce_lr_order

SAMPLE_ROWS = 32
ADAPT_ROWS = 200_000  # as in the training child: of more rows, some set the scales
PINNED = ("tensorflow", "keras", "numpy", "pillow")
ARRAYS = {
    "image": ("x",),
    "array": ("x",),
    "text": ("x",),
    "table": ("numbers", "categories"),
}
REPRODUCE = "reproduce.py"
PROGRAMS = ("predict.py", "read_rows.py", REPRODUCE)

Arrays = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """The execution whose model is bundled, with its records at hand."""

    trial: Trial
    execution: Execution
    model: Artifact

    @property
    def experiment(self) -> Experiment:
        return self.trial.experiment

    @property
    def data(self) -> DatasetVersion:
        return self.experiment.dataset_version

    @property
    def dataset(self) -> Dataset:
        return self.data.dataset

    @property
    def schema(self) -> DataSchema:
        """Of the rows that it was trained on."""
        seen = self.own_rows
        if seen is None:
            return self.form_schema
        return DataSchema(
            kind="array",
            task="classification" if seen.classes else "regression",
            shape=tuple(seen.shape),
            classes=tuple(map(str, range(seen.classes))),
            rows=seen.rows,
        )

    @property
    def form_schema(self) -> DataSchema:
        return DataSchema.from_dict(self.data.schema)

    @property
    def own_rows(self) -> DataSeen | None:
        """Arrays of the code, of which the site has no row; None where it trained on the form's dataset."""
        seen = self.experiment.data_seen
        is_own = self.experiment.training_data.is_form is False and seen.get("shape")
        return DataSeen(**seen) if is_own else None

    @property
    def is_code(self) -> bool:
        """Whether its model is custom code, which runs in the sandbox only."""
        return self.experiment.hypermodel_version.hypermodel.slug == CODE

    @property
    def source(self) -> str:
        """The Keras source of the model, as the child executed it."""
        recipe = self.experiment.hypermodel_version
        return source_for(
            recipe.hypermodel.slug,
            recipe.layers,
            self.trial.values,
            self.form_schema,
            self.experiment.metrics,
        )

    def arrays(self) -> Arrays:
        """Map the arrays of the dataset version, by file name without ending."""
        folder = storage.dataset_folder(self.data.digest)
        targets = (target_file(place) for place in range(len(self.schema.targets)))
        return {
            name: np.load(path, mmap_mode="r", allow_pickle=False)
            for name in (*ARRAYS[self.schema.kind], *targets)
            if (path := checked(folder, f"{name}.npy")).exists()
        }

    def split(self) -> Arrays:
        """Return training and validation rows of the execution's part."""
        train, validation = storage.load_parts(self.trial.split_hash)[self.execution.part]
        return {"train": train, "validation": validation}


def sample_of(subject: Subject) -> Arrays:
    """Return the first validation rows, as the model takes them; a refit has training rows alone.

    Of arrays of the code the site has none: random numbers of their shape.
    """
    if subject.own_rows is not None:
        return _random(subject.own_rows)
    split = subject.split()
    rows = (split["validation"] if len(split["validation"]) else split["train"])[:SAMPLE_ROWS]
    schema = subject.schema
    present = {"numbers": bool(schema.numbers), "categories": bool(schema.categories), "x": True}
    return {
        name: np.ascontiguousarray(array[rows])
        for name, array in subject.arrays().items()
        if present.get(name)
    }


def _random(seen: DataSeen) -> Arrays:
    shape = (SAMPLE_ROWS, *seen.shape)
    rng = np.random.default_rng(0)
    dtype = np.dtype(seen.dtype)
    # Whole numbers may be indices of words or categories, of which there are two at least.
    found = rng.normal(size=shape) if dtype.kind == "f" else rng.integers(0, 2, shape)
    return {"x": found.astype(dtype)}


def sample_file(schema: DataSchema, sample: Arrays) -> tuple[str, bytes]:
    """Write the sample as people would: a CSV file for a table, else an array."""
    if schema.kind != "table":
        stream = io.BytesIO()
        np.save(stream, sample["x"], allow_pickle=False)
        return "input.npy", stream.getvalue()
    text = io.StringIO()
    writer = csv.writer(text)
    by_name: dict[str, list[Column]] = {}
    for column in schema.columns:
        by_name.setdefault(column.source or column.name, []).append(column)
    writer.writerow(by_name)
    places = _places(schema)
    for row in range(len(next(iter(sample.values())))):
        texts = {one.name: _cell(sample, row, *places[one.name]) for one in schema.columns}
        writer.writerow([_written(columns, texts) for columns in by_name.values()])
    return "input.csv", text.getvalue().encode()


def small_files(subject: Subject) -> dict[str, bytes]:
    """Write every file but model, exports, sample, card, requirements and manifest."""
    schema, training = subject.schema, training_of(subject)
    labels = _labels(schema.targets[0])
    if schema.more_targets:
        keyed = zip(schema.keys, schema.targets, strict=True)
        labels["targets"] = [{"key": key} | _labels(target) for key, target in keyed]
    is_here = subject.own_rows is None
    names = [name for name in PROGRAMS if is_here or name != REPRODUCE]
    programs = Path(settings.BASE_DIR) / "templates" / "bundle"
    return {
        "model_code.py": subject.source.encode(),
        "schema.json": _json(schema.to_dict()),
        "labels.json": _json(labels),
        "training.json": _json(training),
        **({"split.npz": _split(subject)} if is_here else {}),
        **{name: (programs / name).read_bytes() for name in names},
        **_cell_reader(schema),
        **_stand_ins(subject),
    }


def _split(subject: Subject) -> bytes:
    split = io.BytesIO()
    np.savez_compressed(split, allow_pickle=False, **subject.split())
    return split.getvalue()


def _cell_reader(schema: DataSchema) -> dict[str, bytes]:
    """The module that reads written numbers and dates, where the model's inputs have some."""
    if not any(column.read for column in schema.columns):
        return {}
    return {"cells.py": Path(str(cells.__file__)).read_bytes()}


def _stand_ins(subject: Subject) -> dict[str, bytes]:
    """What stands in for KerasTuner where a model's own code imports it."""
    if not (subject.is_code and imports_tuner(subject.source)):
        return {}
    text = stand_in().encode()
    return {f"{name}.py": text for name in PACKAGES}


def _labels(target: Target) -> dict[str, Any]:
    return {"task": target.task, "target": target.name, "classes": list(target.classes)}


def training_of(subject: Subject) -> dict[str, Any]:
    """Return what reproduce.py must know."""
    execution, experiment = subject.execution, subject.experiment
    fit, judged = experiment.fit, (experiment.objective, experiment.direction)
    stopping, plateau = early_stopping_order(fit, *judged), reduce_lr_order(fit, *judged)
    epochs = int(subject.trial.values["epochs"])
    folder = storage.dataset_folder(subject.data.digest)
    names = [f"{name}.npy" for name in subject.arrays()] if subject.own_rows is None else []
    of_form = {
        "split_hash": subject.trial.split_hash,
        "dataset_digest": subject.data.digest,
        "array_sha256": {name: sha256_of(folder / name) for name in names},
    }
    return {
        "values": subject.trial.values,
        "seed": execution.seed,
        "part": execution.part,
        "batch_size": int(subject.trial.values["batch_size"]),
        "epochs": epochs,
        "best_epoch": execution.best_epoch,
        "early_stopping": stopping and asdict(stopping),
        "reduce_lr": plateau and asdict(plateau),
        "learning_rate_factors": fit.schedule and fit.schedule.factors(epochs)[: execution.epochs],
        "class_weight": fit.class_weight,
        "deterministic": fit.deterministic,
        "adapt_rows": ADAPT_ROWS,
        **(of_form if subject.own_rows is None else {}),
        "metrics": _at_kept_epoch(execution),
        "targets": list(subject.schema.keys) if subject.schema.more_targets else [],
    }


def _at_kept_epoch(execution: Execution) -> dict[str, float | None]:
    """What reproduce.py must find: the metrics of the epoch whose weights the file holds.

    A score that is a mean over epochs is that of no model.
    """
    epoch = execution.best_epoch
    kept = {name: values[epoch - 1] for name, values in execution.history.items()} if epoch else {}
    return {**execution.metrics, **kept}


def pins(environment: Mapping[str, Any]) -> dict[str, str]:
    """Return the exact version of each requirement: the training child's, else the one here."""
    recorded = environment.get("versions", environment)
    found = {}
    for name in PINNED:
        text = recorded.get(name) if isinstance(recorded, Mapping) else None
        with suppress(PackageNotFoundError):
            found[name] = str(text) if text else version(name)
    return found


def requirements(environment: Mapping[str, Any], *, onnx: bool) -> str:
    """Write requirements.txt. onnx: the bundle holds model.onnx, which has a runtime of its own."""
    pinned = pins(environment) | ({"onnxruntime": version("onnxruntime")} if onnx else {})
    return "".join(f"{name}=={number}\n" for name, number in pinned.items())


def _places(schema: DataSchema) -> dict[str, tuple[str, int, tuple[str, ...]]]:
    """Return array, column number and category texts of each column."""
    numbers = {c.name: ("numbers", i, ()) for i, c in enumerate(schema.numbers)}
    categories = {c.name: ("categories", i, c.categories) for i, c in enumerate(schema.categories)}
    return {**numbers, **categories}


def _cell(sample: Arrays, row: int, name: str, column: int, texts: tuple[str, ...]) -> str:
    value = sample[name][row, column]
    if name == "categories":
        return texts[int(value)] if 0 <= int(value) < len(texts) else ""
    return "" if np.isnan(value) else repr(float(value))


def _written(columns: Sequence[Column], by_name: Mapping[str, str]) -> str:
    """The cell of the file that these columns of the model are read from."""
    texts = [by_name[column.name] for column in columns]
    if not columns[0].part or "" in texts:
        return texts[0] if columns[0].read != "comma" else texts[0].replace(".", ",")
    parts = {
        column.part: text if column.categories else int(float(text))
        for column, text in zip(columns, texts, strict=True)
    }
    return date_text(parts, columns[0].read)


def _json(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
