"""Handles the calls of KerasTuner's workers.

Every answer is one transaction or several that may stand alone: a chief that is killed between two of
them has lost nothing, and the next one continues from the database.

A connection identifies itself by the token of its first CreateTrial, or by the id of its trial, which
nobody can guess. What a script declares before that is kept until then.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from experiments.chief.hyperband_epochs import passed_rungs, restore_curve, stage_of
from experiments.chief.identity import identify
from experiments.chief.recent_values import RecentValues
from experiments.chief.refusals import Refused
from experiments.chief.trial_endings import end_run
from experiments.chief.wire_trials import IDLE, STOPPED, best_trials, key_of, wire_trial
from experiments.interop.keras_tuner.hyperparameters import UnknownKind
from experiments.interop.keras_tuner.message_conversion import (
    Entry,
    WireError,
    WireTrial,
    read_space,
    read_trial,
    write_space,
    write_trial,
)
from experiments.interop.keras_tuner.proto import message
from experiments.models import Attempt, Experiment, Trial
from experiments.services.external.keras_tuner_space import entries_of, learn_entries
from experiments.services.external.keras_tuner_trials import (
    begin_again,
    record_heartbeat,
    remember_metrics,
)
from experiments.services.external.searches import newest_space
from experiments.services.trials.leases import Fenced
from experiments.tuner import external_trials
from experiments.tuner.external_answers import (
    Ended,
    NotOutside,
    NotYours,
    TrialGiven,
    UnknownTrial,
    Wait,
)

UNBOUND: Final = (
    "Tuning Site doesn't know this connection: the chief restarted during the search. "
    "Call tuner.search() again (it returns at once), then repeat this call."
)
HEARTBEAT_SECONDS: Final = 5.0  # between two records of a script's last call

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Script:
    """A script by its experiment's key and its own name."""

    experiment: int
    worker: str


