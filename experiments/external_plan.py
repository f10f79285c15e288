"""The plan of an external search.

One reader for the form, the API and KerasTuner's protocol. Nothing is known of data and model, so a
metric may have any name, and the space may be empty until a script tells it.
"""

from dataclasses import dataclass, fields
from typing import Any, Final, cast

from experiments.evaluation.metrics import direction_of
from experiments.file_format import KEY, format_problem
from experiments.plan import ExperimentPlan
from experiments.search.budget import Budget
from experiments.search.declarations import EPOCHS, MINUTES, like, read_values, value
from experiments.search.history import DIRECTIONS, Direction, Objective
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import Reader
from experiments.search.space.space import Space
from experiments.search.strategies.registry import SAMPLERS, sampler_problems
from experiments.search.strategy import read_options

LONGEST_METRIC: Final = 60
OPEN_OBJECTIVE: Final = "val_loss"  # until the first script told which metrics there are
LEAST_RACING: Final = 3


class ExternalPlanError(ProblemsError):
    """A plan that no search of scripts can be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPlan:
    """Everything that makes such a search, checked.

    objective: empty = it follows from the metrics of the first run that ends. space: may be empty,
    and grows by what scripts report.
    """

    name: str = like(ExperimentPlan, "name", help="Scripts refer to the experiment by this name.")
    objective: str = value(
        "",
        label="Objective",
        help="The metric that ranks trials, as named in your script, such as val_accuracy. Default: "
        "from the first finished run; for KerasTuner scripts you choose it then.",
        longest=LONGEST_METRIC,
        by_hand=True,
    )
    direction: Direction = like(ExperimentPlan, "direction", "minimize", shown_if=None)
    more_objectives: tuple[Objective, ...] = like(ExperimentPlan, "more_objectives")
    space: Space = like(
        ExperimentPlan,
        "space",
        factory=lambda: Space(()),
        help="As JSON. Default: read from the KerasTuner script, or widened by the values of reported "
        "runs.",
    )
    sampler: str = like(ExperimentPlan, "sampler", help="Proposes the trials.")
    sampler_options: dict[str, Any] = like(ExperimentPlan, "sampler_options")
    max_trials: int = like(Budget, "max_trials", 100, required=False)
    parallel: int = like(Budget, "parallel", 8, help="Further scripts wait until a trial ends.")
    max_failures: int = like(Budget, "max_failures", in_form=False)
    silence_seconds: int = value(
        3600,
        label="Timeout",
        help="A trial is taken from a script after this time without contact. The client reports "
        "every 30 s, a KerasTuner script only when a trial ends.",
        unit=MINUTES,
        lowest=30,
        highest=30 * 24 * 3600,
        field="silence",
    )
    retries: int = value(
        0,
        label="Retries",
        help="Retries of a trial after an error in its KerasTuner script.",
        lowest=0,
        highest=20,
    )
    epochs: int = value(
        0,
        label="Epochs of kt.Hyperband",
        help="Only for the Hyperband tuner of KerasTuner.",
        unit=EPOCHS,
        lowest=0,
        highest=100_000,
        unset="set by the scripts",
    )
    races: bool = value(
        False,
        label="Hyperband",
        help="Trials start with few epochs; the best third is trained again with more.",
    )
    seed: int = like(ExperimentPlan, "seed", in_form=False)
    notes: str = like(ExperimentPlan, "notes", in_form=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        further = [{"name": o.name, "direction": o.direction} for o in self.more_objectives]
        return plain | {"space": self.space.to_dict(), "more_objectives": further}

    @classmethod
    def from_dict(cls, source: object) -> "ExternalPlan":
        """Read and check a plan; raises ExternalPlanError with every problem."""
        reader = Reader(source)
        newer = format_problem(reader.take(KEY, default=None), "plan")
        if newer:
            raise ExternalPlanError([Problem(KEY, newer)])
        space = _read_space(reader)
        objective = reader.text("objective", longest=LONGEST_METRIC, default="").strip()
        direction = reader.one_of("direction", DIRECTIONS, default=direction_of(objective))
        plan = {
            **read_values(cls, reader),
            "sampler": reader.one_of("sampler", tuple(SAMPLERS), default="auto"),
            "direction": cast(Direction, direction),
            "more_objectives": _read_further(reader, objective),
            "sampler_options": reader.take("sampler_options", default=None),
        }
        if plan["races"] and plan["epochs"] < LEAST_RACING:
            fix = f"Enter the epochs of a complete trial, at least {LEAST_RACING}."
            reader.note("epochs", f"Successive halving needs the number of epochs. {fix}")
        reader.refuse_others()
        plan["sampler_options"] = _read_options(reader, plan, space)
        if reader.problems:
            raise ExternalPlanError(reader.problems)
        return cls(objective=objective, space=space, **plan)


def chosen_objective(names: list[str]) -> tuple[str, Direction]:
    """What a search is judged by whose scripts measured these, where nobody said it.

    The validation loss as in Keras's own callbacks, else the loss, else what validation measured.
    """
    validated = [name for name in names if name.startswith("val_")]
    for name in ("val_loss", *validated, "loss", *names):
        if name in names:
            return name, direction_of(name)
    return OPEN_OBJECTIVE, "minimize"


def _read_space(reader: Reader) -> Space:
    source = reader.take("space", default=None)
    if source is None:
        return Space(())
    try:
        return Space.from_dict(source)
    except ProblemsError as error:
        reader.problems += [problem.below("space") for problem in error.problems]
        return Space(())


def _read_further(reader: Reader, objective: str) -> tuple[Objective, ...]:
    found: list[Objective] = []
    for inner in reader.rows("more_objectives", longest=4):
        name = inner.text("name", longest=LONGEST_METRIC, shortest=1).strip()
        default = direction_of(name)
        direction = cast(Direction, inner.one_of("direction", DIRECTIONS, default=default))
        inner.refuse_others()
        if name == objective or name in [each.name for each in found]:
            inner.note("name", f"{name} is already an objective. Choose another one.")
        found.append(Objective(name=name, direction=direction))
    return tuple(found)


def _read_options(reader: Reader, plan: dict[str, Any], space: Space) -> dict[str, Any]:
    """The sampler's options with their defaults; and the space, if the sampler can't search it."""
    try:
        options = read_options(SAMPLERS[plan["sampler"]], plan["sampler_options"] or {})
    except ProblemsError as error:
        reader.problems += [problem.below("sampler_options") for problem in error.problems]
        return {}
    if len(space.hyperparameters):
        reader.problems += sampler_problems(plan["sampler"], options, space)
    return options
