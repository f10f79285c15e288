"""`manage.py first_run`: prepares a data folder without starting anything."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from experiments.stack import first_run
from experiments.stack.data_folder import prepare_data_folder
from experiments.stack.progress import StartRefused


class Command(BaseCommand):
    """Key, tables, static files, first administrator, sample data; each only when it is missing."""

    help = "Prepare the data folder and the database; print the first administrator's password."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prepare_data_folder(settings.DATA_DIR, sqlite=connection.vendor == "sqlite")
            first_run.prepare(settings.DATA_DIR)
        except StartRefused as refusal:
            raise SystemExit(f"{refusal}") from None
