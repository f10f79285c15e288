"""Reports: everything that findings are read off, of one search. Imports models.

A fixed number of queries; the worker asks, not a page: at 10,000 trials it reads them all.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from django.db.models import Count, Q
from django.db.models.fields.json import KeyTransform

from experiments.catalog.registry import template_of
from experiments.catalog.template import CatalogError
from experiments.data_schema import DataSchema
from experiments.evaluation.expected import Expected
from experiments.evaluation.metrics import metric_of
from experiments.models import Execution, Experiment, Purpose, SpaceVersion, Trial
from experiments.models.baselines_ahead import baselines_ahead
from experiments.models.worker import CANNOT_TRAIN
from experiments.reports.figures import finite
from experiments.reports.sampling.history import load_history, read_curve
from experiments.reports.site.workers import trial_workers
from experiments.reports.winner.baselines import baselines
from experiments.search.findings.repeated_search import overlap
from experiments.search.findings.search_state import (
    Refuses,
    Rival,
    SearchState,
    Sibling,
    Slots,
    TrainedCurve,
)
from experiments.search.problems import SpaceError
from experiments.search.space.space import Space
from experiments.search.strategies.reevaluation import alone

CURVES: Final = 10  # of the best trials
SIBLINGS: Final = 5  # the newest earlier searches


def load_look(experiment: Experiment, standing: frozenset[str]) -> SearchState:
    """This moment of the search; standing: "kind:subject" of the findings that are not cleared."""
    version = experiment.space_versions.order_by("-number")[0]
    space = Space.from_dict(version.space)
    history = load_history(experiment, version.counted_as)
    stops_early = experiment.fit.early_stopping_patience is not None
    confirmed = Trial.objects.filter(
        experiment__follows=experiment, experiment__purpose=Purpose.CONFIRMATION
    )
    failed = experiment.trials.filter(state=Trial.State.FAILED)
    sized = experiment.trials.exclude(parameters=None)
    rivals = _rivals(experiment)
    goes_on = experiment.state in (*Experiment.TURNING, Experiment.State.PAUSED)
    return SearchState(
        space=space,
        history=alone(history),
        objective=experiment.objective,
        failures=dict(failed.values_list("number", "failure_kind")),
        curves=_curves(experiment),
        stops_early=stops_early,
        left=max(0, experiment.max_trials - len(history)) if goes_on else 0,
        confirmed=frozenset(
            confirmed.exclude(repeats=None).values_list("repeats__number", flat=True)
        )
        | {trial.repeats for trial in history.trials if trial.repeats is not None},
        refuses=_refuses(experiment),
        slots=_slots(experiment) if experiment.state in Experiment.TURNING else None,
        siblings=_siblings(experiment, space),
        warnings=tuple(experiment.known_split.get("warnings", ())),
        rows=_compared_rows(experiment),
        rivals=rivals,
        winner=_winner(experiment),
        constant=next((each.score for each in rivals if not each.code), None),
        perfect=_perfect(experiment.objective),
        parameters={n: size for n, size in sized.values_list("number", "parameters") if size},
        unit={"k_fold": "fold", "subsampling": "round"}.get(experiment.protocol.kind, "seed"),
        standing=standing,
    )


def _curves(experiment: Experiment) -> tuple[TrainedCurve, ...]:
    """First executions of the best completed trials, with the same metric on the training rows."""
    best = experiment.trials.filter(Trial.SCORED)
    order = "-score" if experiment.direction == "maximize" else "score"
    keys = list(best.order_by(order, "number").values_list("pk", flat=True)[:CURVES])
    rows = Execution.objects.filter(trial__in=keys, index=0).order_by("trial__number")
    found = rows.values_list(
        "trial__number",
        "trial__values",
        KeyTransform(experiment.objective, "history"),
        KeyTransform(experiment.objective.removeprefix("val_"), "history"),
    )
    own = experiment.objective.startswith("val_")
    return tuple(
        TrainedCurve(
            number,
            read_curve(validation),
            read_curve(training) if own else (),
            ran_out=len(read_curve(validation)) >= values.get("epochs", 1) > 0,
        )
        for number, values, validation, training in found
    )


def _compared_rows(experiment: Experiment) -> int:
    """Rows whose copies were looked for; none where the code brings its own, or they are elsewhere."""
    is_known = experiment.split_facts and experiment.training_data.is_form is True
    return experiment.dataset_version.rows if is_known and not experiment.is_elsewhere else 0


def _rivals(experiment: Experiment) -> tuple[Rival, ...]:
    """Baselines that have a score, without the winner where it is one."""
    winner = experiment.recommended_trial or experiment.best_trial
    if winner is None or experiment.is_elsewhere:
        return ()
    ahead = {each.phrase: each.words for each in baselines_ahead(experiment)}
    return tuple(
        Rival(
            each.phrase,
            each.mean,
            str((each.run or experiment).code) if each.trial else "",
            each.trial.number if each.trial else None,
            each.expected,
            ahead.get(each.phrase, ""),
        )
        for each in baselines(experiment, winner, (), looks=1)
        if each.mean is not None and not each.is_winner
    )


def _winner(experiment: Experiment) -> Rival | None:
    trial = experiment.recommended_trial
    score = finite(trial.score) if trial else None
    if trial is None or score is None:
        return None
    found = Expected.from_dict(trial.expected)
    expected = found.value if found else None
    return Rival(f"trial {trial.number}", score, str(experiment.code), trial.number, expected)


def _perfect(objective: str) -> float | None:
    """The best value that the objective can have; None where nobody knows."""
    metric = metric_of(objective)
    if metric is None:
        return 0.0 if objective == "val_loss" else None
    return 1.0 if metric.direction == "maximize" else 0.0


def _refuses(experiment: Experiment) -> Mapping[str, Refuses]:
    """Why the model would not take a value, by hyperparameter."""
    plan = experiment.plan
    try:
        template = template_of(str(plan.get("model", "")), plan.get("layers") or ())
    except CatalogError:
        return {}
    schema = DataSchema.from_dict(experiment.dataset_version.schema)
    return {row.name: row.refuses for row in template.hyperparameters(schema)}


def _slots(experiment: Experiment) -> Slots:
    """Workers that can run trials, and what all searches that run ask for together."""
    able = trial_workers().exclude(detail__startswith=CANNOT_TRAIN)
    ended = Count("trials", filter=Q(trials__state__in=Trial.TERMINAL))
    active = Experiment.objects.filter(state__in=Experiment.ACTIVE).annotate(settled=ended)
    wanted = sum(
        min(parallel, max(0, most - done))
        for parallel, most, done in active.values_list("parallel", "max_trials", "settled")
    )
    return Slots(able.count(), wanted, experiment.parallel)


def _siblings(experiment: Experiment, space: Space) -> tuple[Sibling, ...]:
    """Earlier searches of the project that asked the same question."""
    scored = Q(trials__state=Trial.State.COMPLETED, trials__score__isnull=False)
    alike = Experiment.objects.filter(
        project=experiment.project_id,
        purpose=Purpose.SEARCH,
        archived=None,
        dataset_version=experiment.dataset_version_id,
        hypermodel_version=experiment.hypermodel_version_id,
        split_hash=experiment.split_hash,
        objective=experiment.objective,
        pk__lt=experiment.pk,
    ).annotate(scored=Count("trials", filter=scored))
    found = list(alike.filter(scored__gt=0).order_by("-pk")[:SIBLINGS])
    if not found:
        return ()
    keys = experiment.trials.values("values_key")
    same = Trial.objects.filter(experiment__in=found, values_key__in=keys).order_by()
    counts = dict(
        same.values_list("experiment").annotate(count=Count("values_key", distinct=True))
    )
    versions = SpaceVersion.objects.filter(experiment__in=found).order_by("number")
    spaces = dict(versions.values_list("experiment", "space"))
    used = (experiment.plan.get("warm_start") or {}).get("experiments", ())
    return tuple(
        Sibling(
            code=str(each.code),
            name=each.name,
            scored=cast(Any, each).scored,
            same=counts.get(each.pk, 0),
            overlap=_overlap(space, spaces.get(each.pk)),
            used=str(each.code) in used,
        )
        for each in found
    )


def _overlap(space: Space, other: object) -> float:
    """What an earlier search's space covers; nothing where it can't be read any more."""
    try:
        return overlap(space, Space.from_dict(other))
    except SpaceError:
        return 0.0
