"""Expected improvement of the best score from further trials.

The largest of n independent draws grows by b ln(m / n) from n to m draws where the tail is of the
Gumbel kind, and by less where there is an upper end (Gumbel 1958, chapter 5). b is read off the
record itself: how much better the best of all scores is than the best of a half of them.
"""

import math
from collections.abc import Sequence
from typing import Final

FEWEST: Final = 10  # with fewer scores nothing is said
AHEAD: Final = 20  # how many more trials pages and budgets speak of


def expected_gain(scores: Sequence[float], direction: str) -> float | None:
    """How much the best score is expected to improve by `AHEAD` more trials, never below 0.

    scores: of completed trials, in any order; NaN and infinities are left out. None with
    fewer than `FEWEST`. An estimate for trials that are like those so far: a model-based sampler
    may do better, a pruned search worse.
    """
    sign = 1.0 if direction == "maximize" else -1.0
    ranked = sorted((sign * score for score in scores if math.isfinite(score)), reverse=True)
    n = len(ranked)
    if n < FEWEST:
        return None
    half = n // 2
    # Rounding may take the mean above the best itself.
    growth = max(0.0, ranked[0] - _expected_best(ranked, half)) / math.log(n / half)
    return growth * math.log((n + AHEAD) / n)


def _expected_best(ranked: Sequence[float], size: int) -> float:
    """The mean, over all subsets of `size`, of their best; `ranked` begins with the best.

    The best of a subset is the one of rank r with probability C(n - r, size - 1) / C(n, size).
    """
    n = len(ranked)
    share, total = size / n, 0.0
    for index in range(n - size + 1):
        total += share * ranked[index]
        share *= (n - size - index) / (n - 1 - index) if n - 1 - index else 0.0
    return total
