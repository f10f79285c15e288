"""`manage.py chief`: unmodified KerasTuner scripts become workers of experiments here."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from experiments.chief.process import run_chief


class Command(BaseCommand):
    """Run until SIGTERM. One of these is enough; a second one waits for the port."""

    help = "Serve KerasTuner's distributed protocol at CHIEF_HOST and CHIEF_PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        run_chief(settings.CHIEF_HOST, settings.CHIEF_PORT)
