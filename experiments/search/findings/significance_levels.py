"""Significance levels that bound the false alarm rate over a whole search.

A live page asks again and again, and a test that is repeated often enough is significant some day.
So tests of chance are made at sizes that are laid down before: 10 ended trials, and each time a
quarter more, which is 32 looks up to 10,000 trials (with the looks at ends and resumptions 40 are
allowed for). `FAMILY`, the chance that a search of nothing but noise raises any of them, is divided
by the kinds, the looks and the hypotheses of one look (Bonferroni 1936): true whatever the
dependence between looks, and of the order of magnitude that the law of the iterated logarithm asks.
Failing regions have to be found early and spend a level of their own, the most of it at first; their
tests are of counts, so hypotheses that few failures can't make significant take no part in the division.
A finding that stands stays until its chance is a hundred times the level, so that it doesn't flicker.
"""

import math
from collections.abc import Sequence
from itertools import count
from typing import Final

FAMILY: Final = 0.05
# Boundary, unused, overfitting, lucky, stalled, too few epochs, underfitting, unstable
KINDS_OF_CHANCE: Final = 8
FAILURES: Final = 0.04
LOOKS: Final = 40
FIRST_LOOK: Final = 10
GROWTH: Final = 1.25
STICKY: Final = 100.0


def level(hypotheses: int, *, stands: bool = False) -> float:
    """What the chance of one hypothesis has to stay below at one look.

    stands: whether the same was found at the look before.
    """
    strict = FAMILY / KINDS_OF_CHANCE / LOOKS / max(1, hypotheses)
    return min(0.05, strict * STICKY) if stands else strict


def level_of_failures(ended: int, least: Sequence[float], *, stands: bool = False) -> float:
    """The same for failing regions, after so many ended trials; all looks sum up to 4 %.

    The share of the j-th size is 1 / (j (j + 1)), a series that sums to 1 (alpha spending, Lan and
    DeMets 1983). least: of each hypothesis, the least chance that it can have whichever trials fail.
    Those that can't reach the level can't raise a false alarm either, and aren't counted (Tarone 1990).
    """
    size, looks = FIRST_LOOK, 1
    while (size := math.ceil(size * GROWTH)) <= ended:
        looks += 1
    share = FAILURES / (looks * (looks + 1))
    strict = next(share / k for k in count(1) if sum(each <= share / k for each in least) <= k)
    return min(0.05, strict * STICKY) if stands else strict


def is_due(ended: int, before: int) -> bool:
    """Whether a search with so many ended trials is looked at, after a look at `before` of them."""
    return ended >= FIRST_LOOK and ended >= math.ceil(max(before, 1) * GROWTH)
