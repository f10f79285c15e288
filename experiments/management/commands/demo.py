"""`manage.py demo`: an end-to-end run without interaction, by a visitor of `benchmarks/demo/`."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from benchmarks.demo.visitor import PageRefused
from benchmarks.demo.walk import run_demo
from experiments.stack.progress import StartRefused, say


class Command(BaseCommand):
    """`make demo` ends here."""

    help = (
        "Start a site of its own, search on MNIST through the web forms, predict with the winner."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; status 1 and one line when a step fails."""
        began = time.monotonic()
        try:
            run_demo(settings.BASE_DIR, slots=settings.SLOTS)
        except (StartRefused, PageRefused) as refusal:
            raise SystemExit(f"{refusal}") from None
        say(f"\nThe demo took {time.monotonic() - began:.0f} s.")
