"""Reports: every suggestion of a search repeated from its record alone."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from experiments.models import Experiment, SpaceVersion, Trial
from experiments.reports.sampling.history import (
    SCORES_OF,
    curve_column,
    first_executions,
    more_of,
    read_curve,
    scores_of_trials,
    with_curves,
)
from experiments.reports.sampling.sampler_inputs import epochs_seen, states_seen
from experiments.reports.sampling.warm_start import record_of, warm_start_of
from experiments.search.history import (
    Direction,
    History,
    ObservedTrial,
    TrialState,
    Value,
    Values,
    WarmStart,
)
from experiments.search.space.changes import counted, fitting_start
from experiments.search.space.space import Space
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategies.registry import make_sampler
from experiments.search.strategy import Sampler

MakeSampler = Callable[[str, Mapping[str, Any]], Sampler]


@dataclass(frozen=True, slots=True)
class Difference:
    """A trial whose values don't follow from the record. again: None = nothing was left to try."""

    number: int
    recorded: Values
    again: Values | None


@dataclass(frozen=True, slots=True)
class Replay:
    """How many suggestions were repeated, how many are equal, the first that isn't."""

    repeated: int
    equal: int
    first: Difference | None

    @property
    def is_equal(self) -> bool:
        return self.equal == self.repeated


@dataclass(frozen=True, slots=True)
class _Search:
    """Space, sampler and warm start of one space version."""

    space: Space
    sampler: Sampler
    counted_as: Mapping[str, Value]
    warm: WarmStart

    @classmethod
    def at(cls, version: SpaceVersion, warm: WarmStart, make: MakeSampler) -> "_Search":
        space = Space.from_dict(version.space)
        return cls(
            space=space,
            sampler=make(version.sampler, version.sampler_options),
            counted_as=version.counted_as,
            warm=fitting_start(warm, space, version.counted_as),
        )


def replay(experiment: Experiment, make: MakeSampler | None = None) -> Replay:
    """Every suggestion of the sampler again; trials that people added are only seen.

    make: makes samplers; one of custom code runs in its sandbox.
    """
    repeated, equal, first = 0, 0, None
    for trial, again in _answers(experiment, make or make_sampler):
        repeated += 1
        if again == trial.values:
            equal += 1
        elif first is None:
            first = Difference(trial.number, cast(Values, trial.values), again)
    return Replay(repeated, equal, first)


def _answers(experiment: Experiment, make: MakeSampler) -> Iterator[tuple[Trial, Values | None]]:
    trials = list(experiment.trials.order_by("number"))
    warm = warm_start_of(experiment, record_of(experiment))
    versions = {
        version.pk: _Search.at(version, warm, make)
        for version in SpaceVersion.objects.filter(experiment=experiment)
    }
    last = _as_they_ended(experiment, trials)
    for trial in trials:
        if trial.origin == "sampler":
            search = versions[trial.space_version_id]
            history = History(
                trials=tuple(
                    _as_seen(other, trial.saw, search.counted_as) for other in last[: trial.number]
                ),
                direction=cast(Direction, experiment.direction),
                seed=experiment.seed,
                planned=trial.saw.get("planned", 0),
                slots=trial.saw.get("slots", 1),
                confirm=trial.saw.get("confirm", 0),
                if_noisy=trial.saw.get("if_noisy", False),
                warm=search.warm,
                more_objectives=experiment.further,
            )
            yield trial, _again(search, history, trial.number)


def _again(search: _Search, history: History, number: int) -> Values | None:
    rng = np.random.default_rng([history.seed % 2**64, number])
    suggestion = suggest(search.sampler, search.space, history, number, rng)
    if suggestion is None:
        return None
    return cast(Values, json.loads(json.dumps(dict(suggestion.values))))


def _as_they_ended(experiment: Experiment, trials: list[Trial]) -> list[ObservedTrial]:
    curves = dict(first_executions(experiment).values_list("trial", curve_column(experiment)))
    scores = scores_of_trials(experiment, [trial.pk for trial in trials])
    numbers = {trial.pk: trial.number for trial in trials}
    return [
        ObservedTrial(
            number=trial.number,
            values=cast(Values, trial.values),
            state=cast(TrialState, trial.state),
            score=trial.score,
            curve=read_curve(curves.get(trial.pk)),
            executions=scores.get(trial.pk, ()),
            by_hand=trial.origin in Trial.PUT_IN,
            more=more_of(experiment.further, trial.metrics),
            repeats=numbers.get(trial.repeats_id or 0),
        )
        for trial in trials
    ]


def _as_seen(
    trial: ObservedTrial, saw: Mapping[str, Any], counted_as: Mapping[str, Value]
) -> ObservedTrial:
    """The trial as it was at the time of the suggestion."""
    states = states_seen(saw)
    if states is not None:
        state = states[trial.number]
    else:
        state = "running" if trial.number in saw.get("pending", ()) else trial.state
    completed = state == "completed"
    shown = with_curves(states or (state,))
    curve = trial.curve[: epochs_seen(saw, trial.number)] if state in shown else ()
    return replace(
        trial,
        values=counted(trial.values, counted_as),
        state=state,
        score=trial.score if completed else None,
        more=trial.more if completed else (),
        curve=curve,
        executions=trial.executions if state in SCORES_OF else (),
    )
