"""What pruners may see: the curves of an experiment's trials, kept up to date. Room: reports.

Only what changed since the last refresh is read: each change of a trial carries the experiment's event
serial, and serials are given under the experiment's lock, so that a later one is never seen first.
"""

import time
from dataclasses import dataclass, field
from statistics import median
from typing import Final, cast

from experiments.models import Experiment, Trial
from experiments.reports.sampling.history import (
    Curve,
    curve_column,
    first_executions,
    read_curve,
    scores_of_trials,
)
from experiments.search.history import Direction, History, ObservedTrial, TrialState, Values
from experiments.search.space.space import Space
from experiments.search.strategies.rungs import space_epochs

REFRESH_SECONDS: Final = 1.0
KEPT: Final = 4  # experiments that a worker goes back and forth between


@dataclass(slots=True)
class Peers:
    """The trials of one experiment as they were at `serial`."""

    experiment: Experiment
    version: int  # key of the space version that the epochs follow from
    epochs: int
    serial: int = -1
    refreshed: float = float("-inf")
    trials: dict[int, ObservedTrial] = field(default_factory=dict)
    costs: dict[int, float] = field(default_factory=dict)  # seconds of an epoch, by number

    def refresh(self, *, now: float | None = None) -> None:
        """Read what changed; without `now` always, else at most once a second."""
        if now is not None and now - self.refreshed < REFRESH_SECONDS:
            return
        rows = (
            first_executions(self.experiment)
            .filter(trial__event_serial__gt=self.serial)
            .values_list(
                "trial",
                "trial__number",
                "trial__values",
                "trial__state",
                "trial__score",
                "trial__set_aside",
                "trial__event_serial",
                "seconds",
                "epochs",
                "epoch_seconds",
                curve_column(self.experiment),
            )
        )
        found = list(rows)
        scores = scores_of_trials(self.experiment, [row[0] for row in found])
        for pk, number, values, state, score, aside, serial, seconds, epochs, each, curve in found:
            self.trials[number] = ObservedTrial(
                number=number,
                values=cast(Values, values),
                # Set aside by people: not compared with others.
                state=cast(TrialState, Trial.State.STOPPED if aside else state),
                score=None if aside else score,
                curve=() if aside else read_curve(curve),
                executions=() if aside else scores.get(pk, ()),
            )
            if epochs:
                self.costs[number] = median(each) if each else seconds / epochs
            self.serial = max(self.serial, serial)
        self.refreshed = time.monotonic() if now is None else now

    def history(self, *, closing: bool = False, own: int | None = None) -> History:
        """Everyone in order of number; `own`: whose epochs' cost the caller knows better."""
        costs = [cost for number, cost in self.costs.items() if number != own]
        return History(
            trials=tuple(self.trials[number] for number in sorted(self.trials)),
            direction=cast(Direction, self.experiment.direction),
            seed=self.experiment.seed,
            epochs=self.epochs,
            epoch_seconds=median(costs) if costs else 0.0,
            closing=closing,
        )

    def observed(self, number: int, values: Values, curve: Curve) -> ObservedTrial:
        """The caller's own trial, with the curve that it knows."""
        scores = self.trials[number].executions if number in self.trials else ()
        return ObservedTrial(number, values, "running", None, curve, scores)


_kept: dict[object, Peers] = {}


def peers_of(experiment: Experiment) -> Peers:
    """This process's view of the experiment, not refreshed yet."""
    found = _kept.pop(experiment.code, None)
    version = experiment.space_versions.order_by("-number")[0]
    if found is None or found.version != version.pk:
        # An external search names it in its plan; else it follows from the space.
        planned = int(experiment.plan.get("epochs", 0)) if experiment.runs_elsewhere else 0
        epochs = planned or space_epochs(Space.from_dict(version.space))
        found = Peers(experiment, version.pk, epochs)
    _kept[experiment.code] = found
    while len(_kept) > KEPT:
        del _kept[next(iter(_kept))]
    return found
