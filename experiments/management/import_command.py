"""Shared parts of the import commands."""

import json
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.interop.imported_search import ImportedSearch, ImportRefused, strict
from experiments.models import Project
from experiments.search.history import DIRECTIONS
from experiments.services.imports.recognition import Outcome, recognise
from experiments.services.imports.sources import Asked
from experiments.tuner.imports import import_and_recommend


class ImportCommand(BaseCommand, ABC):
    """Reads a search, prints its report, and imports it unless it is a dry run."""

    source: str  # the positional argument
    source_help: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(self.source, type=Path, help=self.source_help)
        parser.add_argument("--project", required=True, metavar="SLUG", help="target project")
        parser.add_argument(
            "--name", default="", help="name of the experiment; default: the source's"
        )
        parser.add_argument("--objective", default="", help="objective")
        parser.add_argument("--direction", choices=DIRECTIONS, help="direction of the objective")
        parser.add_argument(
            "--dry-run", action="store_true", help="show the report, store nothing"
        )

    @abstractmethod
    def read(self, path: Path, asked: Asked) -> ImportedSearch:
        """The search at the path. Raises ImportRefused."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, report, import; the last line is one JSON object."""
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}.")
        path: Path = options[self.source]
        if not path.exists():
            raise CommandError(f"There is no file or folder {path}.")
        asked = Asked(options["objective"], options["direction"], options.get("study") or "")
        try:
            search = self.read(path, asked)
        except ImportRefused as error:
            hint = f" Add --{error.field}." if error.field else ""
            raise CommandError(f"{error}{hint}") from error
        for each in search.skipped:
            self.stdout.write(f"Skipped {each.name}: {each.why}")
        for note in search.notes:
            self.stdout.write(note)
        report = {
            **search.report(),
            "dry_run": options["dry_run"],
            **self._store(project, search, options),
        }
        self.stdout.write(json.dumps(strict(report)))

    def _store(
        self, project: Project, search: ImportedSearch, options: dict[str, Any]
    ) -> dict[str, Any]:
        if options["dry_run"]:
            outcome = Outcome.of(search, recognise(project, search))
            return {"experiment": outcome.known or None, **_counts(outcome)}
        done = import_and_recommend(project, search, by=None, name=options["name"])
        self.stdout.write(done.text)
        return {"experiment": str(done.experiment.code), **_counts(done.outcome)}


def _counts(outcome: Outcome) -> dict[str, Any]:
    """As JSON; the report of the search has what is skipped."""
    found = asdict(outcome)
    del found["skipped"]
    return found | {"known": bool(outcome.known), "alike": outcome.alike or None}
