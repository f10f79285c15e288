"""The class Template: texts, hyperparameters, and a writer of Keras source.

One file per template fills one `Template`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from experiments.catalog.rows import Hyperparameter, Scalar
from experiments.catalog.shared_rows import training_rows
from experiments.data_schema import DataSchema

Level = Literal["Sequential", "Functional", "Subclassed"]
Values = Mapping[str, Scalar]


class CatalogError(ValueError):
    """A model that cannot be written for these values or this data; the message is for people."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a writer writes for: every name has a value here, whether it was searched or not."""

    template: "Template"
    chosen: dict[str, Scalar]
    schema: DataSchema
    metrics: tuple[str, ...]

    def whole(self, name: str) -> int:
        """Return an integer value."""
        return int(self.chosen[name])

    def real(self, name: str) -> float:
        """Return a float value."""
        return float(self.chosen[name])

    def text(self, name: str) -> str:
        """Return a choice's value."""
        return str(self.chosen[name])

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return bool(self.chosen[name])


@dataclass(frozen=True, slots=True)
class Template:
    """A hypermodel as data. `kinds` and `tasks`: the data that it takes.

    own: its hyperparameters for one dataset; one that bears the name of a shared row replaces it.
    write: complete Python source. unfit: why a dataset is no use for it, or an empty string.
    several_targets: it has an output for each; others learn one target.
    """

    slug: str
    name: str
    summary: str
    level: Level
    kinds: tuple[str, ...]
    tasks: tuple[str, ...]
    parameter_range: str
    own: Callable[[DataSchema], tuple[Hyperparameter, ...]]
    write: Callable[[Order], str]
    unfit: Callable[[DataSchema], str] = lambda _: ""
    several_targets: bool = False

    def refuses(self, schema: DataSchema) -> str:
        """Say in one sentence why this template can't take the data; empty: it can."""
        if schema.kind not in self.kinds:
            return f"“{self.name}” takes {' or '.join(self.kinds)} data; this dataset is {schema.kind} data."
        if schema.more_targets and not self.several_targets:
            return f"“{self.name}” has one target; this data has {len(schema.targets)}."
        if schema.task not in self.tasks:
            return f"“{self.name}” supports {' or '.join(self.tasks)} only."
        return self.unfit(schema)

    def hyperparameters(self, schema: DataSchema) -> tuple[Hyperparameter, ...]:
        """Return every tunable name: the template's own first, then those of training."""
        own = self.own(schema)
        taken = {hyperparameter.name for hyperparameter in own}
        return own + tuple(row for row in training_rows(schema) if row.name not in taken)

    def default_space(self, schema: DataSchema) -> dict[str, Any]:
        """Return the space of a new experiment, as JSON: few names searched, the rest fixed."""
        rows = [hyperparameter.default_row() for hyperparameter in self.hyperparameters(schema)]
        return {"hyperparameters": rows, "constraints": []}

    def source(self, values: Values, schema: DataSchema, metrics: Sequence[str] = ()) -> str:
        """Write the model of these values as Python source that defines `build_model`.

        metrics: names beside the loss; empty means the task's usual ones.
        Raises: CatalogError.
        """
        reason = self.refuses(schema)
        if reason:
            raise CatalogError(reason)
        chosen = complete(values, self.hyperparameters(schema))
        return self.write(Order(self, chosen, schema, tuple(metrics)))


def complete(values: Values, known: Sequence[Hyperparameter]) -> dict[str, Scalar]:
    """Return a value for every known name, the default where `values` has none.

    Raises: CatalogError for a value that the model can't be built with.
    """
    chosen: dict[str, Scalar] = {}
    for hyperparameter in known:
        value = values.get(hyperparameter.name, hyperparameter.default)
        problem = hyperparameter.refuses(value)
        if problem:
            raise CatalogError(f"{hyperparameter.name}: {problem}")
        chosen[hyperparameter.name] = value
    return chosen


def unfit_picture(schema: DataSchema) -> str:
    """Say why convolutions can't take the data; empty: they can."""
    if len(schema.shape) != 3:
        return "Convolutions need rows of height × width × channels; got another shape."
    if min(schema.shape[:2]) < 4:
        return "Convolutions need images of at least 4 × 4 pixels."
    return ""


def unfit_vector(schema: DataSchema) -> str:
    """Say why the data isn't one vector per row; empty: it is."""
    if schema.kind == "array" and len(schema.shape) != 1:
        return "This model needs one vector per row; these rows have several axes."
    return ""


def poolings(schema: DataSchema, blocks: int) -> list[bool]:
    """Say for each block whether halving the image after it leaves 2 × 2 pixels at least."""
    side = min(schema.shape[:2])
    halves = []
    for _ in range(blocks):
        halves.append(side >= 4)
        side = side // 2 if side >= 4 else side
    return halves
