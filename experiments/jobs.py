"""RQ entry points, named by dotted string; each calls one function. Room: jobs (an entry)."""

from experiments.tuner.seat import seated
from experiments.tuner.turn import take_turn


def run_next_trial(experiment_pk: int) -> None:
    """One turn of an experiment, in the worker's own process: its child is the isolation."""
    take_turn(experiment_pk, seated())