class CallHandlers:
    """One method for each call; safe in several threads. Methods block and may raise Refused.

    peer: the connection as gRPC names it ("ipv4:127.0.0.1:40312").
    """

    # Errors that pass: the same call is tried again.
    trouble: tuple[type[Exception], ...] = (OperationalError, InterfaceError)

    def __init__(self) -> None:
        self._scripts: RecentValues[Script] = RecentValues()  # by connection
        self._declared: RecentValues[tuple[Entry, ...]] = RecentValues()  # by connection
        # Answers to scripts by trial id, which they ask for once more before they report. Stopped and
        # released trials stay: a script learns of that when it reports.
        self._given: RecentValues[Any] = RecentValues()
        self._seen: dict[Script, tuple[float, bool]] = {}  # when a call was recorded, and `waits`

    def close_broken_connections(self) -> None:
        """Called before and after each call, in its thread: threads outlive database connections."""
        close_old_connections()

    def get_space(self, peer: str) -> Any:
        """All entries; none before the connection identified itself."""
        script = self._scripts.get(peer)
        entries: tuple[Entry, ...] = ()
        if script is not None:
            experiment = Experiment.objects.get(pk=script.experiment)
            entries = entries_of(experiment, newest_space(experiment)[1])
        return message("SpaceMessage", hyperparameters=write_space(entries, {}))

    def update_space(self, hyperparameters: Any, peer: str) -> Any:
        """Entries that a script declares before its first trial."""
        try:
            entries, _ = read_space(hyperparameters)
        except WireError as error:
            raise Refused("malformed", str(error)) from error
        script = self._scripts.get(peer)
        if script is None:
            self._declared.put(peer, entries)
        else:
            self._learn(script.experiment, entries)
        return message("Nothing")

    def create_trial(self, tuner_id: str, peer: str) -> Any:
        """A trial, or the end of the search; None: ask again."""
        caller = identify(tuner_id)
        script = Script(caller.experiment.pk, caller.worker)
        self._scripts.put(peer, script)
        declared = self._declared.pop(peer)
        if declared:
            self._learn(script.experiment, declared)
        try:
            answer = external_trials.ask(
                caller.experiment, worker=caller.worker, repeats_probe=True
            )
        except NotOutside as error:
            words = f"{error} Create an experiment for KerasTuner scripts, and use its token."
            raise Refused("token", words) from error
        self._record_call(script, peer, waits=isinstance(answer, Wait))
        if isinstance(answer, Wait):
            return None
        if isinstance(answer, Ended):
            return _trial_message(STOPPED)
        return self._give(answer)

    def idle_trial(self) -> Any:
        """Makes the script ask again."""
        return _trial_message(IDLE)

    def update_trial(self, request: Any, peer: str) -> Any:
        """Metrics of a step; ignored for a trial that was released, and the script continues."""
        self._given.pop(request.trial_id)
        attempt = self._attempt(request.trial_id, peer)
        if attempt.ended is None:
            try:
                lease = external_trials.lease_of(attempt)
                remember_metrics(lease, dict(request.metrics), int(request.step))
            except Fenced as error:
                log.info("trial %s: a report is ignored: %s", attempt.trial_id, error)
        return _trial_message(_as_it_stands(attempt))

    def end_trial(self, trial: Any, peer: str) -> Any:
        """The end of a trial, its space and its values."""
        try:
            ended = read_trial(trial)
        except WireError as error:
            raise Refused("malformed", str(error)) from error
        self._given.pop(ended.trial_id)
        attempt = _find(ended.trial_id)
        is_first_call = _script_of(attempt) not in self._seen
        self._learn(attempt.trial.experiment_id, ended.entries)
        try:
            with transaction.atomic():
                end_run(attempt, ended, is_first_call=is_first_call)
        except NotYours as error:
            log.info("trial %s: its end is ignored: %s", attempt.trial_id, error)
        self._bind(attempt, peer)  # not before: in trouble the same call comes here again
        return message("Nothing")

    def get_trial(self, trial_id: str, peer: str) -> Any:
        """The trial as it stands; before its first report as it was given."""
        given = self._given.get(trial_id)
        if given is not None:
            return given
        return _trial_message(_as_it_stands(self._attempt(trial_id, peer)))

    def get_best_trials(self, count: int, peer: str) -> Any:
        """Of the experiment that the connection belongs to."""
        script = self._scripts.get(peer)
        if script is None:
            raise Refused("token", UNBOUND)
        experiment = Experiment.objects.get(pk=script.experiment)
        trials = [write_trial(each) for each in best_trials(experiment, count)]
        return message("GetBestTrialsResponse", trials=trials)

    def _give(self, given: TrialGiven) -> Any:
        """The message of a given trial, which starts at its first epoch."""
        attempt = external_trials.find(given.key)
        lease = external_trials.lease_of(attempt)
        experiment = attempt.trial.experiment
        stage = stage_of(experiment, attempt.trial)
        extra = {} if stage is None else stage.values()
        begin_again(lease, {"worker": attempt.worker, "keras_tuner": True}, extra)
        restore_curve(lease, experiment, passed_rungs(attempt.trial))
        answer = _trial_message(_as_it_stands(attempt))
        self._given.put(answer.trial.trial_id, answer)
        return answer

    def _attempt(self, name: str, peer: str) -> Attempt:
        """The attempt of a trial's id, which also identifies the connection. Raises Refused."""
        attempt = _find(name)
        self._bind(attempt, peer)
        return attempt

    def _bind(self, attempt: Attempt, peer: str) -> None:
        script = self._scripts.get(peer)
        if script is None:
            script = _script_of(attempt)
            self._scripts.put(peer, script)
        self._record_call(script, peer, waits=False)

    def _record_call(self, script: Script, peer: str, *, waits: bool) -> None:
        """Record a script's heartbeat, every few seconds."""
        at, before = self._seen.get(script, (0.0, not waits))
        now = time.monotonic()
        if before != waits or now - at > HEARTBEAT_SECONDS:
            self._seen[script] = (now, waits)
            record_heartbeat(script.experiment, script.worker, host=_host(peer), waits=waits)

    def _learn(self, experiment_pk: int, entries: tuple[Entry, ...]) -> None:
        """Entries that no space can hold are left out: they must not end a script."""
        try:
            learn_entries(experiment_pk, entries)
        except UnknownKind as error:
            log.warning("experiment %s: hyperparameters are ignored: %s", experiment_pk, error)


def _find(name: str) -> Attempt:
    try:
        return external_trials.find(key_of(name))
    except UnknownTrial as error:
        raise Refused("unknown trial", f"There is no trial {name[:60]}.") from error


def _script_of(attempt: Attempt) -> Script:
    return Script(attempt.trial.experiment_id, attempt.worker)


def _host(peer: str) -> str:
    """Of "ipv4:127.0.0.1:40312" or "ipv6:%5B::1%5D:40312" the address."""
    return unquote(peer).partition(":")[2].rpartition(":")[0].strip("[]")


def _trial_message(trial: WireTrial) -> Any:
    return message("TrialMessage", trial=write_trial(trial))


def _as_it_stands(attempt: Attempt) -> WireTrial:
    trial = Trial.objects.select_related("experiment").get(pk=attempt.trial_id)
    return wire_trial(trial, trial.experiment, attempt.token.hex)
