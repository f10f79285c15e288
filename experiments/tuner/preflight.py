"""Preflight check of a plan: corners, random configurations, estimated time."""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from experiments.changed_files import in_words
from experiments.digests import ChangedFile
from experiments.evaluation.protocol import ProtocolError
from experiments.evaluation.search_time import Course, Timed, total_seconds, trial_seconds
from experiments.evaluation.splits import Split
from experiments.models import DatasetVersion, Preflight
from experiments.plan import DataFacts, ExperimentPlan, PlanError
from experiments.reports.datasets.usable import usable_data
from experiments.reports.site.code_versions import CodeShelf
from experiments.reports.site.workers import room_for_trials
from experiments.search.history import Values
from experiments.search.problems import SpaceError
from experiments.search.pruners.auto import AutoPruner
from experiments.search.pruners.auto import prunes as pays
from experiments.search.space.corners import Corner, corners
from experiments.search.space.exclusion_constraints import OutOfTime, excluding
from experiments.services.datasets.splits import split_of
from experiments.services.experiments.baselines import MOST as MOST_BASELINES
from experiments.services.experiments.lifecycle import NotAllowed
from experiments.services.experiments.preflights import (
    end_preflight,
    fail_start,
    start_checked,
    take_preflight,
    tell_preflight,
)
from experiments.training.dry_run_messages import SetupCheck
from experiments.tuner.dry_runs import DryRuns, Outcome
from experiments.tuner.setup_checks import (
    NO_RUN,
    class_rows_check,
    divergence_check,
    has_diverged,
    largest_rates,
    memory_check,
    model_checks,
    time_check,
)
from experiments.tuner.worker_context import WorkerContext
from experiments.tuner.worker_pools import code_scope

DRAWS = 5
DRAW = "draw"
DRAW_SECONDS = 1.5  # of training a draw: where epochs are short, to its end
CORNER_SECONDS = 0.3
SECONDS = 26.0  # for all configurations: with the last one's end, people wait for 30 at most
BLAME_SECONDS = 12.0  # of these at most for finding a rule
State = Preflight.State

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Check:
    """One running preflight, with the outcome of each configuration by its key."""

    plan: ExperimentPlan
    dry_runs: DryRuns
    deadline: float
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def attempt(self, values: Values, train: float = CORNER_SECONDS) -> Outcome:
        """Try a configuration, each once. train: seconds to train it for. Raises: OutOfTime."""
        key = self.plan.space.key(values)
        if key not in self.outcomes:
            left = self.deadline - time.monotonic()
            if left < 1:
                raise OutOfTime
            self.outcomes[key] = self.dry_runs.attempt(values, left, train=train)
        return self.outcomes[key]

    def works(self, values: Values) -> bool:
        """Whether it neither fails nor diverges. Raises: OutOfTime."""
        outcome = self.attempt(values)
        return outcome.kind != "fails" and not _diverges(outcome)


def _diverges(outcome: Outcome) -> bool:
    return outcome.measured is not None and has_diverged(outcome.measured)


