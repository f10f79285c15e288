"""A configuration that becomes a trial, and its seeds."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Proposal:
    """A configuration that the sampler (or a person) wants tried as trial `number`.

    predicted, uncertainty: score and deviation that its model expects, if one spoke. repeats: key of
    the trial that is run again. set_aside: why it doesn't count as one of its own. seeds: of its
    executions; empty: they follow from the experiment's.
    """

    number: int
    space_version: int
    values: dict[str, Any]
    values_key: str
    why: str = ""
    kind: str = ""
    predicted: float | None = None
    uncertainty: float | None = None
    saw: dict[str, Any] = field(default_factory=dict)
    origin: str = "sampler"
    repeats: int | None = None
    set_aside: str = ""
    seeds: tuple[int, ...] = ()


def derived_seed(*parts: int) -> int:
    """A seed that follows from the experiment's seed and the place inside it, on any machine."""
    sequence = [part % 2**64 for part in parts]
    return int(np.random.default_rng(sequence).integers(2**31 - 1))
