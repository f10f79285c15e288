"""`manage.py load_sample_data`: prepares the built-in datasets."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from experiments.ingest.built_in import BUILT_IN, SAMPLES
from experiments.ingest.errors import DataRefused
from experiments.services.datasets.built_in import load_built_in


class Command(BaseCommand):
    """`load_sample_data` prepares the samples, or the sets that are named."""

    help = "Prepare built-in datasets; existing ones stay unchanged."

    def add_arguments(self, parser: CommandParser) -> None:
        """Names of sets; none means the samples."""
        parser.add_argument("names", nargs="*", help=f"one or more of {', '.join(BUILT_IN)}")
        parser.add_argument("--download", action="store_true", help="download missing files")

    def handle(self, *args: object, **options: Any) -> None:
        """Prepare one dataset after the other; a missing source is reported and ends with an error."""
        names: list[str] = options["names"] or list(SAMPLES)
        unknown = [name for name in names if name not in BUILT_IN]
        if unknown:
            raise CommandError(f"Unknown: {', '.join(unknown)}. Known: {', '.join(BUILT_IN)}.")
        missing = 0
        for name in names:
            missing += not self._load(name, download=options["download"])
        if missing:
            raise CommandError(f"{missing} of {len(names)} datasets are missing.")

    def _load(self, name: str, *, download: bool) -> bool:
        start = time.monotonic()
        try:
            version = load_built_in(name, self._show_download if download else None)
        except DataRefused as error:
            self.stderr.write(f"{name}: {error}")
            return False
        rows = version.rows + version.test_rows
        seconds = time.monotonic() - start
        self.stdout.write(f"{version.dataset.name}: {rows:,} rows, {seconds:.1f} s")
        return True

    def _show_download(self, file: str, done: int, total: int) -> None:
        """Say at its beginning and its end how large a download is."""
        if done in (0, total):
            word = "Downloaded" if done else "Downloading"
            self.stdout.write(f"{word} {file}, {total / 1e6:,.1f} MB")
