"""Reports: what a preflight found, line by line. Imports models."""

import json
from dataclasses import dataclass
from typing import Any

from experiments.models import Experiment, Preflight
from experiments.training.dry_run_messages import CHECKS, Result


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
        return self._of("found")

    @property
    def clear(self) -> tuple[CheckLine, ...]:
        """Checks that found nothing."""
        return self._of("not_found")

    @property
    def unchecked(self) -> tuple[CheckLine, ...]:
        """Checks that nobody could make, each with its reason."""
        return self._of("not_checked")

    def _of(self, result: Result) -> tuple[CheckLine, ...]:
        return tuple(check for check in self.checks if check.result == result)

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
