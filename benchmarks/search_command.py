"""The arguments of `bench search`, and what it runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from benchmarks.search import Question, measure
from benchmarks.search_record import RECORD
from benchmarks.search_tables import GROUPS
from benchmarks.search_tools import PEERS
from experiments.search.registry import SAMPLERS


def add_arguments(parser: ArgumentParser) -> None:
    """What to run, and where finished runs are kept."""
    tables = parser.add_argument("--tables", nargs="+", default=["dev"], metavar="TABLE")
    tables.choices = [*GROUPS, *GROUPS["all"]]
    tables.help = "dev, held_out, all, or names of tables"
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--workers", type=int, choices=(1, 4), default=1)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--samplers", nargs="*", choices=sorted(SAMPLERS), default=[])
    parser.add_argument("--peers", nargs="*", choices=["none", *sorted(PEERS)], default=[])
    record = parser.add_argument("--record", nargs="?", type=Path, const=RECORD, metavar="FILE")
    record.help = "write what our samplers found for the form's chart, into the product by default"
    parser.add_argument("--keep", type=Path, help="a file of runs that are not run again")


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Measure. Raises: MissingPackages."""
    question = Question(
        tables=tuple(options["tables"]),
        seeds=options["seeds"],
        workers=options["workers"],
        trials=options["trials"],
        samplers=tuple(options["samplers"]),
        peers=tuple(options["peers"]),
        keep=options["keep"],
        record=options["record"],
    )
    return measure(question)
