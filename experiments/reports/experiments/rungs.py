"""Reports: what a pruner did with a search: rungs, pruned and paused trials, epochs saved, expected improvement. Six queries."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db.models import Count, Exists, FloatField, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from experiments.models import Experiment, PruningDecision, Trial
from experiments.reports.experiments.head import executions_of
from experiments.reports.figures import decimals_of, finite
from experiments.search.models.expected_gain import AHEAD, expected_gain
from experiments.search.strategies.custom import strategy_label
from experiments.search.strategies.registry import PRUNERS

State = Trial.State
Action = PruningDecision.Action
SHOWN_CUTS: Final = 50
CUTS = (Action.PAUSE, Action.STOP)


@dataclass(frozen=True, slots=True)
class RungLine:
    """One rung: how many trials entered, continued at once, were promoted later, wait there or ended there."""

    bracket: int
    epoch: int
    came: int
    went_on: int
    promoted: int
    left: int


@dataclass(frozen=True, slots=True)
class CutLine:
    """One decision that paused or pruned a trial; `state`: what the trial is now."""

    number: int
    state: str
    epoch: int
    bracket: int
    action: str
    value: float | None
    cutoff: float | None
    rank: int
    n: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """Expected improvement by another `ahead` trials; None while too few are complete."""

    ahead: int
    gain: float | None


@dataclass(frozen=True, slots=True)
class RungTable:
    """Everything about the pruning of a search; `cursor` changes with each decision."""

    pruner: str
    label: str
    rungs: tuple[RungLine, ...]
    cuts: tuple[CutLine, ...]
    cuts_total: int
    epochs_done: int
    epochs_saved: int
    resumes: int
    outlook: Outlook
    cursor: str

    @property
    def has_brackets(self) -> bool:
        return any(rung.bracket for rung in self.rungs)

    @property
    def decimals(self) -> int:
        """Of the values and cut-offs of one column, so that they align."""
        return decimals_of(number for cut in self.cuts for number in (cut.value, cut.cutoff))

    @property
    def epochs_planned(self) -> int:
        """What the trials so far would have trained without a pruner."""
        return self.epochs_done + self.epochs_saved

    @property
    def saved_share(self) -> float:
        """Of the epochs that would have been trained."""
        return self.epochs_saved / self.epochs_planned if self.epochs_planned else 0.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def rung_table(experiment: Experiment) -> RungTable:
    """Read the decisions; the cost does not grow with trials × epochs."""
    decisions = PruningDecision.objects.filter(trial__experiment=experiment)
    cuts = _cuts(decisions)
    rungs, total = _rungs(decisions)
    done, saved = _epochs(experiment)
    shown = tuple(cuts.select_related("trial").order_by("-pk")[:SHOWN_CUTS])
    return RungTable(
        pruner=experiment.pruner,
        label=strategy_label(PRUNERS, experiment.pruner),
        rungs=rungs,
        cuts=tuple(_cut(decision) for decision in shown),
        cuts_total=cuts.count(),
        epochs_done=done,
        epochs_saved=saved,
        resumes=total.get(Action.PROMOTE, 0),
        outlook=Outlook(AHEAD, _gain(experiment)),
        cursor=f"{sum(total.values())}-{experiment.state}",
    )


def _cuts(decisions: QuerySet[PruningDecision]) -> QuerySet[PruningDecision]:
    """Decisions that paused or pruned a trial, unless it was promoted from there later."""
    went_on = PruningDecision.objects.filter(
        trial=OuterRef("trial"), epoch=OuterRef("epoch"), action=Action.PROMOTE
    )
    return decisions.filter(~Exists(went_on), action__in=CUTS)


def _rungs(
    decisions: QuerySet[PruningDecision],
) -> tuple[tuple[RungLine, ...], dict[str, int]]:
    """Counts by rung, and by action; a stop of a pruner without rungs is no rung."""
    counted: dict[tuple[int, int], dict[str, int]] = {}
    total: dict[str, int] = {}
    grouped = decisions.order_by().values_list("bracket", "epoch", "action")
    for bracket, epoch, action, n in grouped.annotate(n=Count("pk")):
        counted.setdefault((bracket, epoch), {})[action] = n
        total[action] = total.get(action, 0) + n
    lines = []
    for (bracket, epoch), by_action in sorted(counted.items()):
        went_on, paused = by_action.get(Action.GO_ON, 0), by_action.get(Action.PAUSE, 0)
        promoted = by_action.get(Action.PROMOTE, 0)
        if went_on or paused or promoted:
            lines.append(
                RungLine(
                    bracket=bracket,
                    epoch=epoch,
                    came=went_on + max(paused, promoted),
                    went_on=went_on,
                    promoted=promoted,
                    left=max(0, paused - promoted),
                )
            )
    return tuple(lines), total


def _cut(decision: PruningDecision) -> CutLine:
    return CutLine(
        number=decision.trial.number,
        state=decision.trial.state,
        epoch=decision.epoch,
        bracket=decision.bracket,
        action=decision.action,
        value=finite(decision.value),
        cutoff=finite(decision.cutoff),
        rank=decision.rank,
        n=decision.n,
        reason=decision.reason,
    )


def _epochs(experiment: Experiment) -> tuple[int, int]:
    """Epochs that were trained; and those at most that pruned trials did not train.

    A paused trial may still be promoted: it has saved nothing yet.
    """
    cut = Q(state=State.PRUNED)
    planned = Cast(KeyTextTransform("epochs", "values"), FloatField())
    found = Trial.objects.filter(experiment=experiment).aggregate(
        done=Sum("epochs"),
        planned=Sum(planned, filter=cut),
        cut=Sum("epochs", filter=cut),
    )
    would = round((found["planned"] or 0) * executions_of(experiment))
    return found["done"] or 0, max(0, would - (found["cut"] or 0))


def _gain(experiment: Experiment) -> float | None:
    counted = Trial.objects.filter(Trial.SCORED, experiment=experiment)
    scores = counted.values_list("score", flat=True)
    return expected_gain([score for score in scores if score is not None], experiment.direction)
