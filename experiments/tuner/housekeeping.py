"""The housekeeping loop: reaper, reconciler and sweeper in a process of their own.

A loop instead of scheduled jobs, because it must run without Redis.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from experiments import queues
from experiments.models import Experiment, Place, Worker
from experiments.services.datasets.uploads import sweep_uploads
from experiments.services.experiments.data_pauses import continue_restored
from experiments.services.experiments.preflights import end_lost_preflights
from experiments.services.experiments.reports import forget_deleted_reports
from experiments.services.experiments.winner import ask_for_promises
from experiments.services.imports.import_jobs import resume_imports
from experiments.services.site.background_jobs import request_lost_jobs
from experiments.services.site.file_cleanup import keep_house_rules
from experiments.services.site.reconcile import (
    Missing,
    end_outside,
    request_missing_turns,
    settle_requests,
)
from experiments.services.site.sweep import sweep_files
from experiments.services.site.workers import Pulse, forget_silent_workers, worker_name
from experiments.services.trials.expired_leases import Watch, release_stale
from experiments.tuner.findings import look_over
from experiments.tuner.heartbeat import Heartbeat
from experiments.tuner.winner import name_winner

LATELY: Final = timedelta(minutes=10)


def look_after() -> None:
    """End searches that are over; name winners and look for findings where something happened lately."""
    end_outside()
    changed = Experiment.objects.filter(place=Place.ELSEWHERE, updated__gt=Now() - LATELY)
    for pk in changed.exclude(best_trial=None).values_list("pk", flat=True):
        name_winner(pk)
        look_over(pk)


SLOWEST_ROUND_SECONDS = 2.5
SWEEP_SECONDS = 600.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Housekeeping:
    """What one process remembers between its rounds."""

    watch: Watch = field(default_factory=Watch)
    missing: Missing = field(default_factory=Missing)
    swept: float = field(default_factory=time.monotonic)
    completed: int = 0  # the last search whose winner of an earlier version was completed
    detail: str = ""

    def round(self) -> None:
        """Do every task once; one that fails doesn't stop the others."""
        self._try("reaper", lambda: release_stale(self.watch))
        self._try("requests", settle_requests)
        self._try("restored data", continue_restored)
        self._try("external trials", look_after)
        self._try("reconciler", lambda: request_missing_turns(self.missing))
        self._try("background jobs", request_lost_jobs)
        self._try("imports", resume_imports)
        if time.monotonic() - self.swept > SWEEP_SECONDS:
            self.swept = time.monotonic()
            self._try("winners of earlier versions", self._complete_winners)
            self._try("keeper", keep_house_rules)
            self._try("sweeper", sweep_files)
            self._try("preflights", end_lost_preflights)
            self._try("upload sweeper", sweep_uploads)
            self._try("workers", forget_silent_workers)
            self._try("deleted reports", forget_deleted_reports)

    def _complete_winners(self) -> None:
        self.completed = ask_for_promises(self.completed)

    def _try(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except queues.QueueUnreachable as error:
            self.detail = "Redis doesn't respond"
            log.warning("%s: Redis doesn't respond: %s", name, error)
        except (DatabaseError, InterfaceError) as error:
            log.warning("%s: the database doesn't respond: %s", name, error)
            connection.close()
        except OSError as error:
            log.warning("%s: %s", name, error)
        else:
            if name == "reconciler":
                self.detail = ""


def round_seconds() -> float:
    """Twelve rounds a lease: a dead worker keeps a trial for a lease and two rounds at most."""
    return min(SLOWEST_ROUND_SECONDS, float(settings.LEASE_SECONDS) / 12)


def keep_house(leaving: threading.Event) -> None:
    """Round after round until a signal."""
    house = Housekeeping()
    kind = Worker.Kind.HOUSEKEEPING
    heartbeat = Heartbeat(worker_name(kind), kind, lambda: Pulse(detail=house.detail))
    heartbeat.start()
    while not leaving.is_set():
        house.round()
        leaving.wait(round_seconds())
    heartbeat.stop()
