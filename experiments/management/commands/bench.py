"""`manage.py bench equality|start|memory|throughput`: measure, print, one JSON object last.

Room: management. The measuring is in `benchmarks/`; what needs TensorFlow runs in programs there.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from benchmarks import equality, memory, start, throughput

Options = dict[str, Any]


def _throughput(options: Options) -> dict[str, Any]:
    return throughput.measure(
        options["data"],
        trials=options["trials"],
        executions=options["executions"],
        epochs=options["epochs"],
        slots=options["slots"],
    )


BENCHES: dict[str, Callable[[Options], dict[str, Any]]] = {
    "equality": lambda options: equality.measure(),
    "start": lambda options: start.measure(trials=options["trials"]),
    "memory": lambda options: memory.measure(trials=options["trials"]),
    "throughput": _throughput,
}


class Command(BaseCommand):
    """Runs one bench; exit status 1 when it misses its target."""

    help = "Measure this installation: equality, start, memory or throughput."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Each bench with its options."""
        benches = parser.add_subparsers(dest="bench", required=True)
        benches.add_parser("equality", help="fused epochs against Keras's own fit")
        start_bench = benches.add_parser("start", help="from claim to the child's first line")
        start_bench.add_argument("--trials", type=int, default=30)
        memory_bench = benches.add_parser("memory", help="growth of worker and host over trials")
        memory_bench.add_argument("--trials", type=int, default=200)
        speed = benches.add_parser("throughput", help="against KerasTuner, same work")
        speed.add_argument("--data", choices=sorted(throughput.DEFAULTS), default="digits")
        speed.add_argument("--trials", type=int, default=12)
        speed.add_argument("--executions", type=int)
        speed.add_argument("--epochs", type=int)
        speed.add_argument("--slots", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print. Raises: CommandError when a target is missed."""
        figures = BENCHES[options["bench"]](options)
        self.stdout.write(json.dumps(figures))
        if figures.get("passed") is False:
            raise CommandError(f"bench {options['bench']} missed its target")
