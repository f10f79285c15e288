"""Exports a search as JSON-lines: one header, then one line per trial."""

import json

from experiments.interop.exported_search import ExportedSearch, ExportedTrial


def write_json_lines(search: ExportedSearch) -> bytes:
    """The whole file; `trial_table.read_json_lines` reads it again, number for number."""
    head = {
        "code": search.code,
        "name": search.name,
        "objective": search.objective,
        "direction": search.direction,
        "space": search.space.to_dict(),
    }
    documents = [{"search": head}, *(_trial(search, trial) for trial in search.trials)]
    return "".join(f"{json.dumps(each, allow_nan=False)}\n" for each in documents).encode()


def _trial(search: ExportedSearch, trial: ExportedTrial) -> dict[str, object]:
    return {
        "number": trial.number,
        "state": trial.state,
        "score": trial.score,
        "values": trial.values,
        "metrics": trial.metrics,
        "best_epoch": trial.best_epoch,
        "curves": {search.objective: list(trial.curve)} if trial.curve else {},
        "message": trial.message,
        "started": trial.started.isoformat() if trial.started else None,
        "ended": trial.ended.isoformat() if trial.ended else None,
    }
