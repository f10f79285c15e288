"""The benches by name, and their options of `manage.py bench`."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, Final

from benchmarks import data_checks, memory, sandbox, start
from benchmarks.chief import bench as chief
from benchmarks.equality import bench as equality
from benchmarks.evaluation import bench as evaluation
from benchmarks.findings import bench as findings
from benchmarks.findings import healthy
from benchmarks.live import bench as live
from benchmarks.pages import bench as pages
from benchmarks.pages.targets import PARTS, Scope
from benchmarks.search import command
from benchmarks.search.peers import MissingPackages
from benchmarks.throughput import bench as throughput

# A bench can't run here.
UNMEASURED: Final = (MissingPackages, evaluation.NotRecorded, sandbox.NotMeasured)
Options = dict[str, Any]


def _throughput(options: Options) -> dict[str, Any]:
    return throughput.measure(
        options["data"],
        trials=options["trials"],
        executions=options["executions"],
        epochs=options["epochs"],
        slots=options["slots"],
    )


def _findings(options: Options) -> dict[str, Any]:
    if not options["healthy"]:
        return findings.measure(searches=options["searches"], only=options["only"])
    return healthy.measure(
        options["healthy"],
        searches=options["searches"],
        trials=options["trials"],
        executions=options["executions"],
    )


BENCHES: dict[str, Callable[[Options], dict[str, Any]]] = {
    "equality": lambda options: equality.measure(),
    "start": lambda options: start.measure(trials=options["trials"]),
    "memory": lambda options: memory.measure(trials=options["trials"]),
    "throughput": _throughput,
    "sandbox": lambda options: sandbox.measure(trials=options["trials"]),
    "search": command.run,
    "findings": _findings,
    "data": lambda options: data_checks.measure(
        rows=options["rows"], columns=options["columns"], tables=options["tables"]
    ),
    "evaluation": lambda options: evaluation.measure(
        options["only"], trials=options["trials"], searches=options["searches"]
    ),
    "pages": lambda options: pages.measure(
        Scope(
            options["trials"],
            peer=options["peer"],
            only=options["only"],
            times=options["times"],
        ),
        postgres=options["postgres"],
    ),
    "chief": lambda options: chief.measure(trials=options["trials"]),
    "live": lambda options: live.measure(samples=options["samples"], slots=options["slots"]),
}


def add_arguments(parser: ArgumentParser) -> None:
    """A subcommand for each bench."""
    benches = parser.add_subparsers(dest="bench", required=True)
    benches.add_parser("equality", help="fused epochs against Keras's own fit")
    start_bench = benches.add_parser("start", help="from claim to the child's first line")
    start_bench.add_argument("--trials", type=int, default=30)
    memory_bench = benches.add_parser("memory", help="growth of worker and host over trials")
    memory_bench.add_argument("--trials", type=int, default=200)
    walls_bench = benches.add_parser(
        "sandbox", help="a trial of custom code in the sandbox and without it"
    )
    walls_bench.add_argument("--trials", type=int, default=20)
    speed = benches.add_parser("throughput", help="against KerasTuner, same work")
    speed.add_argument("--data", choices=sorted(throughput.DEFAULTS), default="digits")
    speed.add_argument("--trials", type=int, default=12)
    speed.add_argument("--executions", type=int)
    speed.add_argument("--epochs", type=int)
    speed.add_argument("--slots", type=int, default=2)
    strategies = benches.add_parser("search", help="samplers and peers on recorded tables")
    command.add_arguments(strategies)
    trust = benches.add_parser(
        "evaluation", help="cost, racing, intervals, ties, baselines and checks"
    )
    trust.add_argument("--only", choices=evaluation.PARTS)
    trust.add_argument("--trials", type=int, default=8, help="of each side's search (cost)")
    trust.add_argument("--searches", type=int, default=120, help="of each cell (shown, labels)")
    alarms = benches.add_parser("findings", help="findings raised with and without their effect")
    alarms.add_argument("--searches", type=int, default=200, help="of each case and size")
    alarms.add_argument("--only", nargs="+", default=[], metavar="KIND", choices=findings.KINDS)
    alarms.add_argument(
        "--healthy", metavar="SAMPLER", help="instead: any alarm where all is well"
    )
    alarms.add_argument("--trials", type=int, default=120, help="of a healthy search")
    alarms.add_argument("--executions", type=int, default=1, help="of a trial of a healthy search")
    looked = benches.add_parser("data", help="cost and false alarms of the checks of a table")
    looked.add_argument("--rows", type=int, default=100_000)
    looked.add_argument("--columns", type=int, default=100)
    looked.add_argument("--tables", type=int, default=300, help="small healthy ones")
    seen = benches.add_parser("pages", help="every page at 1,000 and 10,000 trials")
    seen.add_argument("--trials", type=int, nargs="+", default=[1000, 10_000])
    seen.add_argument("--postgres", default="", help="address of an empty database")
    seen.add_argument("--peer", default="", help="a Python with optuna-dashboard, to compare with")
    seen.add_argument("--only", nargs="+", default=[], choices=PARTS, metavar="PART")
    seen.add_argument("--times", type=int, default=3, help="visits of each page and side")
    chief_bench = benches.add_parser("chief", help="scripts through both chiefs")
    chief_bench.add_argument("--trials", type=int, default=20)
    live_bench = benches.add_parser("live", help="from an epoch's end to its point on the page")
    live_bench.add_argument("--samples", type=int, default=80)
    live_bench.add_argument("--slots", type=int, default=4)
