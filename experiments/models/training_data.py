"""What an experiment was trained on: its dataset, or arrays that its code provides."""

from dataclasses import dataclass
from typing import Any, Final

from experiments.catalog.code import brings_rows, script_in
from experiments.models.dataset import DatasetVersion
from experiments.number_words import thousands
from experiments.training.code_messages import DataSeen

ARRAYS: Final = "arrays of the code"
UNKNOWN: Final = "not described: no trial has reported them"
OWN_VALIDATION: Final = "the code's own validation data"
NOT_LOCKED: Final = (
    "The code trained on its own rows, so the form's locked test set doesn't apply."
)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The rows that trials trained on.

    name: short, as a label. details: rows, shape and target in words. is_form: the form's dataset; None: not
    known before the first trial of code that provides rows. validation: which rows of the code validate; empty
    where the split of the form says it.
    """

    name: str
    details: str
    is_form: bool | None
    validation: str = ""

    @property
    def words(self) -> str:
        """The name with its details, as a line of its own."""
        return f"{self.name}, {self.details}"

    @property
    def of_form(self) -> str:
        """Of arrays of the code: what they have to do with the form's dataset."""
        return "not trained on" if self.is_form is False else "not known whether trained on"

    @property
    def why_not_locked(self) -> str:
        """Why the locked test set of the form doesn't belong to it; empty where it does."""
        return NOT_LOCKED if self.is_form is False else ""


def training_data(
    version: DatasetVersion, layers: list[dict[str, Any]], seen: dict[str, Any]
) -> TrainingData:
    """Say what was trained on: the only source of every such sentence.

    layers: of the hypermodel; seen: `Experiment.data_seen`, a `DataSeen` as stored; empty before the first trial.
    """
    if seen and not seen["is_form"]:
        found = DataSeen(**seen)
        return TrainingData(ARRAYS, _details(found), is_form=False, validation=_validation(found))
    if not seen and brings_rows(layers):
        own = OWN_VALIDATION if script_in(layers).get("own_validation") else ""
        return TrainingData(ARRAYS, UNKNOWN, is_form=None, validation=own)
    return TrainingData(str(version), f"{thousands(version.rows)} rows", is_form=True)


def _details(seen: DataSeen) -> str:
    rows = f"{seen.rows:,} rows"
    if seen.validation_rows:
        rows = f"{seen.rows:,} training and {seen.validation_rows:,} validation rows"
    shape = f" of {' × '.join(map(str, seen.shape))} {seen.dtype}" if seen.shape else ""
    return f"{rows}{shape}, target: {seen.target}"


def _validation(seen: DataSeen) -> str:
    if seen.validation_rows:
        return OWN_VALIDATION
    return (
        f"the last {thousands(seen.last_rows)} rows of the code as validation data"
        if seen.last_rows
        else ""
    )
