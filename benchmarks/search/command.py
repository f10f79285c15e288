"""The arguments of `bench search`, and what it runs."""

from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.management import CommandError

from benchmarks.search.bench import Question, measure
from benchmarks.search.earlier import KINDS
from benchmarks.search.epochs import EpochQuestion, measure_epochs
from benchmarks.search.epochs_tools import EPOCH_PEERS
from benchmarks.search.record import RECORD
from benchmarks.search.tables import GROUPS
from benchmarks.search.tools import PEERS
from experiments.search.strategies.registry import PRUNERS, SAMPLERS


def add_arguments(parser: ArgumentParser) -> None:
    """What to run, and where finished runs are kept."""
    tables = parser.add_argument("--tables", nargs="+", default=["dev"], metavar="TABLE")
    tables.choices = [*GROUPS, *GROUPS["all"]]
    tables.help = "dev, held_out, all, or names of tables"
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--workers", type=int, choices=(1, 4), default=1)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--samplers", nargs="*", choices=sorted(SAMPLERS), default=[])
    peers = ["none", *sorted(PEERS), *sorted(EPOCH_PEERS)]
    parser.add_argument("--peers", nargs="*", choices=peers, default=[])
    mode = parser.add_mutually_exclusive_group()
    history = mode.add_argument("--history", choices=KINDS, default="")
    history.help = "also warm start from earlier searches: of similar data, or contradictory"
    mode.add_argument("--epochs", action="store_true", help="stop and pause trials; count epochs")
    parser.add_argument("--pruners", nargs="*", choices=sorted(PRUNERS), default=[])
    parser.add_argument("--budget", type=int, default=1350, help="epochs of a search (--epochs)")
    record = mode.add_argument("--record", nargs="?", type=Path, const=RECORD, metavar="FILE")
    record.help = (
        "write the results of this site's samplers for the form's chart, by "
        "default into the product"
    )
    parser.add_argument("--keep", type=Path, help="a file of runs to reuse")


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Measure. Raises: MissingPackages, CommandError."""
    shared = {
        "tables": tuple(options["tables"]),
        "seeds": options["seeds"],
        "samplers": tuple(options["samplers"]),
        "keep": options["keep"],
    }
    peers = tuple(options["peers"])
    if options["epochs"]:
        _check(peers, EPOCH_PEERS)
        return measure_epochs(
            EpochQuestion(
                **shared,
                peers=peers,
                pruners=tuple(options["pruners"]),
                budget=options["budget"],
            )
        )
    _check(peers, PEERS)
    return measure(
        Question(
            **shared,
            peers=peers,
            workers=options["workers"],
            trials=options["trials"],
            record=options["record"],
            history=options["history"],
        )
    )


def _check(peers: Iterable[str], known: Mapping[str, object]) -> None:
    """Some peers search whole trials, the others count epochs."""
    others = [name for name in peers if name not in known and name != "none"]
    if others:
        raise CommandError(f"{others[0]} can't take part. Peers: {', '.join(known)}.")
