"""How soon each strategy finds good configurations: our samplers and the peers on recorded tables.

Every tool searches the same tables with the same seeds; an observation is one stored training, so
that a configuration looks the same to each of them.
"""

import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from threadpoolctl import threadpool_limits

from benchmarks.search.earlier import warm_start
from benchmarks.search.figures import TARGETS, TARGETS_OF_FOUR, all_ratios, judge, summary
from benchmarks.search.kept_runs import KeptRuns
from benchmarks.search.peers import MissingPackages, installed_peers
from benchmarks.search.record import write_record
from benchmarks.search.runs import Run, Session, play
from benchmarks.search.tables import Table, is_recorded, load_table, table_names
from benchmarks.search.tools import PEERS, Ours
from experiments.search.strategies.registry import SAMPLERS

BASELINE: Final = "random"
WITH_HISTORY: Final = ("auto", "random_forest")


@dataclass(frozen=True, slots=True)
class Question:
    """What to run. keep: a file of finished runs, which are not run again.

    record: where the paths of our samplers are written, for the form's chart.
    history: `same` or `hostile` earlier searches that our samplers start from too; empty: none.
    """

    tables: tuple[str, ...] = ("dev",)
    seeds: int = 10
    workers: int = 1
    trials: int = 50
    samplers: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    keep: Path | None = None
    record: Path | None = None
    history: str = ""


def measure(question: Question) -> dict[str, Any]:
    """Run what is not kept yet. Raises: MissingPackages where the tables or a named peer is missing."""
    peers, left_out = installed_peers(question.peers, PEERS)
    ours = question.samplers or (WITH_HISTORY if question.history else tuple(SAMPLERS))
    warm = [f"{slug}+{question.history}" for slug in ours if question.history]
    tools = [*ours, *warm, *peers]
    names = [name for name in table_names(question.tables) if is_recorded(name)]
    unrecorded = [name for name in table_names(question.tables) if name not in names]
    runs = _run_all(question, names, tools)
    if question.record is not None:
        write_record(question.record, names, question.seeds, runs)
    targets = judge(runs, TARGETS if question.workers == 1 else TARGETS_OF_FOUR)
    return {
        "tables": names,
        "seeds": question.seeds,
        "workers": question.workers,
        "trials": question.trials,
        "history": question.history,
        "versions": _versions(tools),
        "left_out": {
            **left_out,
            **{name: "python -m benchmarks.search.curves_side" for name in unrecorded},
        },
        "tools": {name: summary(found) for name, found in runs.items()},
        "ratios": all_ratios(runs, [BASELINE, *(ours if warm else ()), *PEERS]),
        "targets": targets,
        "passed": all(row["met"] for row in targets),
    }


def _run_all(
    question: Question, names: Sequence[str], tools: Sequence[str]
) -> dict[str, list[Run]]:
    """Seed by seed, so that a run that is cut off has all tables of the earlier seeds."""
    kept, load = KeptRuns(question.keep, "", Run), cache(_load)
    runs: dict[str, list[Run]] = {tool: [] for tool in tools}
    for seed in range(question.seeds):
        for name in names:
            for tool in tools:
                trials = min(question.trials, PEERS[tool].most if tool in PEERS else 10**9)
                mark = (tool, name, seed, question.workers, trials)
                runs[tool].append(kept.of(mark, partial(_run, load, *mark)))
    return runs


def _run(
    load: Callable[[str], Table], tool: str, name: str, seed: int, workers: int, trials: int
) -> Run:
    table = load(name)
    session: Session
    if tool in PEERS:
        session = PEERS[tool].start(table, seed, trials)
    else:
        slug, _, kind = tool.partition("+")
        warm = warm_start(table, seed, kind) if kind else None
        session = Ours(slug, table, seed, planned=trials, slots=workers, warm=warm)
    with threadpool_limits(1):  # matrices are small: threads would only wait for one another
        run = play(tool, session, table, seed=seed, trials=trials, workers=workers)
    last = max(run.regret, default=0)
    words = f"{tool} on {table.name}, seed {seed}: {run.regret.get(last, 1.0):.3f}"
    print(f"{words} ({run.ask_ms:.1f} ms an ask)", file=sys.stderr, flush=True)  # noqa: T201
    return run


def _load(name: str) -> Table:
    try:
        return load_table(name)
    except ModuleNotFoundError as error:
        raise MissingPackages([str(error.name)]) from error


def _versions(tools: Sequence[str]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for tool in tools:
        if tool in PEERS:
            found |= PEERS[tool].versions
    return found
