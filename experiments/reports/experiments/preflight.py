"""Reports: what a preflight found, line by line. Imports models."""

import json
from dataclasses import dataclass
from typing import Any

from experiments.models import Experiment, Preflight


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
    is_finite: bool


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
    rules: tuple[dict[str, str], ...]
    estimate: Estimate | None
    left_out: int
    seconds: float | None
    experiment: Experiment | None

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
        is_finite=line.get("is_finite", True),
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
