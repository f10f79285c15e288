"""`manage.py export_keras_tuner`: exports an experiment as a KerasTuner project folder."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.interop.keras_tuner.export import how_to_continue, write_project
from experiments.management.experiment_argument import find_experiment
from experiments.reports.experiments.export import exported_search


class Command(BaseCommand):
    """`manage.py export_keras_tuner EXPERIMENT DIR`: the last line is one JSON object."""

    help = "Export an experiment as a KerasTuner project folder. The folder must be new or empty."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", help="the code in the experiment's address, or its key")
        parser.add_argument("dir", type=Path, help="the project's folder: DIRECTORY/PROJECT")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = find_experiment(options["experiment"])
        folder: Path = options["dir"]
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise CommandError(f"{folder} isn't empty. Choose a new or empty folder.")
        search = exported_search(experiment)
        files = write_project(search)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.stdout.write(how_to_continue(search))
        written = sum(name.endswith("trial.json") for name in files)
        best = search.best
        report = {
            "dir": str(folder),
            "trials": written,
            "left_out": len(search.trials) - written,
            "objective": search.objective,
            "direction": search.direction,
            "best_score": best.score if best else None,
            "best_values": best.values if best else None,
        }
        self.stdout.write(json.dumps(report))
