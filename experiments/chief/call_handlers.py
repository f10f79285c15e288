"""Handles the calls of KerasTuner's workers.

Every answer is one transaction or several that may stand alone: a chief that is killed between two of
them has lost nothing, and the next one goes on from the database.
"""

import logging
import time
from typing import Any, Final
from urllib.parse import unquote

from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from experiments.chief.connections import Connections, Script
from experiments.chief.handed_trials import Begun
from experiments.chief.hyperband_epochs import passed_rungs, restore_curve, stage_of
from experiments.chief.identity import identify
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
    Asked,
    Ended,
    NotOutside,
    NotYours,
    UnknownTrial,
    Wait,
)

UNBOUND: Final = (
    "Tuning Site doesn't know this connection: the chief restarted during the search. "
    "Call tuner.search() again (it returns at once), then repeat this call."
)
HEARD_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


class Desk:
    """The one of the server; many threads ask it at once."""

    trouble: tuple[type[Exception], ...] = (OperationalError, InterfaceError)

    def __init__(self) -> None:
        self._connections = Connections()
        self._begun = Begun()
        self._heard: dict[Script, tuple[float, bool]] = {}

    def tend(self) -> None:
        """Threads outlive questions: a connection that broke must not be used again."""
        close_old_connections()

    def get_space(self, peer: str) -> Any:
        """All entries; none before the connection said whose it is."""
        script = self._connections.script_of(peer)
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
        script = self._connections.script_of(peer)
        if script is None:
            self._connections.declare(peer, entries)
        else:
            self._learn(script.experiment, entries)
        return message("Nothing")

    def create_trial(self, tuner_id: str, peer: str) -> Any:
        """A trial, or the end of the search; None: ask again."""
        caller = identify(tuner_id)
        script = Script(caller.experiment.pk, caller.worker)
        self._connections.bind(peer, script)
        declared = self._connections.take_declared(peer)
        if declared:
            self._learn(script.experiment, declared)
        try:
            answer = external_trials.ask(
                caller.experiment, worker=caller.worker, repeats_probe=True
            )
        except NotOutside as error:
            words = f"{error} Create an experiment for KerasTuner scripts, and use its token."
            raise Refused("token", words) from error
        self._hear(script, peer, waits=isinstance(answer, Wait))
        if isinstance(answer, Wait):
            return None
        if isinstance(answer, Ended):
            return _said(STOPPED)
        return self._given(answer)

    def idle_trial(self) -> Any:
        """Makes the script ask again."""
        return _said(IDLE)

    def update_trial(self, request: Any, peer: str) -> Any:
        """Metrics of a step. Of a trial that was taken away they are left out, and the script goes on."""
        self._begun.forget(request.trial_id)
        attempt = self._attempt(request.trial_id, peer)
        if attempt.ended is None:
            try:
                lease = external_trials.lease_of(attempt)
                remember_metrics(lease, dict(request.metrics), int(request.step))
            except Fenced as error:
                log.info("trial %s: a report is ignored: %s", attempt.trial_id, error)
        return _said(_as_it_stands(attempt))

    def end_trial(self, trial: Any, peer: str) -> Any:
        """The end of a trial, its space and its values."""
        try:
            told = read_trial(trial)
        except WireError as error:
            raise Refused("malformed", str(error)) from error
        self._begun.forget(told.trial_id)
        attempt = _find(told.trial_id)
        is_first_word = _script_of(attempt) not in self._heard
        self._learn(attempt.trial.experiment_id, told.entries)
        try:
            with transaction.atomic():
                end_run(attempt, told, is_first_word=is_first_word)
        except NotYours as error:
            log.info("trial %s: its end is ignored: %s", attempt.trial_id, error)
        self._bind(attempt, peer)  # not before: in trouble the same call comes here again
        return message("Nothing")

    def get_trial(self, trial_id: str, peer: str) -> Any:
        """The trial as it stands; before its first report that is what was given out."""
        begun = self._begun.get(trial_id)
        if begun is not None:
            return begun
        return _said(_as_it_stands(self._attempt(trial_id, peer)))

    def get_best_trials(self, count: int, peer: str) -> Any:
        """Of the experiment that the connection belongs to."""
        script = self._connections.script_of(peer)
        if script is None:
            raise Refused("token", UNBOUND)
        experiment = Experiment.objects.get(pk=script.experiment)
        trials = [write_trial(each) for each in best_trials(experiment, count)]
        return message("GetBestTrialsResponse", trials=trials)

    def _given(self, asked: Asked) -> Any:
        """The trial that was given out, begun from its first epoch."""
        attempt = external_trials.find(asked.key)
        lease = external_trials.lease_of(attempt)
        experiment = attempt.trial.experiment
        stage = stage_of(experiment, attempt.trial)
        extra = {} if stage is None else stage.values()
        begin_again(lease, {"worker": attempt.worker, "keras_tuner": True}, extra)
        restore_curve(lease, experiment, passed_rungs(attempt.trial))
        answer = _said(_as_it_stands(attempt))
        self._begun.keep(answer.trial.trial_id, answer)
        return answer

    def _attempt(self, name: str, peer: str) -> Attempt:
        """Of a trial's id, which says as well whose connection this is. Raises Refused."""
        attempt = _find(name)
        self._bind(attempt, peer)
        return attempt

    def _bind(self, attempt: Attempt, peer: str) -> None:
        script = self._connections.script_of(peer)
        if script is None:
            script = _script_of(attempt)
            self._connections.bind(peer, script)
        self._hear(script, peer, waits=False)

    def _hear(self, script: Script, peer: str, *, waits: bool) -> None:
        """Note that it was heard, every few seconds."""
        at, before = self._heard.get(script, (0.0, not waits))
        now = time.monotonic()
        if before != waits or now - at > HEARD_SECONDS:
            self._heard[script] = (now, waits)
            record_heartbeat(script.experiment, script.worker, host=_host(peer), waits=waits)

    def _learn(self, experiment_pk: int, entries: tuple[Entry, ...]) -> None:
        """What can't be held is left out: it must not end a script."""
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


def _said(trial: WireTrial) -> Any:
    return message("TrialMessage", trial=write_trial(trial))


def _as_it_stands(attempt: Attempt) -> WireTrial:
    trial = Trial.objects.select_related("experiment").get(pk=attempt.trial_id)
    return wire_trial(trial, trial.experiment, attempt.token.hex)
