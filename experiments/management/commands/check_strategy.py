"""`manage.py check_strategy`: tests a custom sampler or pruner against its contract."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.search.plugins import PluginError, read_file
from experiments.search.pruner_rules import PRUNER_RULES
from experiments.search.sampler_rules import SAMPLER_RULES


class Command(BaseCommand):
    """`manage.py check_strategy PATH`: exit 1 when a rule is broken."""

    help = "Check a file with a sampler, pruner or tuner against the contract."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the file with the class")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plugin = read_file(options["path"])
        except PluginError as error:
            raise CommandError(f"{options['path'].name} can't be used. {error}") from error
        rules: tuple[tuple[str, Callable[[Any], bool]], ...] = (
            SAMPLER_RULES if plugin.role == "sampler" else PRUNER_RULES
        )
        strategy = plugin.kind()
        broken = 0
        self.stdout.write(f"{plugin.role} {plugin.kind.slug}: {plugin.kind.label}")
        for words, rule in rules:
            why = _broken(rule, strategy)
            broken += why is not None
            self.stdout.write(f"  {'ok    ' if why is None else 'BROKEN'}  {words}{why or ''}")
        if broken:
            sys.exit(1)


def _broken(rule: Callable[[Any], bool], strategy: Any) -> str | None:
    """None where the rule holds; else what was raised, if anything was."""
    try:
        return None if rule(strategy) else ""
    except Exception as error:  # custom code may raise anything
        return f" ({type(error).__name__}: {error})"
