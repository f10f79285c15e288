"""The plan of an external search.

One reader for the form, the API and KerasTuner's protocol. Nothing is known of data and model, so a
metric may have any name, and the space may be empty until a script tells it.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Final, cast

from experiments.evaluation.objectives import direction_of
from experiments.search.budget import MOST_PARALLEL, MOST_TRIALS
from experiments.search.history import Direction, Objective
from experiments.search.problems import ProblemsError
from experiments.search.reading import Reader
from experiments.search.space.space import Space
from experiments.search.strategies.registry import SAMPLERS, sampler_problems
from experiments.search.strategy import read_options

DIRECTIONS: Final = ("minimize", "maximize")
LONGEST_METRIC: Final = 60
OPEN_OBJECTIVE: Final = "val_loss"  # until the first script told which metrics there are
MOST_SILENCE: Final = 30 * 24 * 3600
LEAST_SILENCE: Final = 30
LEAST_RACING: Final = 3
MOST_RETRIES: Final = 20
MOST_EPOCHS: Final = 100_000


class ExternalPlanError(ProblemsError):
    """A plan that no search of scripts can be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPlan:
    """Everything that makes such a search, checked.

    objective: empty = it follows from the metrics of the first run that ends. space: may be empty,
    and grows by what scripts tell. silence_seconds: then a trial is taken from a script that says
    nothing.
    """

    name: str
    objective: str = ""
    direction: Direction = "minimize"
    more_objectives: tuple[Objective, ...] = ()
    space: Space = field(default_factory=lambda: Space(()))
    sampler: str = "auto"
    sampler_options: dict[str, Any] = field(default_factory=dict)
    max_trials: int = 100
    parallel: int = 8
    max_failures: int = 5
    silence_seconds: int = 3600
    retries: int = 0
    epochs: int = 0
    races: bool = False
    seed: int = 0
    notes: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        further = [{"name": o.name, "direction": o.direction} for o in self.more_objectives]
        return plain | {"space": self.space.to_dict(), "more_objectives": further}

    @classmethod
    def from_dict(cls, source: object) -> "ExternalPlan":
        """Read and check a plan; raises ExternalPlanError with every problem."""
        reader = Reader(source)
        space = _read_space(reader)
        objective = read_metric(reader, "objective")
        plan = {
            "name": reader.text("name", longest=120, shortest=1).strip(),
            "notes": reader.text("notes", longest=20_000, default="", lines=True),
            "sampler": reader.one_of("sampler", tuple(SAMPLERS), default="auto"),
            "max_trials": reader.whole("max_trials", lowest=1, highest=MOST_TRIALS, default=100),
            "parallel": reader.whole("parallel", lowest=1, highest=MOST_PARALLEL, default=8),
            "max_failures": reader.whole("max_failures", lowest=1, highest=1000, default=5),
            "silence_seconds": reader.whole(
                "silence_seconds", lowest=LEAST_SILENCE, highest=MOST_SILENCE, default=3600
            ),
            "retries": reader.whole("retries", lowest=0, highest=MOST_RETRIES, default=0),
            "epochs": reader.whole("epochs", lowest=0, highest=MOST_EPOCHS, default=0),
            "races": reader.flag("races", default=False),
            "seed": reader.whole("seed", lowest=0, highest=2**32 - 1, default=0),
            "direction": cast(
                Direction,
                reader.one_of("direction", DIRECTIONS, default=direction_of(objective)),
            ),
            "more_objectives": _read_further(reader, objective),
            "sampler_options": reader.take("sampler_options", default=None),
        }
        if plan["races"] and plan["epochs"] < LEAST_RACING:
            mend = f"Enter the epochs of a complete trial, at least {LEAST_RACING}."
            reader.note("epochs", f"Successive halving needs the number of epochs. {mend}")
        reader.refuse_others()
        plan["sampler_options"] = _read_options(reader, plan, space)
        if reader.problems:
            raise ExternalPlanError(reader.problems)
        return cls(objective=objective, space=space, **plan)


def read_metric(reader: Reader, name: str) -> str:
    """A metric's name; empty where none is given."""
    return reader.text(name, longest=LONGEST_METRIC, default="").strip()


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
    for index, entry in enumerate(reader.items("more_objectives", longest=4, default=())):
        inner = Reader(entry, path=f"more_objectives.{index}", problems=reader.problems)
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
