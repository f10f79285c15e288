"""`manage.py plan_values`: every value of a plan as the guide's tables, or as a JSON Schema."""

import json
from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand

from experiments.external_plan import ExternalPlan
from experiments.plan import ExperimentPlan
from experiments.search.json_schema import schema_document
from experiments.search.value_tables import tables

PLANS: Final = {"experiment": ExperimentPlan, "external": ExternalPlan}
TITLES: Final = {"experiment": "Experiments", "external": "Searches of external scripts"}


class Command(BaseCommand):
    """Print what plans declare."""

    help = "Print every value of a plan as Markdown tables, or the JSON Schema of a plan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which schema."""
        parser.add_argument("--schema", choices=PLANS, help="print the JSON Schema of this plan")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        if options["schema"]:
            document = schema_document(PLANS[options["schema"]])
            self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
            return
        pages = ("\n".join(tables(kind, title=TITLES[name])) for name, kind in PLANS.items())
        self.stdout.write("\n".join(pages))
