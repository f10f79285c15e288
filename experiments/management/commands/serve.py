"""Management: start everything on this machine."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from experiments.stack.addresses import Address
from experiments.stack.refusal import StartRefused
from experiments.stack.serving import Plan, serve


class Command(BaseCommand):
    """`make run` ends here."""

    help = "Start web server, workers, housekeeping and (unless REDIS_URL is set) Redis."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the environment and serve until a signal."""
        hosts = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
        plan = Plan(
            folder=settings.BASE_DIR,
            data_dir=settings.DATA_DIR,
            address=Address(settings.HOST, settings.PORT),
            host_header=hosts[0] if hosts else "localhost",
            redis_url=os.environ.get("REDIS_URL", ""),
            slots=settings.SLOTS,
            sqlite=connection.vendor == "sqlite",
        )
        try:
            serve(plan)
        except StartRefused as refusal:
            raise SystemExit(f"{refusal}") from None
