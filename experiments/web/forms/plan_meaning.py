"""What the answers of the new-experiment form mean: split, cost, space; and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.evaluation.protocol import Protocol, ProtocolError
from experiments.plan import ExperimentPlan, PlanError
from experiments.reports.analysis.space_preview import (
    Histogram,
    SpacePreview,
    row_histogram,
    space_preview,
)
from experiments.reports.experiments.fit_seconds import FitSeconds
from experiments.search.problems import SpaceError
from experiments.search.space.space import Space
from experiments.web.forms.cost_meaning import Cost, cost_of, epochs_words
from experiments.web.forms.experiment import ExperimentForm, FieldError
from experiments.web.forms.experiment_fields import under
from experiments.web.forms.experiment_setting import Setting
from experiments.web.forms.objective_meaning import (
    more_objectives_words,
    objective_words,
    objectives_line,
)
from experiments.web.forms.pruning_meaning import pruning_words
from experiments.web.forms.sampling_meaning import sampling_words
from experiments.web.forms.split_meaning import SplitMeaning, split_meaning

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


def meaning_of(form: ExperimentForm, setting: Setting, seen: FitSeconds | None) -> Meaning:
    """Check the form and work out what it means; nothing is saved."""
    source = form.to_dict()
    plan, errors = check(form, source, setting)
    protocol = _protocol(source)
    space = plan.space if plan else space_of(source)
    seed = plan.seed if plan else 0
    split = split_meaning(setting.data.pk, protocol, seed) if protocol else SplitMeaning()
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
