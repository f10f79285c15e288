"""The plan of an experiment.

One validator for the form and for JSON: `ExperimentPlan.from_dict` finds everything that is wrong
at once, each problem with the JSON path of its field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, TypeVar, cast

from experiments.catalog.code import SLUG as CODE
from experiments.catalog.code import measures_in, read_code, reads_test_part
from experiments.catalog.further_objectives import judge_whole_trials, read_more_objectives
from experiments.catalog.layer_list import SLUG as LAYERS
from experiments.catalog.plan_metrics import (
    default_objective,
    logged_names,
    read_direction,
    read_expression,
    read_metrics,
    read_objective,
)
from experiments.catalog.registry import MODELS, model_problems, template_of
from experiments.catalog.source_pieces import usual_metrics
from experiments.catalog.template import Template
from experiments.data_schema import DataSchema
from experiments.evaluation.default_protocol import default_protocol
from experiments.evaluation.expression import CUSTOM
from experiments.evaluation.expression import LONGEST as LONGEST_EXPRESSION
from experiments.evaluation.keep import Keep
from experiments.evaluation.metrics import direction_of, is_share, metric_of
from experiments.evaluation.protocol import ALL_ROWS, KINDS, Protocol
from experiments.evaluation.score_rules import read_score_rule
from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.winner_rules import RULES, WinnerRule
from experiments.file_format import KEY, format_problem
from experiments.search.budget import Budget
from experiments.search.declarations import TRIALS, part, read_values, value
from experiments.search.history import DIRECTIONS, Direction, Objective
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import Reader
from experiments.search.space.requirements import always_there_problems, requirement_problems
from experiments.search.space.space import Space
from experiments.search.strategies.custom import OwnStrategies
from experiments.search.strategies.reevaluation import MOST as MOST_REPEATED
from experiments.search.strategies.reevaluation import problem as confirm_problem
from experiments.search.strategies.registry import (
    SAMPLERS,
    read_pruner_name,
    read_sampler_name,
    read_strategy_options,
)
from experiments.search.strategy import read_options
from experiments.search.warm_plan import WarmPlan, read_warm_plan
from experiments.training.fit import Fit, FitFacts, ends_of, fit_problems, read_fit

T = TypeVar("T")

MOST_SEED: Final = 2**32 - 1  # what Keras and TensorFlow take
MOST_TAGS: Final = 20
ALWAYS_THERE: Final = ("epochs", "batch_size")


class PlanError(ProblemsError):
    """A plan that no experiment can be made of."""


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What the validator must know of the dataset version that a plan names.

    columns: what its rows can be grouped or ordered by. codes: the recipes of people's own code that
    the plan's project has, by version: a plan only names one.
    """

    schema: DataSchema
    columns: tuple[SplitColumn, ...] = ()
    codes: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    strategies: OwnStrategies = field(default_factory=OwnStrategies)  # likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentPlan:
    """Everything that makes an experiment, checked."""

    name: str = value(label="Name", longest=120, shortest=1, editable=True)
    dataset_version: int = value(label="Dataset", lowest=1, highest=10**12)
    model: str = value(label="Model", by_hand=True)
    space: Space = value(label="Search space", by_hand=True, in_form=False)
    objective: str = value(label="Objective", by_hand=True)
    direction: Direction = value(
        label="Direction",
        help="Whether lower or higher is better.",
        choices=DIRECTIONS,
        shown_if=("objective", (CUSTOM,)),
        by_hand=True,
    )
    notes: str = value(
        "",
        label="Notes",
        help="What this search is for, and what you learned.",
        longest=20_000,
        lines=True,
        editable=True,
    )
    tags: tuple[str, ...] = value(
        (), label="Tags", unset="baseline, q4", most=MOST_TAGS, longest=40, editable=True
    )
    layers: tuple[dict[str, Any], ...] = value((), label="Layers", by_hand=True, in_form=False)
    sampler: str = value("auto", label="Sampler", by_hand=True)
    sampler_options: dict[str, Any] = value(
        factory=dict, label="Sampler options", by_hand=True, in_form=False, field="sampler"
    )
    pruner: str = value("none", label="Pruner", by_hand=True)
    pruner_options: dict[str, Any] = value(
        factory=dict, label="Pruner options", by_hand=True, in_form=False, field="pruner"
    )
    protocol: Protocol = part(Protocol, label="Protocol", by_hand=True, field="protocol_kind")
    expression: str = value(
        "",
        label="Expression",
        help="Metrics, parameters and seconds (training time so far) with + - * / **, min, max, abs, "
        "sqrt, exp, log, log10.",
        longest=LONGEST_EXPRESSION,
        shown_if=("objective", (CUSTOM,)),
        by_hand=True,
    )
    more_objectives: tuple[Objective, ...] = value(
        (), label="Further objectives", by_hand=True, in_form=False
    )
    score_rule: str = value(
        "best",
        label="Trial score",
        help="Which epochs of the objective’s curve count; mean:n is the mean of the last n.",
        by_hand=True,
    )
    winner_rule: WinnerRule = value(
        "score",
        label="Winner",
        help="Which of the statistically tied trials is recommended.",
        choices=RULES,
    )
    baselines: bool = value(
        True,
        label="Baselines",
        help="Majority class, a linear model and the default configuration run first.",
    )
    metrics: tuple[str, ...] = value(
        (), label="Metrics", help="Measured after each epoch, beside the loss.", by_hand=True
    )
    fit: Fit = part(Fit, label="Training", by_hand=True, field="method")
    budget: Budget = part(Budget, label="Budget", field="max_trials")
    confirm: int | None = value(
        None,
        label="Re-evaluate top trials",
        help="The last trials train the best configurations again; automatic: 3 of 40 or more trials, "
        "if scores are noisy.",
        unit=TRIALS,
        lowest=0,
        highest=MOST_REPEATED,
        unset="automatic",
        editable=True,
        link="reevaluate",
    )
    seed: int = value(
        0,
        label="Seed",
        help="The same seed gives the same split and the same sampled trials.",
        lowest=0,
        highest=MOST_SEED,
    )
    warm_start: WarmPlan = part(WarmPlan, label="Warm start", by_hand=True)
    keep: Keep = part(Keep, label="Files to keep", field="keep_models")

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return plain | {
            "tags": list(self.tags),
            "layers": list(self.layers),
            "metrics": list(self.metrics),
            "more_objectives": [asdict(each) for each in self.more_objectives],
            "sampler_options": dict(self.sampler_options),
            "pruner_options": dict(self.pruner_options),
            "space": self.space.to_dict(),
            "protocol": self.protocol.to_dict(),
            "fit": self.fit.to_dict(),
            "budget": self.budget.to_dict(),
            "warm_start": self.warm_start.to_dict(),
            "keep": self.keep.to_dict(),
        }

    @classmethod
    def from_dict(cls, source: object, facts: DataFacts) -> "ExperimentPlan":
        """Read and check a plan; raises PlanError with every problem."""
        reader = Reader(source)
        newer = format_problem(reader.take(KEY, default=None), "plan")
        if newer:
            raise PlanError([Problem(KEY, newer)])
        own = facts.strategies
        metrics = read_metrics(reader, facts.schema)
        objective = read_objective(reader, metrics, facts.schema)
        model = reader.one_of("model", MODELS)
        measured = measures_in(reader.take("layers", default=None), facts.codes)
        space = _nested(reader, "space", Space.from_dict)
        plan = {
            **read_values(cls, reader),
            "layers": tuple(reader.items("layers", longest=100, default=())),
            "sampler": (sampler := read_sampler_name(reader, own)),
            "sampler_options": reader.take("sampler_options", default=None),
            "pruner": read_pruner_name(reader, own),
            "pruner_options": reader.take("pruner_options", default=None),
            "protocol": _nested(reader, "protocol", Protocol.from_dict, default={}),
            "expression": read_expression(reader, objective, metrics, facts.schema, measured),
            "direction": read_direction(reader, objective),
            "more_objectives": read_more_objectives(reader, objective, metrics, facts.schema),
            "score_rule": read_score_rule(reader),
            "fit": read_fit(reader.child("fit"), sampler),
            "warm_start": read_warm_plan(reader.child("warm_start"), space),
        }
        reader.refuse_others()
        _check_limits(reader, objective, plan)
        judge_whole_trials(plan)
        read_strategy_options(reader, plan, space, own)
        if model == CODE:
            plan["layers"] = read_code(reader, plan["layers"], facts.codes)
        elif model != LAYERS:
            plan["layers"] = ()
        _check_data(reader, cast(Protocol | None, plan["protocol"]), facts, plan["layers"])
        _check_model(reader, model, plan["layers"], space, facts.schema)
        _check_loss(reader, objective, space)
        facts_of_fit = FitFacts(
            task=facts.schema.task,
            metrics=logged_names(facts.schema, metrics),
            objective=objective,
            direction=str(plan["direction"]),
            epochs=_ends(space, "epochs"),
            learning_rate=_ends(space, "learning_rate"),
        )
        found = fit_problems(cast(Fit, plan["fit"]), facts_of_fit)
        if facts.schema.more_targets and cast(Fit, plan["fit"]).class_weight:
            message = (
                "Class weights work with one target only; this data has several. Turn them off."
            )
            found.append(Problem("class_weight", message))
        reader.problems += [problem.below("fit") for problem in found]
        if reader.problems:
            raise PlanError(reader.problems)
        return cls(
            model=model, space=cast(Space, space), objective=objective, metrics=metrics, **plan
        )


