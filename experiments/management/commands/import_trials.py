"""`manage.py import_trials`: imports CSV, JSON-lines, Optuna and TensorBoard files."""

from argparse import ArgumentParser
from pathlib import Path

from experiments.interop.imported_search import ImportedSearch
from experiments.management.import_command import ImportCommand
from experiments.services.datasets.upload_files import limits
from experiments.services.imports.sources import Asked, read_any


class Command(ImportCommand):
    """`manage.py import_trials FILE --project SLUG [--dry-run]`."""

    help = (
        "Import trials from CSV, JSON-lines, an Optuna storage (SQLite) or "
        "TensorBoard event files."
    )
    source = "file"
    source_help = "the file, or a folder of event files; the format is detected"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--study", default="", help="study to import, if an Optuna storage has several"
        )

    def read(self, path: Path, asked: Asked) -> ImportedSearch:
        return read_any(path, path.resolve().name, asked, limits())
