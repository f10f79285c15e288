"""`manage.py trial_worker`: runs trials, each in a child of a warm pool."""

from typing import Any

from django.core.management.base import BaseCommand

from experiments.services.code.sandbox_status import isolation_here, isolation_words
from experiments.tuner.worker import work_on_trials
from experiments.tuner.worker_pools import WorkerPool


class Command(BaseCommand):
    """Run until SIGTERM; a running trial is then handed back within seconds."""

    help = "Run trials, one at a time. Start one worker for each parallel trial."

    def handle(self, *args: Any, **options: Any) -> None:
        isolation = isolation_here()
        work_on_trials(WorkerPool.new(isolation), isolation_words(isolation))
