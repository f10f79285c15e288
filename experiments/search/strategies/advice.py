"""When each sampler is good and what it costs, for the form.

Times of a question are those of 10 hyperparameters at 50 and 1,000 trials on one core.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Advice:
    """Three short answers: what it is good for, how long a question takes, how many trials it needs."""

    good_for: str
    takes: str
    needs: str


ADVICE: Final[dict[str, Advice]] = {
    "auto": Advice("any search, if you don't know better", "as the chosen one", "any number"),
    "bayesian": Advice("up to some 300 trials of any space", "up to half a second", "more than 6"),
    "random_forest": Advice(
        "choices, deep conditions, regions that fail", "up to 0.1 s", "more than 6"
    ),
    "tpe": Advice("long searches, deep conditions", "10 to 50 ms", "best from 300 on"),
    "cmaes": Advice("numbers that act together", "up to 0.1 s", "200 or more"),
    "annealing": Advice("ranges with many steps, cheap trials", "2 to 30 ms", "about 50"),
    "evolution": Advice("large spaces of choices, noisy scores", "up to 0.1 s", "hundreds"),
    "quasi_random": Advice(
        "a first look, very few trials, or very many at once", "2 to 30 ms", "any number"
    ),
    "random": Advice("a baseline to compare with", "2 to 30 ms", "any number"),
    "grid": Advice(
        "small spaces of which you want to see all", "1 ms", "one for each combination"
    ),
}
