"""`manage.py bench NAME`: measure this installation, print, one JSON object last.

The measuring is in `benchmarks/`; what needs TensorFlow runs in programs there.
"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from benchmarks.benches import BENCHES, UNMEASURED, add_arguments


class Command(BaseCommand):
    """Runs one bench; exit status 1 when it misses its target."""

    help = "Measure this installation: equality, start, memory, throughput, live, pages, data, search or evaluation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Those of each bench."""
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print. Raises: CommandError when a target is missed."""
        try:
            figures = BENCHES[options["bench"]](options)
        except UNMEASURED as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(figures))
        if figures.get("passed") is False:
            raise CommandError(f"bench {options['bench']} missed its target")
