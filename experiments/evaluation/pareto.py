"""The Pareto front of trials with several objectives, and its knee."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Losses = npt.NDArray[np.floating[Any]]

FEWEST: Final = 3  # members of a front that can have a knee


def non_dominated(loss: Losses) -> npt.NDArray[np.bool_]:
    """Which rows no other row dominates: none is at least as good everywhere and better somewhere.

    loss: shape (n, k), lower is better; a row with a NaN is in no front. Returns: (n,). Equal rows
    stand beside each other. Source: Pareto dominance as in Deb 2001, definition 2.5.
    """
    whole = np.flatnonzero(~np.isnan(loss).any(axis=1))
    # In lexicographic order whatever dominates a row comes before it, and then some member does.
    ordered = whole[np.lexsort(loss[whole].T[::-1])]
    front: list[int] = []
    for place in ordered:
        members = loss[front]
        as_good = (members <= loss[place]).all(axis=1)
        if not (as_good & (members < loss[place]).any(axis=1)).any():
            front.append(int(place))
    found = np.zeros(len(loss), dtype=np.bool_)
    found[front] = True
    return found


def on_front(loss: Losses, row: int) -> int:
    """The row itself if no other dominates it; else the member of the front that does.

    loss: as of `non_dominated`. Of several such members the one with the least first objective. For a
    row with a NaN that is the front's best in it, and the row itself where the front is empty.
    """
    front = np.flatnonzero(non_dominated(loss))
    known = ~np.isnan(loss[row])
    better = front[(loss[front][:, known] <= loss[row][known]).all(axis=1)]
    if row in front or not len(front):
        return row
    candidates = better if known.all() else front
    return int(candidates[np.lexsort(loss[candidates].T[::-1])[0]])


def knee(front: Losses) -> int | None:
    """The member of a front from which any way to a better value of one objective costs much.

    front: shape (n, k), lower is better, no row dominated. Each objective is brought to 0…1 over the
    front; the knee lies farthest below the line (plane) through the extremes. None where the front
    has fewer than three members or nothing lies below that line.

    Source: Das 1999, "On characterizing the 'knee' of the Pareto curve based on normal-boundary
    intersection". Along the quasi-normal (1, …, 1) the distance from the plane falls with the sum of
    the objectives, so the least sum is the farthest; for two objectives that is exact.
    """
    low, high = front.min(axis=0, initial=np.inf), front.max(axis=0, initial=-np.inf)
    differs = high > low
    if len(front) < FEWEST or differs.sum() < 2:
        return None
    unit = (front[:, differs] - low[differs]) / (high - low)[differs]
    sums = unit.sum(axis=1)
    extremes = sums[unit.argmin(axis=0)]
    place = int(sums.argmin())
    return place if sums[place] < extremes.min() - 1e-9 else None
