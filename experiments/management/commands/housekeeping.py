"""`manage.py housekeeping`: releases trials, requests missing turns, deletes old files."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from experiments.tuner.housekeeping import keep_house


class Command(BaseCommand):
    """Run until SIGTERM. One of these is enough; two do no harm."""

    help = "Release trials of unresponsive workers, request missing turns, delete old files."

    def handle(self, *args: Any, **options: Any) -> None:
        leaving = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: leaving.set())
        keep_house(leaving)
