"""Handles the end of a KerasTuner trial."""

from typing import Final

from experiments.chief.hyperband_epochs import judge, record_end, stage_of
from experiments.interop.imported_search import finite
from experiments.interop.keras_tuner.message_conversion import WireTrial
from experiments.interop.keras_tuner.observations import best
from experiments.models import Attempt, Experiment, Trial
from experiments.search.history import Direction, Value
from experiments.search.problems import SpaceError
from experiments.services.experiments.ending import conclude
from experiments.services.experiments.objective_choice import settle_or_ask
from experiments.services.external.keras_tuner_space import names_there
from experiments.services.external.keras_tuner_trials import remember_ending, remember_rung
from experiments.services.external.searches import newest_space
from experiments.services.external.trials import ObjectiveMissing
from experiments.services.trials.leases import Fenced
from experiments.services.trials.lifecycle import release_trial
from experiments.tuner import external_trials
from experiments.tuner.external_answers import Failed, NotYours

FAILURE: Final = "The worker reported a failure. KerasTuner does not transmit the traceback: see the worker's console."

LOST: Final = (
    "the chief restarted, so the script lost a call and abandoned the trial. It will run again."
)


def end_run(attempt: Attempt, ended: WireTrial, *, is_first_call: bool = False) -> None:
    """Settle the trial as reported. Raises NotYours where it is no longer the script's.

    is_first_call: of the script to this chief; an earlier chief gave it the trial.
    """
    if attempt.ended is not None:  # reported again: the answer got lost
        return
    trial = Trial.objects.select_related("experiment").get(pk=attempt.trial_id)
    _learn_values(attempt, trial.experiment, ended)
    if ended.status == "COMPLETED":
        _complete(attempt, trial, ended)
    elif ended.status == "INVALID" and is_first_call:
        _give_again(attempt, trial)
    else:
        again = ended.status == "INVALID" and _tries(trial) <= retries(trial.experiment)
        external_trials.tell(attempt, failed=Failed(FAILURE, again=again))


def _give_again(attempt: Attempt, trial: Trial) -> None:
    """A call under way when a chief died is an error in the script, but not of its model.

    KerasTuner sends no text of an error, so a model that raised one just then looks the same and gets
    another attempt as well. That one is of this chief, so it is the last.
    """
    try:
        release_trial(external_trials.lease_of(attempt), LOST)
    except Fenced as error:
        raise NotYours("The trial was released.", state=trial.state) from error
    conclude(trial.experiment_id)


def retries(experiment: Experiment) -> int:
    """How often a trial that raised an error is retried."""
    return int(experiment.plan.get("retries", 0))


def _tries(trial: Trial) -> int:
    """Attempts that failed, the present one included."""
    failed = trial.attempts.filter(outcome=Attempt.Outcome.FAILED)
    return failed.count() + 1


def _learn_values(attempt: Attempt, experiment: Experiment, ended: WireTrial) -> None:
    here = {there: name for name, there in names_there(experiment).items()}
    _, space = newest_space(experiment)
    values: dict[str, Value] = {}
    for name, value in ended.values.items():
        row = here.get(name, name)
        if row in space:
            is_whole = space[row].kind == "int" and isinstance(value, float)
            values[row] = int(value) if is_whole and value == int(value) else value
    try:
        external_trials.learn(attempt, space, values)
    except SpaceError:
        return  # people saw why when its entries came


def _complete(attempt: Attempt, trial: Trial, ended: WireTrial) -> None:
    recorded = trial.source.get("metrics", {})
    experiment = settle_or_ask(trial.experiment_id, list(recorded))
    direction: Direction = "maximize" if experiment.direction == "maximize" else "minimize"
    found = best(recorded, experiment.objective, direction)
    step = None if found is None else found.step
    lease = external_trials.lease_of(attempt)
    try:
        remember_ending(lease, _extra(ended), step)
        stage = stage_of(experiment, trial)
        score = None if found is None else finite(found.metrics.get(experiment.objective))
        if stage is not None and not stage.is_last and score is not None:
            judge(lease, experiment, remember_rung(lease, stage.epochs, score))
            conclude(experiment.pk)
            return
        if stage is not None:
            record_end(lease, experiment, trial, stage, score)
        external_trials.tell(
            attempt,
            {} if found is None else found.metrics,
            best_epoch=None if step is None else step + 1,
        )
    except Fenced as error:
        raise NotYours("The trial was released.", state=trial.state) from error
    except ObjectiveMissing as missing:
        external_trials.tell(attempt, failed=Failed(str(missing), again=False))


def _extra(ended: WireTrial) -> dict[str, Value]:
    """Values that no entry declares."""
    declared = {entry["config"]["name"] for entry in ended.entries}
    return {name: value for name, value in ended.values.items() if name not in declared}
