"""Reports: what a preflight found, line by line. Imports models."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from experiments.check_outcomes import Check, CheckList, Found, NotChecked, NotFound, Outcome
from experiments.models import Experiment, Preflight
from experiments.training.dry_run_messages import CHECKS, Result

# What an all-clear rests on where it is not the configurations that were trained
RESTS_ON: Final = {
    CHECKS["class_rows"]: "class of every row in every set of the split",
    CHECKS["time"]: "estimated time of the search, and its limits",
}


@dataclass(frozen=True, slots=True)
class TriedLine:
    """One configuration that was tried. kind: works, slow or fails; figures: None where not reported.

    values: of what the plan searches, in words.
    bytes: the larger of what was measured and what the layers' outputs take.
    """

    label: str
    kind: str
    message: str
    values: str
    parameters: int | None
    output: str
    bytes: int | None
    epoch_seconds: float | None
    diverges: bool


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check of the whole set-up. words: of a problem, or why it was not checked; field: to change."""

    label: str
    result: Result
    words: str
    field: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long the search takes, as ranges in seconds."""

    total: tuple[float, float]
    trial: tuple[float, float]
    trials: int
    executions: int
    lanes: int


@dataclass(frozen=True, slots=True)
class PreflightPage:
    """What the page shows. experiment: started meanwhile; a rule of "": none can be given."""

    lines: tuple[TriedLine, ...]
    checks: tuple[CheckLine, ...]
    rules: tuple[dict[str, str], ...]
    estimate: Estimate | None
    left_out: int
    seconds: float | None
    experiment: Experiment | None

    @property
    def problems(self) -> tuple[CheckLine, ...]:
        """Checks that found something."""
        return tuple(check for check in self.checks if check.result == "found")

    @property
    def outcome(self) -> CheckList:
        """Every check with what it rests on; the configurations themselves are the first."""
        trained = sum(line.kind == "works" for line in self.lines)
        rests = f"{trained} configurations built and trained for a few batches"
        return CheckList(
            (
                Check("Configurations", _configurations(self.lines, self.left_out, rests)),
                *(
                    Check(each.label, _outcome(each, rests if trained else ""))
                    for each in self.checks
                ),
            )
        )

    @property
    def fits(self) -> int:
        """Trainings in all."""
        return self.estimate.trials * self.estimate.executions if self.estimate else 0


def preflight_page(preflight: Preflight) -> PreflightPage:
    """Shape what was found; one query for the experiment that may have started."""
    found: dict[str, Any] = preflight.result
    rows = preflight.plan["space"].get("hyperparameters", ())
    searched = frozenset(row["name"] for row in rows if row["type"] != "fixed")
    return PreflightPage(
        lines=tuple(_line(line, searched) for line in found.get("lines", ())),
        checks=tuple(
            CheckLine(CHECKS[each["name"]], each["result"], each["words"], each["field"])
            for each in found.get("checks", ())
        ),
        rules=tuple(found.get("rules", ())),
        estimate=_estimate(found.get("estimate")),
        left_out=found.get("left_out", 0),
        seconds=found.get("seconds"),
        experiment=started_by(preflight),
    )


def _configurations(lines: Sequence[TriedLine], left_out: int, rests: str) -> Outcome[str]:
    """Whether those that were tried build and train."""
    if failed := [line.label for line in lines if line.kind == "fails"]:
        return Found(tuple(failed))
    if all(line.kind != "works" for line in lines):
        return NotChecked("No configuration was trained in the time of the check")
    slow = sum(line.kind == "slow" for line in lines) + left_out
    return NotFound((rests, f"{slow} more not tried to their end") if slow else (rests,))


def _outcome(line: CheckLine, rests: str) -> Outcome[str]:
    if line.result == "found":
        return Found((line.words,))
    if line.result == "not_found" and rests:
        return NotFound((line.words.rstrip(".") or RESTS_ON.get(line.label, rests),))
    return NotChecked(line.words.rstrip(".") or "No configuration was trained")


def started_by(preflight: Preflight) -> Experiment | None:
    """The experiment of this plan, when it has been started."""
    return Experiment.objects.filter(code=preflight.token, project=preflight.project).first()


def _line(line: dict[str, Any], searched: frozenset[str]) -> TriedLine:
    needed = [line[name] for name in ("memory_bytes", "activation_bytes") if line.get(name)]
    return TriedLine(
        label=line["label"],
        kind=line["kind"],
        message=line["message"],
        values=", ".join(
            f"{name} {json.dumps(value, ensure_ascii=False)}"
            for name, value in line["values"].items()
            if name in searched
        ),
        parameters=line.get("parameters"),
        output=" × ".join(map(str, line.get("output_shape", ()))),
        bytes=max(needed, default=None),
        epoch_seconds=line.get("epoch_seconds"),
        diverges=line.get("diverges", not line.get("is_finite", True)),
    )


def _estimate(found: dict[str, Any] | None) -> Estimate | None:
    if found is None:
        return None
    return Estimate(
        total=(found["low"], found["high"]),
        trial=(found["trial_low"], found["trial_high"]),
        trials=found["trials"],
        executions=found["executions"],
        lanes=found["lanes"],
    )
