"""Which trials of a simulated search a pruner leaves: successive halving (Jamieson & Talwalkar 2016)."""

from typing import Final

import numpy as np
import numpy.typing as npt

RUNGS: Final = (3, 10)  # epochs of the first execution after which trials are judged
KEPT: Final = 3  # a third of them is promoted


def left(curves: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """Places of the trials that run to their end.

    curves: (trials, epochs) scores of first executions, higher is better; the best epoch so far counts.
    """
    places = np.arange(len(curves))
    for rung in RUNGS:
        best = curves[places, :rung].max(axis=1).round(9)
        count = -(-len(places) // KEPT)
        places = np.sort(places[np.argsort(-best, kind="stable")[:count]])
    return places
