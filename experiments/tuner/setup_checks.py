"""Checks of a whole plan, from its dry runs, its split and this machine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import psutil

from experiments.catalog.code import brings_rows
from experiments.evaluation.search_time import Course, Timed, total_seconds
from experiments.evaluation.split_warnings import class_warnings
from experiments.evaluation.splits import Split
from experiments.models import DatasetVersion
from experiments.number_words import duration, figures, size
from experiments.plan import ExperimentPlan
from experiments.search.space.corners import Corner, ends
from experiments.search.space.space import Space
from experiments.services.datasets.splits import labels_of
from experiments.training.dry_run_messages import CheckName, DryRunResult, SetupCheck

RISE: Final = 10.0  # times the loss before training: no healthy start rises so far
RATES: Final = ("learning_rate", "lr")
OF_MODELS: Final[tuple[CheckName, ...]] = ("softmax", "output")
NO_RUN: Final = "No configuration was trained in the time of the check."
Lines = Sequence[Mapping[str, Any]]


def has_diverged(measured: DryRunResult) -> bool:
    """Whether a dry run's loss became NaN or infinite, or rose far above what it was before training."""
    first, last = measured.first_loss, measured.last_loss
    if not measured.is_finite:
        return True
    return first is not None and last is not None and last > RISE * first > 0


def largest_rates(space: Space) -> Iterator[Corner]:
    """The defaults with the largest learning rate, for each of the space."""
    for row in space.searched:
        if not row.name.lower().endswith(RATES):
            continue
        values = {**space.defaults(), row.name: ends(row)[1]}
        if row.name in space.defaults() and space.meets(values):
            yield Corner(f"largest {row.name}", values)


def model_checks(lines: Lines) -> list[SetupCheck]:
    """What the built models' own checks found, each once: a problem before a gap before an all-clear."""
    found = [SetupCheck(**each) for line in lines for each in line.get("checks", ())]
    order = ("found", "not_checked", "not_found")
    return [
        min(
            (each for each in found if each.name == name),
            key=lambda each: order.index(each.result),
            default=SetupCheck(name, "not_checked", NO_RUN),
        )
        for name in OF_MODELS
    ]


def divergence_check(lines: Lines, rules: Sequence[Mapping[str, str]]) -> SetupCheck:
    """Whether the loss of a tried configuration rises at once. rules: that exclude one, by its label."""
    trained = [line for line in lines if "is_finite" in line]
    diverging = [line for line in trained if line["diverges"]]
    if not trained:
        return SetupCheck("divergence", "not_checked", NO_RUN)
    if not diverging:
        return SetupCheck("divergence", "not_found")
    line = min(diverging, key=lambda each: each["label"] not in {rule["label"] for rule in rules})
    first, last = line["first_loss"], line["last_loss"] if line["is_finite"] else None
    rate = line["learning_rate"]
    what = f"{line['label'].capitalize()}: the loss went from {figures(first)} to {_loss(last)} at once"
    if first is None:
        what = f"{line['label'].capitalize()}: the loss became NaN or infinite at once"
    seen = f"{what}{'' if rate is None else f', at learning rate {figures(rate)}'}."
    count = f"{len(diverging)} of {len(trained)} configurations diverge."
    rule = next((each["rule"] for each in rules if each["label"] == line["label"]), "")
    fix = (
        f"Expected a falling loss: add the constraint {rule}, or lower the range's maximum."
        if rule
        else "Expected a falling loss: lower the learning rate, or scale inputs and target."
    )
    return SetupCheck("divergence", "found", f"{seen} {count} {fix}", "Search space")


def _loss(value: float | None) -> str:
    return "NaN or infinity" if value is None else figures(value)


def class_rows_check(
    plan: ExperimentPlan, version: DatasetVersion, split: Split
) -> SetupCheck | None:
    """Whether each class has rows in the training and validation set of every fold; None without classes."""
    if brings_rows(plan.layers):
        return SetupCheck("class_rows", "not_checked", "The code brings its own rows.")
    labels = labels_of(version)
    if labels is None:
        return None
    words = " ".join(
        class_warnings(labels, split, version.schema["classes"], plan.protocol.respecting)
    )
    if not words:
        return SetupCheck("class_rows", "not_found")
    field = "Folds" if plan.protocol.kind == "k_fold" else "Split by"
    return SetupCheck("class_rows", "found", f"{words} Expected every class in every set.", field)


def memory_check(plan: ExperimentPlan, lines: Lines, lanes: int) -> SetupCheck:
    """Whether the largest configuration fits into the free memory as often as trials run at a time."""
    over = [line["message"] for line in lines if line["cause"] == "memory"]
    if over:
        fix = "Lower the maximum of batch size or model size."
        return SetupCheck("memory", "found", f"{over[0]} {fix}", "Search space")
    needed = max((bytes_of(line) for line in lines), default=0)
    if not needed:
        return SetupCheck("memory", "not_checked", NO_RUN)
    free = free_memory()
    if needed * lanes <= free:
        return SetupCheck("memory", "not_found")
    return SetupCheck(
        "memory",
        "found",
        f"{f'{lanes} parallel trials need' if lanes > 1 else 'A trial needs'} about "
        f"{size(needed * lanes)} of memory, but {size(free)} is free. Run fewer trials in parallel, "
        "or lower the maximum of batch size or model size.",
        "Parallel trials" if lanes > 1 else "Search space",
    )


def free_memory() -> int:
    """Bytes of this machine that a new process could take."""
    return int(psutil.virtual_memory().available)


def bytes_of(line: Mapping[str, Any]) -> int:
    """The larger of the measured peak and of what a batch's layer outputs take; 0: unknown."""
    return max(line.get("memory_bytes") or 0, line.get("activation_bytes") or 0)


def time_check(timed: Sequence[Timed], course: Course | None) -> SetupCheck:
    """Whether the planned trials fit into the time limit and the slot-hours."""
    if course is None:
        return SetupCheck("time", "not_checked", NO_RUN)
    lanes = max(1, course.lanes)
    limits = {
        "Time limit": course.seconds,
        "Slot-hours": course.slot_seconds and course.slot_seconds / lanes,
    }
    given = {label: seconds for label, seconds in limits.items() if seconds}
    if not given:
        return SetupCheck("time", "not_found")
    label, limit = min(given.items(), key=lambda each: each[1])
    low, high = total_seconds(timed, replace(course, seconds=None, slot_seconds=None))
    if low <= limit:
        return SetupCheck("time", "not_found")
    fit = int(course.trials * limit / ((low + high) / 2))
    return SetupCheck(
        "time",
        "found",
        f"{course.trials:,} trials take {duration(low)} to {duration(high)}, but the search may run for "
        f"{duration(limit)}: about {fit:,} of them would end. Allow {duration(high)}, or use fewer trials, "
        "epochs or folds.",
        label,
    )