def try_plan(preflight_pk: int, context: WorkerContext) -> None:
    """Run a waiting preflight; start its search if it asks for that and nothing fails."""
    preflight = Preflight.objects.select_related("project", "user").get(pk=preflight_pk)
    try:
        plan, version = plan_of(preflight)
        subjects = _subjects(plan)
        split = split_of(version, plan.protocol, plan.seed)
    except (PlanError, SpaceError, ProtocolError, NotAllowed, ChangedFile) as error:
        words = in_words(error) if isinstance(error, ChangedFile) else str(error)
        end_preflight(preflight_pk, State.FAILED, message=words)
        return
    if not take_preflight(preflight_pk, len(subjects)):
        return
    try:
        began = time.monotonic()
        check = Check(
            plan,
            DryRuns(plan, version, split.hash, context, code_scope(preflight.project_id)),
            began + SECONDS,
        )
        result = _tried(preflight_pk, check, subjects)
        result["checks"] = [asdict(each) for each in _checks(check, version, split, result)]
        result["seconds"] = round(time.monotonic() - began, 1)
    except ChangedFile as changed:
        end_preflight(preflight_pk, State.FAILED, message=in_words(changed))
        return
    except Exception as error:  # people wait: they must see any error
        log.exception("preflight %s failed", preflight_pk)
        end_preflight(preflight_pk, State.FAILED, message=f"{type(error).__name__}: {error}")
        return
    if all(line["kind"] == "slow" for line in result["lines"]):
        end_preflight(preflight_pk, State.FAILED, message=NO_RUN, result=result)
        return
    fails = any(line["kind"] == "fails" for line in result["lines"])
    blocked = fails or any(each["result"] == "found" for each in result["checks"])
    state = State.BLOCKED if blocked else State.PASSED
    if end_preflight(preflight_pk, state, result=result) and preflight.starts and not blocked:
        try:
            start_checked(preflight, plan)
        except (NotAllowed, ProtocolError) as error:
            fail_start(preflight_pk, f"The search could not be started: {error}")


def plan_of(preflight: Preflight) -> tuple[ExperimentPlan, DatasetVersion]:
    """Read the plan again. Raises: PlanError, NotAllowed."""
    wanted = preflight.plan["dataset_version"]
    for choice in usable_data(preflight.project):
        if choice.pk == wanted:
            codes = CodeShelf(preflight.project_id)
            facts = DataFacts(choice.schema, choice.columns, codes, codes.strategies)
            plan = ExperimentPlan.from_dict(preflight.plan, facts)
            return plan, DatasetVersion.objects.get(pk=wanted)
    raise NotAllowed("The dataset is no longer in the project.")


def _subjects(plan: ExperimentPlan) -> list[Corner]:
    """The defaults, the corners, and draws, each configuration once."""
    rng = np.random.default_rng([plan.seed, len("preflight")])
    edges = corners(plan.space)
    draws = [Corner(f"{DRAW} {i + 1}", plan.space.draw(rng)) for i in range(DRAWS)]
    # Likely failures first, then draws, which measure time: a slow machine may not get further.
    found: dict[str, Corner] = {}
    rates = largest_rates(plan.space)
    for corner in (*edges[:1], *draws[:2], *rates, *edges[1:2], *draws[2:], *edges[2:]):
        found.setdefault(plan.space.key(corner.values), corner)
    return list(found.values())


def _tried(preflight_pk: int, check: Check, subjects: list[Corner]) -> dict[str, Any]:
    lines: list[dict[str, Any]] = []
    reserve = 0.0
    for index, subject in enumerate(subjects):
        if check.deadline - time.monotonic() < 1 + reserve:
            break
        is_draw = subject.label.startswith(DRAW)
        outcome = check.attempt(subject.values, DRAW_SECONDS if is_draw else CORNER_SECONDS)
        lines.append(_line(subject, outcome))
        if lines[-1]["kind"] == "fails" or lines[-1]["diverges"]:
            reserve = BLAME_SECONDS
        if not tell_preflight(preflight_pk, index + 1):
            break
    rules = _rules(check, lines)
    return {
        "lines": lines,
        "rules": rules,
        "left_out": len(subjects) - len(lines),
        "estimate": _estimate(check.plan, lines),
    }


def _rules(check: Check, lines: list[dict[str, Any]]) -> list[dict[str, str]]:
    """A rule for each failure or divergence that no earlier rule excludes, with its message."""
    space = check.plan.space
    bad = [line for line in lines if line["kind"] == "fails" or line["diverges"]]
    working = [line["values"] for line in lines if line["kind"] == "works" and line not in bad]
    rules: list[dict[str, str]] = []
    for line in bad:
        try:
            start = space.defaults()
            good = start if space.meets(start) and check.works(start) else None
        except OutOfTime:
            good = None
        good = good or (working[0] if working else None)
        rule = excluding(space, line["values"], good, check.works) if good else ""
        if rule not in {each["rule"] for each in rules}:
            why = line["message"] or "The loss diverges."
            rules.append({"rule": rule, "why": why, "label": line["label"]})
    return rules


