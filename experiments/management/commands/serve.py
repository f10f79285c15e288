"""`manage.py serve`: starts everything on this machine."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from experiments.stack.addresses import Address, host_header
from experiments.stack.progress import StartRefused
from experiments.stack.serving import Plan, serve


class Command(BaseCommand):
    """`make run` ends here."""

    help = "Start web server, workers, housekeeping and, unless REDIS_URL is set, Redis."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the environment and serve until a signal."""
        plan = Plan(
            folder=settings.BASE_DIR,
            data_dir=settings.DATA_DIR,
            address=Address(settings.HOST, settings.PORT),
            chief=Address(settings.CHIEF_HOST, settings.CHIEF_PORT)
            if settings.CHIEF_PORT
            else None,
            host_header=host_header(settings.ALLOWED_HOSTS),
            redis_url=os.environ.get("REDIS_URL", ""),
            slots=settings.SLOTS,
            sqlite=connection.vendor == "sqlite",
            log_format=os.environ.get("LOG_FORMAT", ""),
        )
        try:
            serve(plan)
        except StartRefused as refusal:
            raise SystemExit(f"{refusal}") from None
        # Taking this interpreter apart takes seconds on a busy machine, and nothing is left to do.
        sys.stdout.flush()
        os._exit(0)
