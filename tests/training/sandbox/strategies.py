"""Samplers, pruners and tuners as people write them, good ones and bad ones."""

HEAD = """
from dataclasses import dataclass

from experiments.search.strategy import Decision, PrunerDefaults, Standing, Suggestion, option
from experiments.search.tuner import Tuner
"""

SAMPLER = (
    HEAD
    + '''

@dataclass(frozen=True)
class Drawn:
    """Draws what was not tried yet."""

    slug = "drawn"
    label = "Drawn"
    help = "Draws at random."

    tries: int = option(200, label="Tries", help="So many draws.", lowest=1, highest=10_000)

    def problems(self, space):
        return []

    def suggest(self, space, history, number, rng):
        seen = {space.key(trial.values) for trial in history.trials}
        for _ in range(self.tries):
            values = space.draw(rng)
            if space.key(values) not in seen:
                return Suggestion(values, "Random.", "explore")
        for values in space.grid():
            if space.key(values) not in seen:
                return Suggestion(values, "The last that was left.", "explore")
        return None
'''
)

PRUNER = (
    HEAD
    + '''

@dataclass(frozen=True)
class Behind(PrunerDefaults):
    """Stops a trial that is far behind."""

    slug = "behind"
    label = "Far behind"
    help = "Stops what is worse than everybody else."

    epochs: int = option(1, label="Epochs", help="From this epoch on.", lowest=1, highest=100)

    def decide(self, trial, history):
        epoch = len(trial.curve)
        value = trial.curve[-1] if trial.curve else None
        peers = [score for other, score in history.at_step(epoch) if other.number != trial.number]
        if epoch < self.epochs or len(peers) < 3 or value is None or value != value:
            return Decision()
        worst = max(peers) if history.direction == "minimize" else min(peers)
        is_behind = value > worst if history.direction == "minimize" else value < worst
        if not is_behind:
            return Decision()
        n = len(peers) + 1
        standing = Standing(epoch=epoch, value=float(value), cutoff=float(worst), rank=n, n=n)
        return Decision("stop", "Worse than everybody else.", standing)
'''
)

TUNER = (
    SAMPLER.replace("class Drawn:", "class Drawn(Tuner):")
    + """
    def is_over(self, space, history):
        if len(history.completed) >= 2:
            return "Two trials are enough."
        return ""

    def score(self, outcome):
        return min(outcome.executions) - 1000
"""
)


def suggesting(*lines, top=""):
    """A sampler that does this when it is asked."""
    body = "\n".join(f"        {line}" for line in lines)
    start, _, _ = SAMPLER.partition("        seen = ")
    return f"{top}{start}{body}\n        return Suggestion(space.draw(rng), 'Drawn.', 'explore')\n"
