"""`manage.py import_keras_tuner`: imports a KerasTuner project."""

from pathlib import Path

from experiments.interop.imported_search import ImportedSearch
from experiments.management.import_command import ImportCommand
from experiments.services.datasets.upload_files import limits
from experiments.services.imports.sources import Asked, read_keras_tuner


class Command(ImportCommand):
    """`manage.py import_keras_tuner DIR --project SLUG [--dry-run]`."""

    help = "Import a KerasTuner project folder (or zip) as an experiment. No code is run."
    source = "dir"
    source_help = "the project folder with oracle.json, or a zip of it"

    def read(self, path: Path, asked: Asked) -> ImportedSearch:
        return read_keras_tuner(path, path.resolve().stem, asked, limits())