def default_plan(
    schema: DataSchema,
    template: Template,
    dataset_version: int,
    name: str,
    *,
    class_counts: Sequence[int] = (),
) -> ExperimentPlan:
    """A careful first search: 20 trials of the template's own space by Auto, early stopping on.

    class_counts: rows of each class, where they are known: a small class is cut into fewer folds.
    Regression is judged by its RMSE, since the loss holds the weight penalty too. The seed is 0 for
    everybody, so that experiments on the same data share their split and can be compared.
    """
    objective = default_objective(schema)
    return ExperimentPlan(
        name=name,
        dataset_version=dataset_version,
        model=template.slug,
        space=Space.from_dict(template.default_space(schema)),
        objective=objective,
        direction=direction_of(objective),
        metrics=usual_metrics(schema),
        sampler_options=read_options(SAMPLERS["auto"], {}),
        pruner="auto",
        protocol=default_protocol(
            schema.rows,
            classes=class_counts if schema.task == "classification" else None,
            brings_test=bool(schema.test_rows),
            brings_validation=bool(schema.validation_rows),
        ),
        budget=Budget(max_trials=20, parallel=2),
    )


def _nested(
    reader: Reader, name: str, read: Callable[[object], T], *, default: Any = None
) -> T | None:
    """Read an object that has its own reader; its problems get this object's path."""
    source = reader.take(name) if default is None else reader.take(name, default=None)
    source = default if source is None else source
    if source is None:
        return None
    try:
        return read(source)
    except ProblemsError as error:
        reader.problems += [problem.below(name) for problem in error.problems]
        return None


