"""Messages between a worker and its training child.

The standard library and schedules only: both programs load it. A NaN or infinite metric crosses as None.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from experiments.training.code_messages import (
    Answer,
    CheckOrder,
    CodeChecked,
    DataSeen,
    NamedData,
    Question,
    ScriptEnded,
    ScriptOrder,
    SpaceOrder,
    SpaceRead,
    StrategyOrder,
)
from experiments.training.dry_run_messages import DryRunResult
from experiments.training.schedule import Schedule

Values = dict[str, int | float | str | bool]
Metrics = dict[str, float | None]
FailureKind = Literal[
    "out_of_memory", "nan", "timeout", "user_code", "data", "killed", "infrastructure"
]
StopReason = Literal["pause", "stop", "prune", "target"]
Method = Literal["auto", "fused", "fit"]
OnNan = Literal["fail", "stop"]


@dataclass(frozen=True, slots=True)
class DataOrder:
    """The arrays and their split.

    directory: folder of the arrays (`x.npy`, or `numbers.npy` and `categories.npy`; `y.npy`) and their
    `schema.json`, which describes the whole dataset version. It holds no locked row: where there are some,
    `rows.npy` says which row of the version each one is. split: `.npz` with int64 arrays `train_<part>`
    and `validation_<part>`, the latter empty for a refit: rows of the version. named: by
    `keras.datasets` name. units: `.npy` of int64, (rows of the version,): equal of rows that belong together,
    -1 of rows in no part; empty: each row stands for itself.
    """

    directory: str
    split: str
    split_hash: str
    named: dict[str, NamedData] = field(default_factory=dict)
    units: str = ""


@dataclass(frozen=True, slots=True)
class ModelOrder:
    """A hypermodel: a catalog slug, `layers` with the list that the browser built, or `code`.

    layers: of `code` one object, its source with what it asks for. scope: the project of the code; one
    scope shares nothing with another.
    """

    slug: str
    layers: list[dict[str, Any]] = field(default_factory=list)
    scope: str = ""


@dataclass(frozen=True, slots=True)
class EarlyStoppingOrder:
    """Keras's own arguments of EarlyStopping; `FitOrder.keep` says which weights are kept."""

    monitor: str
    patience: int
    min_delta: float = 0.0
    mode: Literal["min", "max"] = "min"
    baseline: float | None = None
    start_from_epoch: int = 0


@dataclass(frozen=True, slots=True)
class ReduceLROnPlateauOrder:
    """Keras's own arguments of ReduceLROnPlateau."""

    monitor: str
    factor: float
    patience: int
    min_delta: float = 1e-4
    mode: Literal["min", "max"] = "min"
    cooldown: int = 0
    min_lr: float = 0.0


@dataclass(frozen=True, slots=True)
class FitOrder:
    """How each execution is trained; `batch_size` and `epochs` are the trial's own, already resolved."""

    epochs: int
    batch_size: int
    objective: str
    direction: Literal["minimize", "maximize"]
    metrics: list[str]
    early_stopping: EarlyStoppingOrder | None = None
    reduce_lr: ReduceLROnPlateauOrder | None = None
    schedule: Schedule | None = None
    on_nan: OnNan = "fail"  # stop: the execution ends at the epoch before
    class_weight: bool = False  # balanced by the training rows of the part
    deterministic: bool = False  # tf.config.experimental.enable_op_determinism
    method: Method = "auto"
    keep: Literal["best", "last"] = "best"  # the epoch whose weights are saved
    checkpoint_seconds: float = 10.0
    threads: int = 1
    expression: str = ""  # what the objective "custom" is: evaluation/expression.py
    scored_metric: str = ""  # exact metric that the objective is, whose row scores are kept
    latency_batches: list[int] = field(default_factory=list)  # rows of the calls to time, if any


@dataclass(frozen=True, slots=True)
class ExecutionOrder:
    """One training run: `execution` is the record's key, `part` names the arrays of the split."""

    execution: int
    part: int
    repeat: int
    seed: int
    checkpoint: str = ""  # folder of a checkpoint to resume from; empty: start at epoch 1
    epochs_done: int = 0  # epochs that the checkpoint holds


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """Everything that a child needs; it sees no database, no Redis and no other trial."""

    trial: int
    number: int
    token: str
    values: Values
    model: ModelOrder
    data: DataOrder
    fit: FitOrder
    executions: list[ExecutionOrder]
    directory: str  # writable folder of this attempt: models, checkpoints
    dry_run_seconds: float = 0.0  # for the first execution; 0: a real trial


@dataclass(frozen=True, slots=True)
class ChildStarted:
    """The child's first line. `preloaded`: TensorFlow was already there when it was forked."""

    pid: int
    preloaded: bool
    device: str
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class ModelBuilt:
    """`method` says how the epochs run and `reason` why (empty for the fused path)."""

    parameters: int
    method: Literal["fused", "fit"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """An execution started, or resumed after `epochs_done` epochs of its checkpoint."""

    execution: int
    epochs_done: int = 0


@dataclass(frozen=True, slots=True)
class EpochEnd:
    """Metrics of one 1-based epoch; `seconds` is the epoch's own duration."""

    execution: int
    epoch: int
    metrics: Metrics
    seconds: float


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint lies whole in `directory` (written beside, then renamed)."""

    execution: int
    epoch: int
    directory: str


@dataclass(frozen=True, slots=True)
class ExecutionEnd:
    """An execution is over. `model`: the best epoch's `.keras` file, relative to the trial's folder.

    predictions: what that model says of the validation rows: an `.npz` beside it with int64 `rows`,
    their `targets` and float32 `predictions`; empty where none are kept.
    """

    execution: int
    epochs: int
    best_epoch: int
    metrics: Metrics
    model: str
    model_bytes: int
    model_sha256: str
    seconds: float
    predictions: str = ""
    predictions_bytes: int = 0
    predictions_sha256: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """What the child printed; `execution` 0 before the first one starts."""

    execution: int
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why the trial can't continue; `traceback` is complete."""

    execution: int
    kind: FailureKind
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class TrialEnd:
    """The child's last message: done, or stopped at an epoch for this reason."""

    stopped: StopReason | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Downwards: end at the next epoch; a pause writes a checkpoint first."""

    reason: StopReason


@dataclass(frozen=True, slots=True)
class ChildForked:
    """From the host: the child's process id."""

    token: str
    pid: int


@dataclass(frozen=True, slots=True)
class ChildExited:
    """From the host, after waitpid: exit code, or the signal as a negative number."""

    token: str
    pid: int
    status: int


@dataclass(frozen=True, slots=True)
class HostReady:
    """From the host: TensorFlow is imported and orders are taken."""

    pid: int
    seconds: float


Order = TrialOrder | SpaceOrder | CheckOrder | ScriptOrder | StrategyOrder
HostMessage = Order | Question | Stop | ChildForked | ChildExited | HostReady
CodeMessage = DataSeen | SpaceRead | CodeChecked | ScriptEnded | Answer
Message = (
    ChildStarted
    | ModelBuilt
    | ExecutionStarted
    | EpochEnd
    | CheckpointSaved
    | ExecutionEnd
    | LogLine
    | DryRunResult
    | CodeMessage
    | Failure
    | TrialEnd
)
