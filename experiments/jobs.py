"""RQ entry points, referred to by dotted name; each calls one function."""

from experiments.tuner.preflight import try_plan
from experiments.tuner.turn import take_turn
from experiments.tuner.worker_context import current_context


def run_next_trial(experiment_pk: int) -> None:
    """One turn of an experiment, in the worker's own process: its child is the isolation."""
    take_turn(experiment_pk, current_context())


def run_preflight(preflight_pk: int) -> None:
    """Try a plan for a few batches, in children of this worker's pool."""
    try_plan(preflight_pk, current_context())


def name_winner(experiment_pk: int) -> None:
    """Recommend a search's winner again, after people set trials aside or included them again."""
    # As below: its models need numpy and scipy, and the web's jobs don't.
    from experiments.tuner import findings, winner

    winner.name_winner(experiment_pk)
    findings.look_over(experiment_pk)


def complete_winner(experiment_pk: int) -> None:
    """Add to a winner of an earlier version what is told of winners since."""
    from experiments.tuner import findings, winner

    winner.complete_winner(experiment_pk)
    findings.look_over(experiment_pk)


def read_code(version_pk: int) -> None:
    """Read the search space of custom code, in the sandbox."""
    from experiments.tuner import code_reading

    code_reading.read_code(version_pk)


def fetch_code(fetch_pk: int) -> None:
    """Fetch a file of a Git repository that is to become a version of code."""
    from experiments.services.code import fetches

    fetches.fetch(fetch_pk)


def check_code(version_pk: int) -> None:
    """Check the parts of custom code against their contracts, in the sandbox."""
    from experiments.tuner import code_reading

    code_reading.check_code(version_pk)


def run_script(experiment_pk: int) -> None:
    """Run a pasted script to its end, with the results of its search."""
    from experiments.tuner import script_output

    script_output.run_script(experiment_pk)


def warm_sandbox(project_pk: int) -> None:
    """Warm the sandbox before a reading is requested."""
    from experiments.tuner import code_reading

    code_reading.warm_up(project_pk)


def prepare_dataset(version_pk: int) -> None:
    """Read an uploaded file, or make the arrays that were chosen from it."""
    # Trial workers load this module too, and have no use for pandas.
    from experiments.services.datasets.preparation import prepare

    prepare(version_pk)


def make_bundle(trial_pk: int) -> None:
    """Make the zip that people download of a trial."""
    # As above: the zip needs templates and arrays, a trial doesn't.
    from experiments.services.bundles import bundles

    bundles.make_bundle(trial_pk)


def check_bundle(trial_pk: int) -> None:
    """Run the self-test of a stored bundle again."""
    from experiments.services.bundles import bundles

    bundles.check_bundle(trial_pk)


def score_reveal(reveal_pk: int) -> None:
    """Score a reveal on the locked test set."""
    # As above: scoring needs scikit-learn, a trial doesn't.
    from experiments.services.experiments import reveals

    reveals.score_reveal(reveal_pk)


def run_import(file: str) -> None:
    """Import a large search."""
    # As above.
    from experiments.tuner import imports

    imports.run_import(file)


def give_up(job: str, key: int) -> None:
    """Record that a background job was interrupted too often."""
    from experiments.tuner import given_up

    given_up.give_up(job, key)
