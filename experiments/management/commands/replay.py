"""`manage.py replay`: derives every suggestion of a search again and compares it."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.management.experiment_argument import find_experiment
from experiments.reports.sampling.replay import replay
from experiments.search.strategies.registry import UnknownStrategy
from experiments.search.strategy import OptionsError
from experiments.training.strategy_client import AskFailed
from experiments.tuner import custom_strategies


class Command(BaseCommand):
    """`manage.py replay EXPERIMENT`: the experiment's code (its address) or its number."""

    help = "Derive every suggestion of a search again; exit 1 if one differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", help="the code in the experiment's address, or its key")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = find_experiment(options["experiment"])
        try:
            found = replay(experiment, custom_strategies.sampler_of)
        except (UnknownStrategy, OptionsError, AskFailed) as error:
            raise CommandError(str(error)) from error
        finally:
            custom_strategies.close()
        share = f"{found.equal / found.repeated:.0%}" if found.repeated else "no suggestions"
        self.stdout.write(
            f"{experiment.name}: {found.equal} of {found.repeated} suggestions equal, {share}"
        )
        if found.first is not None:
            self.stdout.write(f"Trial {found.first.number} was {found.first.recorded}")
            again = "exhausted" if found.first.again is None else found.first.again
            self.stdout.write(f"and is now {again}")
            sys.exit(1)
