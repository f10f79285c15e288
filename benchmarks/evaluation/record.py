"""Records scores of many configurations and many fits by training them, for `bench evaluation`.

A program: `python -m benchmarks.evaluation.record [DATA …]`, half an hour on two cores. For each
dataset it writes `recorded/evaluation_<data>.npz` with `folds`, shape (configurations, 10): the
scores of two seeds over five folds; `inside` and `outside`, shape (experiments, 5): of a random
part of the rows, the score of each fold, and that of the fold's model on all rows outside of the
part. Of a classification also `shuffled`, shape (10, 20, 5, epochs): curves of configurations over folds
whose labels were shuffled, and `constant`, shape (10, 5): of the most frequent class there. Scores
are accuracies, or minus the root mean squared error. An interrupted run goes on with the next table.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.catalog.registry import CATALOG
from experiments.data_schema import DataSchema
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.splits import Part
from experiments.evaluation.splitting import deal_out
from experiments.ingest.built_in import BUILT_IN
from experiments.ingest.file_locations import Places
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.search.space.space import Space
from experiments.training.messages import (
    DataOrder,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    Failure,
    FitOrder,
    Message,
    ModelOrder,
    TrialOrder,
)
from experiments.training.pool import TrainingPool

MODELS: Final = {"digits": "image-mlp", "breast_cancer": "table-mlp", "diabetes": "table-mlp"}
FOLDER: Final = Path(__file__).parents[1] / "recorded"
CONFIGURATIONS: Final = 200
EXPERIMENTS: Final = 70  # of each dataset; over 200 in all
FOLDS: Final = 5
SEEDS: Final = 2
EPOCHS: Final = 15
SHUFFLES: Final = 10
SEARCHED: Final = 20  # configurations of each search over shuffled labels
PART: Final = 0.4  # of the rows, in each of the simulated experiments
Scores = npt.NDArray[np.float64]


def path_of(data: str) -> Path:
    """Where a dataset's scores lie."""
    return FOLDER / f"evaluation_{data}.npz"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit that ended, and its score at each epoch."""

    end: ExecutionEnd
    curve: list[float]


@dataclass(frozen=True, slots=True)
class Trainer:
    """Trains configurations of one dataset in children of one pool."""

    pool: TrainingPool
    schema: DataSchema
    arrays: Path
    work: Path
    model: str

    @property
    def is_classification(self) -> bool:
        """Whether scores are accuracies."""
        return self.schema.task == "classification"

    def train(
        self, values: dict[str, Any], parts: list[Part], seeds: list[int], *, keep: Any
    ) -> tuple[list[Fitted], Path]:
        """Fit each part once for each seed, part by part; the fits, and where predictions lie."""
        split = self.work / "split.npz"
        arrays = {}
        for index, (train, validation) in enumerate(parts):
            arrays[f"train_{index}"], arrays[f"validation_{index}"] = train, validation
        np.savez(split, allow_pickle=False, **arrays)
        count = len(parts)
        folder = Path(tempfile.mkdtemp(dir=self.work))
        metric = "accuracy" if self.is_classification else "rmse"
        order = TrialOrder(
            trial=1,
            number=0,
            token=folder.name,
            values=values,
            model=ModelOrder(self.model),
            data=DataOrder(str(self.arrays), str(split), "recorded"),
            fit=FitOrder(
                epochs=EPOCHS,
                batch_size=int(values["batch_size"]),
                objective=f"val_{metric}",
                direction="maximize" if self.is_classification else "minimize",
                metrics=[metric],
                keep=keep,
            ),
            executions=[
                ExecutionOrder(index + 1, index % count, index // count, seeds[index])
                for index in range(len(seeds))
            ],
            directory=str(folder),
        )
        curves: dict[int, list[float]] = {}
        fits = []
        for message in _messages(self.pool, order):
            if isinstance(message, EpochEnd):
                curves.setdefault(message.execution, []).append(self._score(message.metrics))
            else:
                fits.append(Fitted(message, curves[message.execution]))
        return fits, folder

    def score(self, fit: Fitted) -> float:
        """The execution's score at its best epoch."""
        return self._score(fit.end.metrics)

    def _score(self, metrics: Mapping[str, float | None]) -> float:
        value = metrics["val_accuracy" if self.is_classification else "val_rmse"]
        if value is None:
            return float("nan")
        return float(value) if self.is_classification else -float(value)


def record(data: str, pool: TrainingPool) -> None:
    """Train and write one dataset's scores."""
    with tempfile.TemporaryDirectory(prefix="record-") as name:
        work = Path(name)
        prepared = BUILT_IN[data].load(Places(work, work, work))
        digest = write_prepared(prepared, work)
        trainer = Trainer(pool, prepared.schema, work / digest, work, MODELS[data])
        labels = prepared.arrays["y"] if trainer.is_classification else None
        template = CATALOG[trainer.model]
        space = Space.from_dict(template.default_space(prepared.schema))
        kept = _Kept(path_of(data))
        kept.add("folds", lambda: {"folds": _folds(trainer, space, labels)})
        kept.add("inside", lambda: _experiments(trainer, space))
        if trainer.is_classification:
            kept.add("shuffled", lambda: _shuffled(trainer, space, prepared))


