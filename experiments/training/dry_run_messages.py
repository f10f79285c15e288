"""What a dry run reports: measurements of a configuration, and checks of its set-up."""

from dataclasses import dataclass, field
from typing import Final, Literal

CheckName = Literal["softmax", "output", "divergence", "class_rows", "memory", "time"]
Result = Literal["found", "not_found", "not_checked"]
CHECKS: Final[dict[CheckName, str]] = {
    "softmax": "Softmax and loss",
    "output": "Output and target",
    "divergence": "Divergence",
    "class_rows": "Rows per class",
    "memory": "Memory",
    "time": "Time",
}


@dataclass(frozen=True, slots=True)
class SetupCheck:
    """One check of a set-up.

    words: of a problem what was seen, what was expected and how to fix it; else why it was not checked.
    field: the label of the form's field to change.
    """

    name: CheckName
    result: Result
    words: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """Results of a few batches, or of a few epochs where they are short. output_shape: without the axis of rows.

    memory_bytes: peak, beyond that of the child at its start, with all rows where a trial keeps them
    in memory. activation_bytes: estimated from the layers' outputs for one batch;
    None where they are unknown. build_seconds: until the second epoch could begin.
    again_seconds: to begin a further execution. epoch_seconds: of a whole epoch with its validation.
    saving_seconds: of an execution's model and predictions. epochs_run: whole epochs that there was
    time for; has_ended: early stopping, or the last epoch, came among them. child_seconds: of the whole dry run.
    first_loss: of a batch before training; None where it is unknown or not finite. last_loss: the largest of the
    last epochs' mean losses; None where one is not finite. learning_rate: the optimizer's first; None: unknown.
    """

    parameters: int
    output_shape: list[int]
    method: Literal["fused", "fit"]
    memory_bytes: int
    activation_bytes: int | None
    build_seconds: float
    again_seconds: float
    epoch_seconds: float
    saving_seconds: float
    epochs_run: int
    has_ended: bool
    child_seconds: float
    is_finite: bool
    first_loss: float | None = None
    last_loss: float | None = None
    learning_rate: float | None = None
    checks: list[SetupCheck] = field(default_factory=list)
