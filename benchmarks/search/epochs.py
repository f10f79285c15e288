"""How few epochs each tool needs: samplers with pruners and the peers on recorded learning curves."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from threadpoolctl import threadpool_limits

from benchmarks.search.curves import CURVES
from benchmarks.search.epochs_figures import DEFAULT, RANDOM, WHOLE, all_figures
from benchmarks.search.epochs_runs import EpochRun, Session, play_epochs
from benchmarks.search.epochs_tools import EPOCH_PEERS, EPOCH_SECONDS, OurEpochs
from benchmarks.search.kept_runs import KeptRuns
from benchmarks.search.peers import installed_peers
from benchmarks.search.tables import Table, expected_search, is_recorded, load_table, table_names
from experiments.search.strategies.registry import PRUNERS

SAMPLERS: Final = ("auto",)
KIND: Final = "epochs"


@dataclass(frozen=True, slots=True)
class EpochQuestion:
    """What to run; pruners: those that each sampler is combined with. keep: as of `Question`."""

    tables: tuple[str, ...] = ("dev",)
    seeds: int = 10
    budget: int = 1350
    samplers: tuple[str, ...] = ()
    pruners: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    keep: Path | None = None


def measure_epochs(question: EpochQuestion) -> dict[str, Any]:
    """Run what is not kept yet. Raises: MissingPackages where a named peer is missing."""
    peers, left_out = installed_peers(question.peers, EPOCH_PEERS)
    ours = [
        f"{sampler}+{pruner}"
        for sampler in question.samplers or SAMPLERS
        for pruner in question.pruners or sorted(PRUNERS)
    ]
    tools = list(dict.fromkeys([RANDOM, *ours, *peers]))
    requested = [name for name in table_names(question.tables) if name in CURVES]
    names = [name for name in requested if is_recorded(name)]
    runs = _run_all(question, names, tools)
    goals = {name: expected_search(load_table(name), WHOLE) for name in names}
    return {
        "kind": KIND,
        "tables": names,
        "seeds": question.seeds,
        "budget": question.budget,
        "epoch_seconds": EPOCH_SECONDS,
        "default": DEFAULT,
        "versions": {
            package: number
            for name in tools
            if name in EPOCH_PEERS
            for package, number in EPOCH_PEERS[name].versions.items()
        },
        "left_out": {
            **left_out,
            **{
                name: "python -m benchmarks.search.curves_side"
                for name in set(requested) - {*names}
            },
        },
        **all_figures(runs, goals),
    }


def _run_all(
    question: EpochQuestion, names: Sequence[str], tools: Sequence[str]
) -> dict[str, list[EpochRun]]:
    """Seed by seed, so that a run that is cut off has all tables of the earlier seeds."""
    kept, load = KeptRuns(question.keep, KIND, EpochRun), cache(load_table)
    runs: dict[str, list[EpochRun]] = {tool: [] for tool in tools}
    for seed in range(question.seeds):
        for name in names:
            for tool in tools:
                mark = (KIND, tool, name, seed, question.budget)
                runs[tool].append(kept.of(mark, partial(_run, load, *mark[1:])))
    return runs


def _run(load: Callable[[str], Table], tool: str, name: str, seed: int, budget: int) -> EpochRun:
    table = load(name)
    session: Session
    if tool in EPOCH_PEERS:
        session = EPOCH_PEERS[tool].start(table, seed)
    else:
        sampler, pruner = tool.split("+")
        session = OurEpochs(sampler, pruner, table, seed)
    with threadpool_limits(1):  # matrices are small: threads would only wait for one another
        run = play_epochs(tool, session, table, seed=seed, budget=budget)
    words = f"{tool} on {table.name}, seed {seed}: {run.search[max(run.search)]:.3f}"
    print(f"{words} ({run.ask_ms:.1f} ms an ask)", file=sys.stderr, flush=True)  # noqa: T201
    return run
