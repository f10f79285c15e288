"""RQ entry points, named by dotted string; each calls one function. Room: jobs (an entry)."""

from experiments.tuner.preflight import try_plan
from experiments.tuner.seat import seated
from experiments.tuner.turn import take_turn


def run_next_trial(experiment_pk: int) -> None:
    """One turn of an experiment, in the worker's own process: its child is the isolation."""
    take_turn(experiment_pk, seated())


def run_preflight(preflight_pk: int) -> None:
    """Try a plan for a few batches, in children of this worker's pool."""
    try_plan(preflight_pk, seated())


def name_winner(experiment_pk: int) -> None:
    """Ask again which trial a search recommends, after people set some aside or took them back."""
    # As below: its models need numpy and scipy, and the web's jobs don't.
    from experiments.tuner import winner

    winner.name_winner(experiment_pk)


def prepare_dataset(version_pk: int) -> None:
    """Read an uploaded file, or make the arrays that were chosen from it."""
    # Trial workers load this module too, and have no use for pandas.
    from experiments.services.data_preparation import prepare

    prepare(version_pk)


def make_bundle(trial_pk: int) -> None:
    """Make the zip that people download of a trial."""
    # As above: the zip needs templates and arrays, a trial doesn't.
    from experiments.services import bundles

    bundles.make_bundle(trial_pk)


def check_bundle(trial_pk: int) -> None:
    """Run the self-test of a stored bundle again."""
    from experiments.services import bundles

    bundles.check_bundle(trial_pk)


def score_reveal(reveal_pk: int) -> None:
    """Score a look at the locked test rows."""
    # As above: scoring needs scikit-learn, a trial doesn't.
    from experiments.services import reveals

    reveals.score_reveal(reveal_pk)
