"""`manage.py worker_health`: health check of a worker in a container."""

import socket
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models.functions import Now

from experiments.models import Worker

SILENCE = timedelta(seconds=60)


class Command(BaseCommand):
    """Status 0 when a worker of the kind has shown itself within a minute."""

    help = "Exit 0 if a worker of this kind on this host has a current heartbeat."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=Worker.Kind.values)

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at the heartbeats, by the database's clock."""
        alive = Worker.objects.filter(
            kind=options["kind"], host=socket.gethostname(), heartbeat__gt=Now() - SILENCE
        )
        if not alive.exists():
            raise SystemExit(
                f"No {options['kind']} worker of this host sent a heartbeat within a minute."
            )
