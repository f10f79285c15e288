"""`manage.py check_invariants`: checks nine invariants; exits 1 with the violating rows."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from experiments.services.site.invariants import INVARIANTS, broken_invariants


class Command(BaseCommand):
    """Say for each invariant whether it holds."""

    help = "Check that records, files and processes agree; exit 1 and list the rows otherwise."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = broken_invariants()
        for name, check in INVARIANTS.items():
            rule = (check.__doc__ or "").removeprefix(f"{name}: ")
            self.stdout.write(f"{name} {'BROKEN' if name in broken else 'ok    '} {rule}")
            for row in broken.get(name, []):
                self.stdout.write(f"   {row}")
        if broken:
            sys.exit(1)
