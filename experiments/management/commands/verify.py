"""`manage.py verify`: checks every stored file by its digest; exits 1 with what isn't whole."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from experiments import storage
from experiments.services.site.repairs import repair
from experiments.services.site.stored_files import holes, orphans
from experiments.services.site.sweep import OLD_SECONDS, sweep_files


class Command(BaseCommand):
    """Print holes and orphans; with --repair also what was done about them."""

    help = (
        "Check data, splits, models, predictions and bundles by their digests, and list files without "
        "a record; exit 1 if there is anything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --repair."""
        parser.add_argument(
            "--repair",
            action="store_true",
            help="make anew what can be made anew, and delete files of trials that have no record",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print and exit."""
        found = list(holes())
        if options["repair"]:
            for hole in found:
                done = repair(hole)
                if done:
                    self.stdout.write(done)
            for path in sweep_files():
                self.stdout.write(f"Deleted {storage.relative(path)}: no record refers to it.")
            found = list(holes())
        strange = orphans(time.time() - OLD_SECONDS)
        for hole in found:
            self.stdout.write(f"HOLE    {hole.words}")
        for path in strange:
            self.stdout.write(f"ORPHAN  No record refers to {storage.relative(path)}.")
        if found or strange:
            self.stdout.write(f"Holes: {len(found)}. Orphans: {len(strange)}.")
            sys.exit(1)
        self.stdout.write("All stored files are whole.")