@dataclass(frozen=True, slots=True)
class _Kept:
    """The file of a dataset: each table is written as soon as it is there, and never made twice."""

    path: Path

    def add(self, name: str, make: Callable[[], dict[str, Scores]]) -> None:
        tables = {}
        if self.path.exists():
            with np.load(self.path, allow_pickle=False) as stored:
                tables = {each: stored[each] for each in stored.files}
        if name not in tables:
            np.savez_compressed(self.path, allow_pickle=False, **tables, **make())


def _folds(trainer: Trainer, space: Space, labels: Any) -> Scores:
    rng = np.random.default_rng(0)
    protocol = Protocol("k_fold", folds=FOLDS, locked_test_share=0.0)
    parts = list(deal_out(protocol, trainer.schema.rows, labels, 0).parts)
    rows = []
    for number in range(CONFIGURATIONS):
        values = space.draw(rng)
        seeds = [1000 * number + index for index in range(FOLDS * SEEDS)]
        fits, _ = trainer.train(values, parts, seeds, keep="best")
        scores = [trainer.score(fit) for fit in fits]
        if len(scores) == FOLDS * SEEDS and np.isfinite(scores).all():
            rows.append(scores)
        _tell(f"configuration {number + 1} of {CONFIGURATIONS}: {np.mean(scores):.4f}")
    return np.array(rows)


def _experiments(trainer: Trainer, space: Space) -> dict[str, Scores]:
    """Cross-validate the default values on random parts of the rows; also score what lies outside."""
    rng = np.random.default_rng(1)
    n = trainer.schema.rows
    values = space.defaults()
    protocol = Protocol("k_fold", folds=FOLDS, locked_test_share=0.0, respecting="none")
    inside, outside = [], []
    for number in range(EXPERIMENTS):
        part = np.sort(rng.permutation(n)[: round(PART * n)])
        rest = np.setdiff1d(np.arange(n), part)
        folds = deal_out(protocol, len(part), None, number).parts
        parts = [(part[train], np.concatenate([part[tested], rest])) for train, tested in folds]
        seeds = [10**6 + 100 * number + index for index in range(FOLDS)]
        fits, folder = trainer.train(values, parts, seeds, keep="last")
        found = [
            _two_scores(trainer, folder / fit.end.predictions, len(tested))
            for fit, (_, tested) in zip(fits, folds, strict=True)
        ]
        inside.append([one for one, _ in found])
        outside.append([other for _, other in found])
        _tell(f"experiment {number + 1} of {EXPERIMENTS}: {np.mean(inside[-1]):.4f}")
    return {"inside": np.array(inside), "outside": np.array(outside)}


def _shuffled(trainer: Trainer, space: Space, prepared: Prepared) -> dict[str, Scores]:
    """Search where there is nothing to be learnt, and what always says the most frequent class."""
    rng = np.random.default_rng(2)
    protocol = Protocol("k_fold", folds=FOLDS, locked_test_share=0.0)
    curves, constant = [], []
    for number in range(SHUFFLES):
        labels = rng.permutation(prepared.arrays["y"])
        arrays = {**prepared.arrays, "y": labels}
        digest = write_prepared(replace(prepared, arrays=arrays), trainer.work)
        other = replace(trainer, arrays=trainer.work / digest)
        parts = list(deal_out(protocol, trainer.schema.rows, labels, number).parts)
        rows = []
        for place in range(SEARCHED):
            seeds = [2 * 10**6 + 1000 * number + 10 * place + index for index in range(FOLDS)]
            fits, _ = other.train(space.draw(rng), parts, seeds, keep="best")
            rows.append([fit.curve for fit in fits])
        curves.append(rows)
        constant.append(
            [float(np.mean(labels[v] == np.bincount(labels[t]).argmax())) for t, v in parts]
        )
        _tell(f"shuffle {number + 1} of {SHUFFLES}: {np.mean(rows):.4f}")
    return {"shuffled": np.array(curves), "constant": np.array(constant)}


def _two_scores(trainer: Trainer, path: Path, tested: int) -> tuple[float, float]:
    """The score on the first `tested` rows, which are the fold, and on all the others."""
    with np.load(path, allow_pickle=False) as stored:
        targets, said = stored["targets"], stored["predictions"]
    if trainer.is_classification:
        right = said.argmax(1) == targets if said.shape[1] > 1 else (said[:, 0] > 0.5) == targets
        return float(right[:tested].mean()), float(right[tested:].mean())
    squares = (said - targets) ** 2
    return -float(np.sqrt(squares[:tested].mean())), -float(np.sqrt(squares[tested:].mean()))


def _messages(pool: TrainingPool, order: TrialOrder) -> Iterator[EpochEnd | ExecutionEnd]:
    """The epochs and ends of a trial's executions. Raises: RuntimeError when it fails."""
    run = pool.run(order)
    try:
        while run.exit_status() is None:
            message: Message | None = run.receive(0.2)
            if isinstance(message, Failure):
                _tell(f"a fit failed: {message.message}")
            if isinstance(message, EpochEnd | ExecutionEnd):
                yield message
    finally:
        run.close()


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Record the datasets that are named, or all."""
    pool = TrainingPool()
    pool.wait_until_ready(120)
    try:
        for data in sys.argv[1:] or MODELS:
            record(data, pool)
    finally:
        pool.close()


if __name__ == "__main__":
    main()
