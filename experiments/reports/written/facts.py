"""Reports: an experiment in facts that can be kept as JSON: setting, winner, best trials, findings.

Imports sibling reports. A page shows kept facts and present ones alike: both are `to_dict`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.models import Experiment
from experiments.number_words import plain
from experiments.reports.analysis.findings import checks_of, open_findings
from experiments.reports.analysis.page import analysis_of
from experiments.reports.figures import finite
from experiments.reports.trials.order import Order
from experiments.reports.trials.table import TrialRow, trial_columns, trial_table
from experiments.reports.winner.baseline_warnings import baseline_warnings
from experiments.reports.winner.summary import caveats, quote
from experiments.reports.winner.winner_page import Tied, Verdict, verdict
from experiments.reports.written.settings import (
    Section,
    SpaceRow,
    settings_of,
    software_of,
    space_of,
)

SHOWN_TRIALS: Final = 10
SHOWN_TIED: Final = 10
SHOWN_FINDINGS: Final = 20


@dataclass(frozen=True, slots=True)
class TiedFacts:
    """A trial statistically tied with the best; half: half the width of its 95 % interval."""

    number: int
    mean: float | None
    half: float | None
    expected: ExpectedScore
    parameters: int | None
    epoch_seconds: float | None
    is_winner: bool


@dataclass(frozen=True, slots=True)
class BaselineFacts:
    """A baseline; gain: of the winner over it. beaten: by a paired test, None without one."""

    name: str
    score: float | None
    expected: float | None
    gain: float | None
    beaten: bool | None
    is_winner: bool


@dataclass(frozen=True, slots=True)
class WinnerFacts:
    """What the Winner tab says, without what people may do there."""

    number: int
    reason: str
    quote: str
    score: float
    expected: ExpectedScore
    caveats: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    executions: int
    compared: int
    tied_count: int
    tied: tuple[TiedFacts, ...]
    baselines: tuple[BaselineFacts, ...]


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """A line of the best trials; values: of the hyperparameters that vary, in words."""

    number: int
    state: str
    score: float | None
    spread: float | None
    expected: ExpectedScore
    behind: float | None
    epochs: int
    seconds: float
    parameters: int | None
    values: tuple[tuple[str, str], ...]
    is_best: bool
    is_winner: bool


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """An open finding."""

    title: str
    severity: str
    statement: str
    gain: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One experiment. checks: CheckList.to_dict. config, baseline, target: what charts need beside the trials' columns.

    curve: the trial whose learning curves are drawn: the winner, else the best score. spread_of: what a
    trial's executions differ in.
    """

    name: str
    code: str
    state: str
    objective: str
    direction: str
    further: bool
    total: int
    finished: int
    settings: tuple[Section, ...]
    software: tuple[tuple[str, str], ...]
    space: tuple[SpaceRow, ...]
    rules: tuple[str, ...]
    winner: WinnerFacts | None
    trials: tuple[TrialFacts, ...]
    findings: tuple[FindingFacts, ...]
    checks: dict[str, Any]
    config: dict[str, Any]
    baseline: float | None
    target: float | None
    curve: int | None
    spread_of: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON: no NaN, no dates."""
        return asdict(self)


def facts_of(experiment: Experiment) -> Facts:
    """The experiment as it stands; a score on locked rows only where its quote has one."""
    found = verdict(experiment)
    analysis = analysis_of(experiment)
    columns = trial_columns(experiment)
    table = trial_table(experiment, columns, Order("", descending=False))
    varied = [(c.key, c.label) for c in columns if c.hyper and not c.equal]
    winner = found.winner.number if found else None
    space, rules = space_of(experiment)
    shown = [row for row in table.rows if row.score is not None][:SHOWN_TRIALS]
    expected = _expected(experiment, shown)
    return Facts(
        name=experiment.name,
        code=str(experiment.code),
        state=experiment.state,
        objective=experiment.objective,
        direction=experiment.direction,
        further=bool(experiment.further),
        total=table.total,
        finished=analysis.finished,
        settings=settings_of(experiment),
        software=software_of(found.trial if found else experiment.best_trial),
        space=space,
        rules=rules,
        winner=_winner(experiment, found) if found else None,
        trials=tuple(_trial(row, varied, winner, expected[row.number]) for row in shown),
        findings=tuple(
            FindingFacts(line.title, line.severity, line.row.statement, line.row.gain)
            for line in open_findings(experiment)[:SHOWN_FINDINGS]
        ),
        checks=checks_of(experiment).to_dict(),
        config=analysis.config,
        baseline=analysis.baseline,
        target=finite(experiment.budget.target_score),
        curve=curve_number(experiment),
        spread_of="seeds" if experiment.protocol.parts_count == 1 else "folds",
    )


def _expected(experiment: Experiment, shown: Sequence[TrialRow]) -> dict[int, ExpectedScore]:
    numbers = [row.number for row in shown]
    higher = experiment.direction == "maximize"
    found = experiment.trials.filter(number__in=numbers).values_list("number", "expected")
    return {n: expected_score(stored, higher_is_better=higher).alone for n, stored in found}


def curve_number(experiment: Experiment) -> int | None:
    """The trial whose learning curves are drawn: the winner, else the best score."""
    trial = experiment.recommended_trial or experiment.best_trial
    return trial.number if trial else None


def _winner(experiment: Experiment, found: Verdict) -> WinnerFacts:
    return WinnerFacts(
        number=found.winner.number,
        reason=found.winner.reason,
        quote=" ".join(
            [*(each.words for each in baseline_warnings(experiment)), quote(experiment, found)]
        ),
        score=found.winner.score,
        expected=found.winner.expected,
        caveats=tuple(caveats(experiment, found)),
        values=tuple((name, plain(value)) for name, value in found.trial.values.items()),
        executions=found.executions,
        compared=found.compared,
        tied_count=found.tied_count,
        tied=tuple(_tied(each) for each in found.tied[:SHOWN_TIED]),
        baselines=tuple(
            BaselineFacts(
                each.name,
                finite(each.mean),
                finite(each.expected),
                finite(each.gain),
                each.beaten,
                each.is_winner,
            )
            for each in found.baselines
            if each.scores
        ),
    )


def _tied(each: Tied) -> TiedFacts:
    return TiedFacts(
        number=each.trial.number,
        mean=finite(each.interval.mean) if each.interval else None,
        half=finite(each.interval.half_width) if each.interval else None,
        expected=each.expected,
        parameters=each.trial.parameters,
        epoch_seconds=finite(each.epoch_seconds),
        is_winner=each.is_winner,
    )


def _trial(
    row: TrialRow, varied: list[tuple[str, str]], winner: int | None, expected: ExpectedScore
) -> TrialFacts:
    return TrialFacts(
        number=row.number,
        state=row.state,
        score=row.score,
        spread=row.spread,
        expected=expected,
        behind=finite(row.behind),
        epochs=row.epochs,
        seconds=row.seconds,
        parameters=row.parameters,
        values=tuple(
            (label, plain(value))
            for key, label in varied
            if (value := row.cells.get(key)) is not None
        ),
        is_best=row.is_best,
        is_winner=row.number == winner,
    )