def _checks(
    check: Check, version: DatasetVersion, split: Split, found: dict[str, Any]
) -> list[SetupCheck]:
    """What is wrong with the set-up as a whole, what isn't, and what nobody could check."""
    plan, lines = check.plan, found["lines"]
    timed, course = _course(plan, lines)
    lanes = course.lanes if course else plan.budget.parallel
    class_rows = class_rows_check(plan, version, split)
    return [
        *model_checks(lines),
        divergence_check(lines, found["rules"]),
        *([class_rows] if class_rows else []),
        memory_check(plan, lines, lanes),
        time_check(timed, course),
    ]


def _line(subject: Corner, outcome: Outcome) -> dict[str, Any]:
    measured = asdict(outcome.measured) if outcome.measured else {}
    return {
        "label": subject.label,
        "values": dict(subject.values),
        "kind": outcome.kind,
        "message": outcome.message,
        "cause": outcome.cause,
        "diverges": _diverges(outcome),
        "seconds": outcome.seconds,
        **measured,
    }


def _course(
    plan: ExperimentPlan, lines: list[dict[str, Any]]
) -> tuple[list[Timed], Course | None]:
    """What was timed: the draws, or every configuration where none was; and the plan's work."""
    timed_lines = [line for line in lines if "epoch_seconds" in line]
    draws = [line for line in timed_lines if line["label"].startswith(DRAW)] or timed_lines
    timed = [timed_of(line) for line in draws]
    return timed, course_of(plan, room_for_trials(), timed) if timed else None


def _estimate(plan: ExperimentPlan, lines: list[dict[str, Any]]) -> dict[str, Any] | None:
    """How long the search takes; None where nothing was timed."""
    timed, course = _course(plan, lines)
    if course is None:
        return None
    low, high = total_seconds(timed, course)
    trial_low, trial_high = trial_seconds(timed, course)
    return {
        "low": low,
        "high": high,
        "trial_low": trial_low,
        "trial_high": trial_high,
        "trials": course.trials,
        "executions": course.executions,
        "lanes": course.lanes,
    }


def timed_of(line: dict[str, Any]) -> Timed:
    """The times of a configuration that was tried."""
    return Timed(
        build=line["build_seconds"],
        epoch=line["epoch_seconds"],
        epochs=int(line["values"]["epochs"]),
        again=line["again_seconds"],
        saving=line["saving_seconds"],
        around=max(0.0, line["seconds"] - line["child_seconds"]),
        ran=line["epochs_run"],
        has_ended=line["has_ended"],
    )


def course_of(plan: ExperimentPlan, room: int, timed: Sequence[Timed]) -> Course:
    """The amount of a plan's work. room: trials that can run in parallel."""
    fit, budget, protocol = plan.fit, plan.budget, plan.protocol
    patience = fit.early_stopping_patience
    fewest = None if patience is None else patience + 1 + fit.early_stopping_start_from_epoch
    trials = budget.max_trials
    if plan.sampler == "grid":
        trials = min(trials, plan.space.size() or trials)
    lanes = max(1, min(budget.parallel, room))
    baselines = MOST_BASELINES if plan.baselines else 0
    prunes = plan.pruner != "none"
    if plan.pruner == AutoPruner.slug:
        # The pruner knows what trials take, building included.
        prunes = any(pays(each.epochs, each.epoch + each.build / each.epochs) for each in timed)
    return Course(
        trials=trials,
        executions=protocol.executions,
        lanes=lanes,
        baselines=baselines if room <= lanes else 0,
        fewest_epochs=fewest,
        prunes=prunes,
        raced=protocol.races,
        seconds=budget.max_seconds,
        slot_seconds=budget.max_slot_seconds,
        epochs=budget.max_epochs,
    )
