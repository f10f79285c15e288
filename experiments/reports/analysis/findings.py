"""Reports: findings of experiments for pages and JSON. One query each; nothing is computed here."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from experiments.check_outcomes import CheckList, read
from experiments.models import Experiment, Finding
from experiments.reports.analysis.thumbnails import Thumbnail, thumbnail
from experiments.search.findings.plan_changes import changed
from experiments.search.findings.registry import KINDS, check_list

STOPS = ("stop", "parallel")  # acts that need a search that isn't over
OF_OPEN_SEARCHES = ("stalled", "idle")  # kinds that no longer matter once a search is over
OPEN_STATES = (*Experiment.TURNING, Experiment.State.PAUSING, Experiment.State.PAUSED)
MOST_DIGITS = 18  # of a key


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding. severity: danger, warning or info. act: what its button does, "" where it can't.

    confidence: the test and its figures in a line.
    """

    row: Finding
    title: str
    severity: str
    act: str
    label: str
    confidence: str
    thumbnail: Thumbnail

    def to_dict(self) -> dict[str, Any]:
        """As JSON for live pages: what a list of them shows."""
        return {
            "id": self.row.pk,
            "kind": self.row.kind,
            "subject": self.row.subject,
            "title": self.title,
            "severity": self.severity,
            "statement": self.row.statement,
            "gain": self.row.gain,
            "label": self.label,
        }

    def to_whole_dict(self) -> dict[str, Any]:
        """As JSON with the evidence and what people made of it."""
        row = self.row
        return self.to_dict() | {
            "act": self.act,
            "confidence": self.confidence,
            "evidence": row.evidence,
            "trials": row.trials,
            "raised": row.raised.isoformat(),
            "raised_at": row.raised_at,
            "cleared": row.cleared.isoformat() if row.cleared else None,
            "dismissed": row.dismissed.isoformat() if row.dismissed else None,
            "dismissed_by": row.dismissed_by.get_username() if row.dismissed_by else "",
            "reason": row.reason,
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """Open ones in the order of `KINDS`; dismissed and past ones, the newest first."""

    open: tuple[FindingLine, ...]
    dismissed: tuple[FindingLine, ...]
    past: tuple[FindingLine, ...]


def findings(experiment: Experiment) -> Findings:
    """Everything that was ever found in an experiment, in one query."""
    lines = _lines(Finding.objects.filter(experiment=experiment))
    newest = sorted(lines, key=lambda line: line.row.pk, reverse=True)
    return Findings(
        open=tuple(line for line in lines if not line.row.dismissed and not line.row.cleared),
        dismissed=tuple(line for line in newest if line.row.dismissed),
        past=tuple(line for line in newest if line.row.cleared and not line.row.dismissed),
    )


def checks_of(experiment: Experiment) -> CheckList:
    """What the last look for each kind came to, as it is stored with the experiment; no query."""
    kept = experiment.looked.get("outcomes", {})
    outcomes = {kind: read(outcome) for kind, outcome in kept.items()}
    return check_list(outcomes, int(experiment.looked.get("ended", 0)))


def fresh_checks(experiment: Experiment, serial: int) -> str | None:
    """What all checks came to in a sentence, where there was a look since the event `serial`."""
    is_new = int(experiment.looked.get("serial", 0)) > serial
    return checks_of(experiment).sentence if is_new else None


def open_findings(experiment: Experiment) -> tuple[FindingLine, ...]:
    """Findings that a person should see now, in one query; once the search is over, none about continuing."""
    return _lines(_open(Finding.objects.filter(experiment=experiment)))


def open_findings_of(experiments: QuerySet[Experiment], most: int) -> tuple[FindingLine, ...]:
    """The newest of several experiments, in one query."""
    found = _open(Finding.objects.filter(experiment__in=experiments)).order_by("-pk")
    return _lines(found[:most], newest=True)


def fresh_findings(experiment: Experiment, serial: int) -> list[dict[str, Any]] | None:
    """The open ones, where any changed since the event `serial`; None: as they were. One query."""
    every = list(Finding.objects.filter(experiment=experiment).select_related("experiment"))
    if not any(each.event_serial > serial for each in every):
        return None
    lines = _in_order([_line(each) for each in every if _stands(each)])
    return [line.to_dict() for line in lines]


def _open(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """As `_stands` says it of one."""
    still = ~Q(kind__in=OF_OPEN_SEARCHES) | Q(experiment__state__in=OPEN_STATES)
    return rows.filter(still, cleared=None, dismissed=None)


def _stands(finding: Finding) -> bool:
    still = finding.kind not in OF_OPEN_SEARCHES or finding.experiment.state in OPEN_STATES
    return still and finding.cleared is None and finding.dismissed is None


def _lines(rows: QuerySet[Finding], *, newest: bool = False) -> tuple[FindingLine, ...]:
    found = [_line(each) for each in rows.select_related("experiment", "dismissed_by")]
    return tuple(found) if newest else _in_order(found)


def _in_order(lines: list[FindingLine]) -> tuple[FindingLine, ...]:
    order = list(KINDS)
    return tuple(sorted(lines, key=lambda line: (order.index(line.row.kind), line.row.pk)))


def _line(finding: Finding) -> FindingLine:
    kind = KINDS[finding.kind]
    action = finding.action
    is_over = finding.experiment.state not in OPEN_STATES
    act = "" if is_over and action.get("act") in STOPS else action.get("act", "")
    return FindingLine(
        row=finding,
        title=kind.title,
        severity=kind.severity,
        act=act,
        label=action.get("label", "") if act else "",
        confidence=_confidence(finding.confidence),
        thumbnail=thumbnail(finding.evidence),
    )


def _confidence(found: dict[str, Any]) -> str:
    """The test, its bound on the chance of a false alarm, and the threshold."""
    test, chance, level = found.get("test", ""), found.get("chance"), found.get("level")
    test = capfirst(test)
    if chance is None or level is None:
        return f"{test}."
    return f"{test}: p ≤ {max(chance, 1e-12):.1g}, below the threshold of {level:.1g}."


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a finding proposes, as a change of the plan of a copy. words: above the form's fields."""

    act: str
    change: dict[str, Any]
    words: str

    def written_into(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan with the change; checked by the form that shows it."""
        return changed(plan, self.act, self.change)


def proposal_of(experiment: Experiment, key: str) -> Proposal | None:
    """The proposal of the experiment's finding with this key; None where there is none."""
    if not (key.isascii() and key.isdigit() and len(key) <= MOST_DIGITS):
        return None
    found = experiment.findings.filter(pk=int(key)).first()
    if found is None:
        return None
    label = found.action.get("label", "")
    words = f"A copy of {experiment.name} with one change. {label}: {found.statement}"
    return Proposal(found.action.get("act", ""), found.action.get("change", {}), words)
