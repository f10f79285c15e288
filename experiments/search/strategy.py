"""The interfaces of samplers and pruners, and their options.

Both are frozen dataclasses without state: the fields are their options, with the words for the
form in each field's metadata, and the arguments of the call are all that they know.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from experiments.search.declarations import read_values, value
from experiments.search.history import History, ObservedTrial, Values
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import Reader
from experiments.search.space.space import Space


class OptionsError(ProblemsError):
    """Options that a sampler or pruner does not take."""


SuggestionKind = Literal["initial", "explore", "exploit", "manual", "promoted", "confirm"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Values to try next, with a reason.

    predicted, uncertainty: predicted score and standard deviation in the objective's units; None
    without a model. weights: transfer weight of each earlier study, 0 to 1; empty without any.
    repeats: number of the trial that this one re-evaluates.
    """

    values: Values
    why: str
    kind: SuggestionKind = "initial"
    predicted: float | None = None
    uncertainty: float | None = None
    weights: tuple[float, ...] = ()
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A trial's rank among those that reached the same epoch.

    value: its objective there, None for NaN. cutoff: the value needed to continue, None with too
    few trials. rank: 1 for the best of `n`, itself included.
    """

    epoch: int
    value: float | None
    cutoff: float | None = None
    rank: int = 1
    n: int = 1
    bracket: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a running trial, and why. standing: what it was compared with, if it was."""

    action: Literal["go_on", "stop", "pause"] = "go_on"
    reason: str = ""
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Promotion:
    """The promotion of a paused trial, with a reason."""

    number: int
    reason: str
    standing: Standing


class Sampler(Protocol):
    """Proposes values."""

    slug: ClassVar[str]
    label: ClassVar[str]
    help: ClassVar[str]

    def problems(self, space: Space) -> list[Problem]:
        """Why this sampler can't search the space; empty when it can."""
        ...

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """Values for trial `number`, none of those in `history`; None = nothing is left to try.

        The same arguments give the same answer; rng is `default_rng([experiment seed, number])`.
        """
        ...


class Pruner(Protocol):
    """Stops trials early."""

    slug: ClassVar[str]
    label: ClassVar[str]
    help: ClassVar[str]

    def rungs(self, epochs: int) -> tuple[int, ...]:
        """1-based epochs below `epochs` at which trials may be paused; empty: it never pauses."""
        ...

    def looks_at(self, epoch: int, epochs: int) -> bool:
        """Whether it may end or pause a trial after this epoch of at most `epochs`."""
        ...

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """What becomes of `trial` after the last epoch of its curve, seen beside its peers.

        The history may hold the same trial as it was a little earlier: `trial` is what counts.
        """
        ...

    def after_execution(self, trial: ObservedTrial, history: History) -> Decision:
        """What becomes of `trial` when one more of `trial.executions` has its score."""
        ...

    def promote(self, history: History) -> Promotion | None:
        """Return a paused trial to promote; None: ask the sampler instead."""
        ...


class SamplerDefaults:
    """What most samplers have in common: they can search any space."""

    __slots__ = ()

    def problems(self, space: Space) -> list[Problem]:
        return []


class PrunerDefaults:
    """What most pruners have in common: no rungs, a look at each epoch, no say about folds."""

    __slots__ = ()

    def rungs(self, epochs: int) -> tuple[int, ...]:
        return ()

    def looks_at(self, epoch: int, epochs: int) -> bool:
        """After each epoch but the last one, which ends the training anyway."""
        return epoch < epochs

    def after_execution(self, trial: ObservedTrial, history: History) -> Decision:
        return Decision()

    def promote(self, history: History) -> Promotion | None:
        return None


def option(default: Any, *, label: str, help: str, **limits: Any) -> Any:
    """A field of a sampler or pruner with its words; limits: lowest and highest, or choices."""
    return value(default, label=label, help=help, **limits)


def read_options(kind: type, source: object) -> dict[str, Any]:
    """Options out of JSON, defaults filled in; raises OptionsError with every problem."""
    reader = Reader({} if source is None else source)
    found = read_values(kind, reader)
    reader.refuse_others()
    if reader.problems:
        raise OptionsError(reader.problems)
    return found
