"""What the answers of the new-experiment form mean: split, cost, space; and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments import storage
from experiments.evaluation.protocol import Protocol, ProtocolError
from experiments.evaluation.split_facts import SplitFacts
from experiments.models import DatasetVersion, Project
from experiments.models.seen_rows import SeenSplit, seen_split
from experiments.number_words import duration
from experiments.plan import ExperimentPlan, PlanError
from experiments.reports.analysis.space_preview import (
    Histogram,
    SpacePreview,
    row_histogram,
    space_preview,
)
from experiments.reports.experiments.fit_seconds import FitSeconds
from experiments.search.problems import Problem, SpaceError
from experiments.search.space.space import Space
from experiments.search.strategies.rungs import space_epochs
from experiments.services.datasets.split_facts import facts_of
from experiments.services.datasets.splits import split_of
from experiments.web.forms.experiment.fields import under
from experiments.web.forms.experiment.form import ExperimentForm, FieldError
from experiments.web.forms.experiment.sentences import (
    more_objectives_words,
    objective_words,
    objectives_line,
    pruning_words,
    sampling_words,
)
from experiments.web.forms.experiment.setting import Setting
from experiments.web.forms.experiment.split_picture import SplitPicture, split_picture

GONE = "The files of this dataset are missing from the data folder. Prepare it again."


@dataclass(frozen=True, slots=True)
class SplitMeaning:
    """facts, picture and seen are None while the rows can't be dealt out so; `problems` say why."""

    facts: SplitFacts | None = None
    picture: SplitPicture | None = None
    seen: SeenSplit | None = None
    problems: tuple[Problem, ...] = ()


def split_meaning(
    project: Project, version_pk: int, protocol: Protocol, seed: int
) -> SplitMeaning:
    """Deal the rows of a dataset version out; nothing is written."""
    version = DatasetVersion.objects.get(pk=version_pk)
    try:
        split = split_of(version, protocol, seed)
        facts = facts_of(version, protocol, split)
        own_test = protocol.locked_test_share is None
        content = storage.split_content(version.digest, split.test, own_test=own_test)
    except ProtocolError as error:
        problems = tuple(problem.below("protocol") for problem in error.problems)
        return SplitMeaning(problems=problems)
    except FileNotFoundError:
        return SplitMeaning(problems=(Problem("dataset_version", GONE),))
    return SplitMeaning(facts, split_picture(protocol, facts), seen_split(project, *content))


@dataclass(frozen=True, slots=True)
class Cost:
    """What the budget buys. Times are None until a like search has run in the project.

    words: how many fits a trial is, and how long it takes: "5 folds × 2 repeats = 10 executions per trial".
    """

    fits_a_trial: int
    trials: int
    fits: int
    trial_seconds: tuple[float, float] | None
    total_seconds: float | None
    seen: int
    words: str


def cost_of(
    source: dict[str, Any], protocol: Protocol | None, seen: FitSeconds | None
) -> Cost | None:
    """None while the protocol or the number of trials is wrong. source: the plan's JSON."""
    trials, parallel = source["budget"]["max_trials"], source["budget"]["parallel"]
    if protocol is None or not isinstance(trials, int) or not 0 < trials <= 10**6:
        return None
    each = protocol.executions
    lanes = parallel if isinstance(parallel, int) and parallel > 0 else 1
    return Cost(
        fits_a_trial=each,
        trials=trials,
        fits=trials * each,
        trial_seconds=(seen.shortest * each, seen.longest * each) if seen else None,
        total_seconds=seen.mean * each * trials / lanes if seen else None,
        seen=seen.n if seen else 0,
        words=multiplier_words(protocol, seen),
    )


