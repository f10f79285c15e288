"""A portfolio of configurations that together do well on all earlier studies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.search.history import EarlierStudy, Values
from experiments.search.models.observations import identity
from experiments.search.models.transfer_prior import learn
from experiments.search.space.encoding import Encoding
from experiments.search.space.space import Space

SIZE: Final = 5
BEST: Final = 10  # configurations of each study that are looked at


@dataclass(frozen=True, slots=True)
class Pick:
    """A configuration of the portfolio. study: whose it is; place: among that study's trials."""

    study: int
    place: int
    values: Values


def portfolio(space: Space, studies: Sequence[EarlierStudy], size: int = SIZE) -> tuple[Pick, ...]:
    """Up to `size` different configurations, the most useful first.

    Each next one lowers the sum over the studies of the best predicted (ranked) loss the most;
    where none lowers it, the one with the best mean. Greedy covering, as in Feurer et al. 2022,
    Auto-sklearn 2.0, §3.1.
    """
    candidates: dict[object, Pick] = {}
    for index, study in enumerate(studies):
        for place in np.argsort(study.loss, kind="stable")[:BEST]:
            values = study.values[int(place)]
            candidates.setdefault(identity(values), Pick(index, int(place), values))
    left = list(candidates.values())
    if not left or not len(space):
        return ()
    encoding = Encoding.of(space)
    rows = encoding.matrix([pick.values for pick in left])
    processes = learn(encoding, tuple(studies))
    predicted = np.array([process.predict(rows)[0] for process in processes])
    covered = np.full(len(studies), np.inf)
    chosen: list[int] = []
    while len(chosen) < min(size, len(left)):
        after = np.minimum(covered[:, None], predicted).sum(axis=0)
        # The mean breaks ties: with one study nothing beats its best, and the next best is next.
        worth = after + 1e-3 * predicted.mean(axis=0)
        worth[chosen] = np.inf
        chosen.append(int(np.argmin(worth)))
        covered = np.minimum(covered, predicted[:, chosen[-1]])
    return tuple(left[place] for place in chosen)
