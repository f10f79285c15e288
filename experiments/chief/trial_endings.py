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


def end_run(attempt: Attempt, told: WireTrial, *, is_first_word: bool = False) -> None:
    """Settle the trial by what was reported of it. Raises NotYours where it is not the script's any more.

    is_first_word: an earlier chief gave it out, and this one hears of the script for the first time.
    """
    if attempt.ended is not None:  # told again: the answer got lost
        return
    trial = Trial.objects.select_related("experiment").get(pk=attempt.trial_id)
    _learn_values(attempt, trial.experiment, told)
    if told.status == "COMPLETED":
        _complete(attempt, trial, told)
    elif told.status == "INVALID" and is_first_word:
        _give_out_again(attempt, trial)
    else:
        again = told.status == "INVALID" and _tries(trial) <= retries(trial.experiment)
        external_trials.tell_of(attempt, failed=Failed(FAILURE, again=again))


def _give_out_again(attempt: Attempt, trial: Trial) -> None:
    """A call that was under way when a chief died is an error in the script, and no error of its model.

    KerasTuner sends no text of an error, so a model that raised one just then looks the same and gets a
    further attempt as well. That one is of this chief, so it is the last.
    """
    try:
        release_trial(external_trials.lease_of(attempt), LOST)
    except Fenced as error:
        raise NotYours("The trial was released.", state=trial.state) from error
    conclude(trial.experiment_id)


def retries(experiment: Experiment) -> int:
    """How often a trial that raised an error is tried again."""
    return int(experiment.plan.get("retries", 0))


def _tries(trial: Trial) -> int:
    """Attempts that failed, the present one included."""
    failed = trial.attempts.filter(outcome=Attempt.Outcome.FAILED)
    return failed.count() + 1


def _learn_values(attempt: Attempt, experiment: Experiment, told: WireTrial) -> None:
    here = {there: name for name, there in names_there(experiment).items()}
    _, space = newest_space(experiment)
    values: dict[str, Value] = {}
    for name, value in told.values.items():
        row = here.get(name, name)
        if row in space:
            is_whole = space[row].kind == "int" and isinstance(value, float)
            values[row] = int(value) if is_whole and value == int(value) else value
    try:
        external_trials.learn_of(attempt, space, values)
    except SpaceError:
        return  # what no space can hold was told to people when its entries came


def _complete(attempt: Attempt, trial: Trial, told: WireTrial) -> None:
    recorded = trial.source.get("metrics", {})
    experiment = settle_or_ask(trial.experiment_id, list(recorded))
    direction: Direction = "maximize" if experiment.direction == "maximize" else "minimize"
    found = best(recorded, experiment.objective, direction)
    step = None if found is None else found.step
    lease = external_trials.lease_of(attempt)
    try:
        remember_ending(lease, _extra(told), step)
        stage = stage_of(experiment, trial)
        score = None if found is None else finite(found.metrics.get(experiment.objective))
        if stage is not None and not stage.is_last and score is not None:
            judge(lease, experiment, remember_rung(lease, stage.epochs, score))
            conclude(experiment.pk)
            return
        if stage is not None:
            record_end(lease, experiment, trial, stage, score)
        external_trials.tell_of(
            attempt,
            {} if found is None else found.metrics,
            best_epoch=None if step is None else step + 1,
        )
    except Fenced as error:
        raise NotYours("The trial was released.", state=trial.state) from error
    except ObjectiveMissing as missing:
        external_trials.tell_of(attempt, failed=Failed(str(missing), again=False))


def _extra(told: WireTrial) -> dict[str, Value]:
    """Values that no entry declares."""
    declared = {entry["config"]["name"] for entry in told.entries}
    return {name: value for name, value in told.values.items() if name not in declared}