def epochs_words(source: dict[str, Any], protocol: Protocol | None, space: Space | None) -> str:
    """That not even one trial fits into the budget of epochs; empty where one does."""
    limit = source["budget"]["max_epochs"]
    if protocol is None or space is None or not isinstance(limit, int):
        return ""
    epochs, fits = space_epochs(space), protocol.executions
    most = epochs * fits
    if not 0 < limit < most:
        return ""
    product = (
        f"{fits} executions × {epochs:,} epochs = {most:,}" if fits > 1 else f"{most:,} epochs"
    )
    return (
        f"One trial may take {product}, more than the limit of {limit:,}: unless it stops early, the "
        "search ends before any trial has a score. Allow more epochs or fewer executions per trial."
    )


def multiplier_words(protocol: Protocol, seen: FitSeconds | None) -> str:
    """The executions of a trial as a product, with the time that they take together, if known."""
    parts = {"k_fold": f"{protocol.folds} folds", "subsampling": f"{protocol.rounds} rounds"}
    factors = [parts[protocol.kind]] if protocol.kind in parts else []
    factors += [f"{protocol.repeats} repeats"] if protocol.repeats > 1 else []
    each = protocol.executions
    fits = "1 execution per trial" if each == 1 else f"{each} executions per trial"
    product = f"{' × '.join(factors)} = {fits}" if factors else fits
    return f"{product}, about {duration(seen.mean * each)} per trial." if seen else f"{product}."


SPLIT_FIELDS = frozenset(under("protocol."))


@dataclass(frozen=True, slots=True)
class Meaning:
    """Everything that stands beside the form. A part is None while its fields are wrong."""

    plan: ExperimentPlan | None
    errors: tuple[FieldError, ...]
    split: SplitMeaning
    cost: Cost | None
    epochs: str
    space: SpacePreview | None
    objective: str
    more_objectives: str
    objectives: str
    sampling: str
    pruning: str
    histograms: dict[str, Histogram]


def meaning_of(
    project: Project, form: ExperimentForm, setting: Setting, seen: FitSeconds | None
) -> Meaning:
    """Check the form and work out what it means; nothing is saved."""
    source = form.to_dict()
    plan, errors = check(form, source, setting)
    protocol = _protocol(source)
    space = plan.space if plan else space_of(source)
    seed = plan.seed if plan else 0
    split = SplitMeaning()
    if protocol:
        split = split_meaning(project, setting.data.pk, protocol, seed)
    if not any(error.field in SPLIT_FIELDS for error in errors):
        errors += form.errors(split.problems)
    preview = space_preview(space, seed=seed) if space else None
    return Meaning(
        plan=plan,
        errors=tuple(errors),
        split=split,
        cost=cost_of(source, protocol, seen),
        epochs=epochs_words(source, protocol, space),
        space=preview,
        objective=objective_words(source),
        more_objectives=more_objectives_words(source),
        objectives=objectives_line(source),
        sampling=sampling_words(source, space),
        pruning=pruning_words(source, space, seen.epoch if seen else None),
        histograms=preview.histograms if preview else _row_histograms(source),
    )


def check(
    form: ExperimentForm, source: dict[str, Any], setting: Setting
) -> tuple[ExperimentPlan | None, list[FieldError]]:
    """Let the plan's validator read the form; errors stand at the form's fields."""
    try:
        return ExperimentPlan.from_dict(source, setting.facts), []
    except PlanError as error:
        return None, form.errors(error.problems)


def _protocol(source: dict[str, Any]) -> Protocol | None:
    try:
        return Protocol.from_dict(source["protocol"])
    except ProtocolError:
        return None


def space_of(source: dict[str, Any]) -> Space | None:
    """The space of a plan's JSON; None while it is wrong."""
    try:
        return Space.from_dict(source["space"])
    except SpaceError:
        return None


def _row_histograms(source: dict[str, Any]) -> dict[str, Histogram]:
    rows: Sequence[dict[str, Any]] = source["space"]["hyperparameters"][:100]
    found = (row_histogram(row, seed=0) for row in rows if row["type"] != "fixed")
    return {histogram.name: histogram for histogram in found if histogram is not None}
