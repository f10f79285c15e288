"""Room: reports. The home page: what runs, what needs attention, what is recent, which slots are free."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from experiments.models import Activity, Draft, Experiment, Trial
from experiments.reports.analysis.findings import FindingLine, open_findings_of
from experiments.reports.experiments import best_so_far, time_left
from experiments.reports.experiments.head import seconds_used
from experiments.reports.site.activity import activity_lines
from experiments.reports.site.projects import ExperimentLine, experiment_lines, running_first
from experiments.reports.site.workers import Slots, slots

MOST_RUNNING = 12
MOST_RECENT = 8
MOST_ATTENTION = 8
MOST_FINDINGS = 4
MOST_ASKING = 4


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that a person should look at: cause, and where to look."""

    state: str
    text: str
    name: str
    code: UUID
    trial_number: int | None
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class RunningCard:
    """An experiment that runs: its line, the time left as a range, and its best so far as points.

    resting: trials in a pruner's pause, of those that are not settled.
    """

    line: ExperimentLine
    resting: int
    seconds_left: time_left.Range | None
    spark: str

    @property
    def resting_percent(self) -> int:
        """Their share of the planned trials, in whole percents that the settled ones leave."""
        share = round(100 * self.resting / max(1, self.line.experiment.max_trials))
        return min(100 - self.line.percent, share)


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the home page."""

    running: tuple[RunningCard, ...]
    asking: tuple[Attention, ...]
    attention: tuple[Attention, ...]
    findings: tuple[FindingLine, ...]
    recent: tuple[ExperimentLine, ...]
    events: tuple[Activity, ...]
    drafts: tuple[Draft, ...]
    slots: Slots

    @property
    def is_empty(self) -> bool:
        """Whether nobody has started anything yet."""
        return not (self.running or self.recent)


def home(visible: QuerySet[Experiment], user_pk: int) -> Home:
    """Shape the home page of one person; `visible`: the experiments that they may see."""
    present = visible.filter(archived=None, project__archived=None)
    active = Q(state__in=(*Experiment.ACTIVE, Experiment.State.PAUSED))
    events = Activity.objects.filter(experiment__in=present)
    return Home(
        running=_running(running_first(present.filter(active))[:MOST_RUNNING]),
        asking=_asking(present),
        attention=_attention(present),
        findings=open_findings_of(present, MOST_FINDINGS),
        recent=experiment_lines(present.exclude(active).order_by("-updated")[:MOST_RECENT]),
        events=activity_lines(events, 10),
        drafts=tuple(Draft.objects.filter(user=user_pk).select_related("project")[:3]),
        slots=slots(),
    )


def _running(experiments: QuerySet[Experiment]) -> tuple[RunningCard, ...]:
    """A fixed number of queries, however many run."""
    lines = experiment_lines(experiments)
    found = [line.experiment for line in lines]
    lengths, resting = time_left.recent_lengths_of(found), time_left.resting_of(found)
    steps, now = best_so_far.improvements(found), timezone.now()

    def card(line: ExperimentLine) -> RunningCard:
        experiment, rest = line.experiment, resting.get(line.experiment.pk, 0)
        pace, used = lengths.get(experiment.pk, []), seconds_used(experiment, now)
        return RunningCard(
            line=line,
            resting=rest,
            seconds_left=time_left.seconds_left(experiment, pace, line.settled, rest, used),
            spark=best_so_far.step_points(steps.get(experiment.pk, []), line.settled - 1),
        )

    return tuple(map(card, lines))


def _asking(present: QuerySet[Experiment]) -> tuple[Attention, ...]:
    """Searches that wait until a person says which metric counts; scripts wait for it."""
    waiting = present.filter(
        state__in=(*Experiment.ACTIVE, Experiment.State.PAUSED),
        source__has_key="objective_names",
    )
    return tuple(
        _about(
            each, f"A script reported {', '.join(each.source['objective_names'])}.", each.updated
        )
        for each in waiting.order_by("-updated")[:MOST_ASKING]
    )


def _attention(present: QuerySet[Experiment]) -> tuple[Attention, ...]:
    failed = present.filter(state=Experiment.State.FAILED).order_by("-updated")[:MOST_ATTENTION]
    active = present.filter(state__in=Experiment.ACTIVE)
    trials = Trial.objects.filter(experiment__in=active, state=Trial.State.FAILED)
    newest = trials.select_related("experiment").order_by(F("ended").desc(nulls_last=True))
    found = [
        _about(each, each.state_reason or "The search failed.", each.ended) for each in failed
    ]
    found += [
        Attention(
            state=trial.state,
            text=trial.failure_message or "The trial failed.",
            name=trial.experiment.name,
            code=trial.experiment.code,
            trial_number=trial.number,
            moment=trial.ended,
        )
        for trial in newest[:MOST_ATTENTION]
    ]
    return tuple(found[:MOST_ATTENTION])


def _about(experiment: Experiment, text: str, moment: datetime | None) -> Attention:
    return Attention(experiment.state, text, experiment.name, experiment.code, None, moment)