def _check_data(
    reader: Reader, protocol: Protocol | None, facts: DataFacts, layers: Sequence[Any]
) -> None:
    if protocol is None:
        return
    schema = facts.schema
    if protocol.kind == ALL_ROWS:
        message = f"A search needs validation rows. Choose {', '.join(KINDS[:-1])} or {KINDS[-1]}."
        reader.note("protocol.kind", message)
    if protocol.locked_test_share is None and not schema.test_rows:
        message = "This dataset has no test set of its own. Use a share, such as 0.2."
        reader.note("protocol.locked_test_share", message)
    elif protocol.locked_test_share is None and reads_test_part(layers):
        message = (
            "The script reads the dataset's own test set, so it can't be locked. Lock a share "
            "of the rows, or none."
        )
        reader.note("protocol.locked_test_share", message)
    problems = protocol.problems(
        schema.rows, validation_rows=schema.validation_rows, columns=facts.columns
    )
    reader.problems += [problem.below("protocol") for problem in problems]


def _check_model(
    reader: Reader, model: str, layers: tuple[Any, ...], space: Space | None, schema: DataSchema
) -> None:
    if reader.take("model") not in MODELS or (model == CODE and not layers):
        return
    rows = {row.name: row.to_dict() for row in space.hyperparameters} if space else {}
    problems = model_problems(model, layers, schema, rows)
    reader.problems += problems
    if space is None or problems:
        return
    template = template_of(model, layers)
    known = {row.name: row.refuses for row in template.hyperparameters(schema)}
    found = always_there_problems(space, ALWAYS_THERE)
    found += requirement_problems(space, known, model=template.name)
    reader.problems += [problem.below("space") for problem in found]


def _check_loss(reader: Reader, objective: str, space: Space | None) -> None:
    """An objective that ranks nothing."""
    is_loss = objective.endswith("loss") and metric_of(objective) is None
    if is_loss and space and "loss" in space and (space["loss"].count() or 2) > 1:
        message = (
            "Losses of different loss functions can't be compared. Choose a "
            "metric as the objective."
        )
        reader.note("objective", message)


def _check_limits(reader: Reader, objective: str, plan: Mapping[str, Any]) -> None:
    if not any(problem.path.startswith("budget") for problem in reader.problems):
        values = plan["budget"].to_dict() | {"confirm": plan["confirm"]}
        reader.problems += limit_problems(objective, values)


def limit_problems(objective: str, values: Mapping[str, Any]) -> list[Problem]:
    """Limits that contradict one another or the objective. values: by their names in the plan."""
    found = []
    too_many = confirm_problem(values.get("confirm"), values["max_trials"])
    if too_many:
        found.append(Problem("confirm", too_many))
    target = values["target_score"]
    if target is not None and is_share(objective) and not 0 <= target <= 1:
        message = f"{objective} is between 0 and 1. Write 0.95 for 95 %."
        found.append(Problem("budget.target_score", message))
    return found


def _ends(space: Space | None, name: str) -> tuple[float, float] | None:
    """The least and the largest number that a hyperparameter can be."""
    if space is None or name not in space:
        return None
    row = space[name]
    is_range = row.kind in ("int", "float")
    return ends_of((row.decode(0.0), row.decode(1.0)) if is_range else row.values(2))
