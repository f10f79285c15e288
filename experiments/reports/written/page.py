"""Reports: a report as its page shows it, and the project's list of them. Imports models and sibling reports.

A page reads the facts of its snapshots in one query, and present facts once for each experiment that
a block shows live. Frozen columns are read by charts alone, each from its own address.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from experiments.models import Experiment, Project, Report, ReportSnapshot
from experiments.models.report_block import LABELS, TEXT, Block
from experiments.reports.analysis.page import LEAST_FINISHED
from experiments.reports.written.facts import Facts, facts_of
from experiments.reports.written.markdown import rendered

USUAL = ("winner", "best-so-far", "trials", "learning-curves")


@dataclass(frozen=True, slots=True)
class Part:
    """A block as it is drawn. number: 1-based. html: of a text. facts: Facts.to_dict, None where gone.

    code: of the experiment while it is there, "" when only frozen data are left. as_of: when the
    facts were true. is_running: live, of a search that may still change. total: trials that there
    were, of which the chart holds `kept`.
    """

    number: int
    kind: str
    label: str
    html: SafeString | str = ""
    facts: Mapping[str, Any] | None = None
    code: str = ""
    snapshot: int | None = None
    is_live: bool = False
    is_running: bool = False
    as_of: datetime | None = None
    total: int = 0
    kept: int = 0

    @property
    def follows(self) -> bool:
        """Whether it changes while the page is open. Importance and front are as old as the page."""
        return self.is_running and self.kind not in ("importance", "pareto-front", "settings")

    @property
    def needs_config(self) -> bool:
        """Whether its element reads what the hyperparameters are, from the element of `config_id`."""
        return self.kind in ("importance", "parallel-coordinates", "duration-score")

    @property
    def config_id(self) -> str:
        """Of the script element that holds the chart's configuration."""
        return f"config-{self.number}"

    @property
    def why_not(self) -> str:
        """Why its chart can't be drawn; empty where it can."""
        facts = self.facts or {}
        if not facts.get("total"):
            return "No trials in this snapshot."
        if self.kind == "learning-curves" and facts["curve"] is None:
            return "No trial has a score, so there is no winner."
        if self.kind == "pareto-front" and not facts["further"]:
            return "The search has one objective, so there is no Pareto front."
        if self.needs_config and facts["finished"] < LEAST_FINISHED:
            return "The chart needs 2 finished trials."
        return ""

    @property
    def is_short(self) -> bool:
        """Whether its chart holds fewer trials than there were."""
        return not self.is_live and self.kept < self.total


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The blocks in order, and the experiments that they show by code, in order of appearance.

    running: those of live blocks that may still change.
    """

    parts: tuple[Part, ...]
    experiments: Mapping[str, str]
    running: tuple[Experiment, ...] = ()


def report_page(report: Report, blocks: Sequence[Block] | None = None) -> ReportPage:
    """The report's own blocks, or `blocks` in their place."""
    shown = report.blocks if blocks is None else blocks
    snapshots = _snapshots(report, shown)
    codes = {block.experiment for block in shown if block.experiment}
    there = _experiments(report.project, codes)
    live = {
        code: facts_of(experiment)
        for code, experiment in there.items()
        if any(block.is_live and block.experiment == code for block in shown)
    }
    parts = tuple(
        _part(number, block, snapshots, live, there) for number, block in enumerate(shown, start=1)
    )
    named = [part.facts for part in parts if part.facts]
    running = tuple(there[code] for code in live if there[code].state in Experiment.ACTIVE)
    return ReportPage(parts, {facts["code"]: facts["name"] for facts in named}, running)


def kinds_for(experiment: Experiment, facts: Mapping[str, Any]) -> list[str]:
    """What a new report of the experiment shows: blocks that have something to say."""
    kinds = [*USUAL] if facts["total"] else ["winner"]
    if facts["finished"] >= LEAST_FINISHED:
        kinds += ["importance", "parallel-coordinates"]
    if experiment.further:
        kinds.append("pareto-front")
    if facts["findings"]:
        kinds.append("findings")
    return [*kinds, "settings"]


def report_lines(project: Project, *, deleted: bool = False) -> QuerySet[Report]:
    """The project's reports without their blocks; `deleted`: those that can be brought back."""
    found = project.reports.filter(deleted__isnull=not deleted)
    return (
        found.select_related("author", "saved_by")
        .annotate(snapshot_count=Count("snapshots"))
        .defer("stored_blocks")
        .order_by("-saved", "-pk")  # a sum leaves the model's own order out
    )


def reports_of(experiment: Experiment, most: int = 5) -> list[Report]:
    """Reports that hold frozen data of the experiment, in one query."""
    keys = ReportSnapshot.objects.filter(experiment=experiment).values("report")
    found = Report.objects.filter(pk__in=keys, deleted=None).defer("stored_blocks")
    return list(found[:most])


def _snapshots(report: Report, blocks: Iterable[Block]) -> dict[int, ReportSnapshot]:
    keys = {block.snapshot for block in blocks if block.snapshot}
    if not keys:
        return {}
    found = report.snapshots.filter(pk__in=keys).defer(*ReportSnapshot.PARTS)
    return {each.pk: each for each in found}


def _experiments(project: Project, codes: Iterable[UUID]) -> dict[UUID, Experiment]:
    found = Experiment.objects.filter(project=project, code__in=list(codes)).select_related(
        "dataset_version__dataset",
        "hypermodel_version__hypermodel",
        "best_trial",
        "recommended_trial",
        "created_by",
    )
    return {each.code: each for each in found}


def _part(
    number: int,
    block: Block,
    snapshots: Mapping[int, ReportSnapshot],
    live: Mapping[UUID, Facts],
    there: Mapping[UUID, Experiment],
) -> Part:
    part = Part(number, block.kind, LABELS[block.kind], is_live=block.is_live)
    if block.kind == TEXT or block.experiment is None:
        return replace(part, html=rendered(block.text))
    if block.is_live:
        if block.experiment not in live:
            return part
        facts = live[block.experiment]
        return replace(
            part,
            facts=facts.to_dict(),
            code=str(block.experiment),
            snapshot=block.snapshot,
            is_running=there[block.experiment].state in Experiment.ACTIVE,
            as_of=timezone.now(),
            total=facts.total,
            kept=facts.total,
        )
    part = replace(part, code=str(block.experiment) if block.experiment in there else "")
    frozen = snapshots.get(block.snapshot or 0)
    if frozen is None:
        return part
    return replace(
        part,
        facts=frozen.facts,
        snapshot=frozen.pk,
        as_of=frozen.taken,
        total=frozen.total,
        kept=frozen.kept,
    )
