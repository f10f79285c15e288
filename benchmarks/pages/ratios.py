"""This product's pages over optuna-dashboard's, page by page, and which ratios are too large."""

from collections.abc import Iterator
from typing import Any

# The largest share of optuna-dashboard's CPU seconds, browser and server together, by page and number of trials.
MOST = {
    "list": {100: 0.3, 1000: 0.3, 10_000: 0.3},
    "leaderboard": {10_000: 0.05},
    "history": {100: 0.4, 1000: 0.2},
    "parallel": {100: 0.4, 1000: 0.2, 10_000: 0.08},
    "compare 10": {1000: 0.3, 10_000: 0.3},  # the issue names MLflow, which is not measured
}
LIVE = {"bytes": {100: 0.5, 1000: 0.3, 10_000: 0.3}, "cpu_seconds": {1000: 0.1, 10_000: 0.1}}
SERVER_MB = {100: 1.5, 1000: 0.6}  # of the server's memory, at its largest over the pages
SCRIPTS = 0.08  # of the leaderboard's scripts and styles, compressed
MEASURES = ("seconds", "cpu_seconds", "requests", "script_bytes", "data_bytes", "heap_mb")


def beside(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Their figures, and ours over them. A page that they did not draw has words instead of ratios."""
    ratios = {trials: _beside(ours[trials], seen) for trials, seen in theirs.items()}
    return {"optuna_dashboard": theirs, "ratios": ratios}


def _beside(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    pages = theirs["pages"]
    found: dict[str, Any] = {
        "pages": {page: _ratio(ours["pages"][page], seen) for page, seen in pages.items()}
    }
    if pages:
        own, other = (
            max(side[page]["server_mb"] for page in pages) for side in (ours["pages"], pages)
        )
        found["server_mb"] = round(own / other, 3)
    if "live" in theirs:
        found["live"] = {
            name: round(ours["live"][name] / theirs["live"][name], 4) for name in LIVE
        }
    return found


def _ratio(ours: dict[str, float], theirs: dict[str, Any]) -> dict[str, Any]:
    if not theirs["is_drawn"]:
        return {"undrawn": f"nothing within {theirs['seconds']:.0f} s"} | {
            "at_most_cpu_seconds": round(ours["cpu_seconds"] / theirs["cpu_seconds"], 4)
        }
    return {
        name: round(ours[name] / theirs[name], 4)
        for name in (*MEASURES, "longest_task_ms")
        if theirs.get(name) and name in ours  # an undrawn page is a miss of its own
    }


def too_near(ratios: dict[str, Any]) -> list[str]:
    """The targets beside the peer that are missed, in words."""
    return [words for trials, found in ratios.items() for words in _too_near(int(trials), found)]


def _too_near(trials: int, found: dict[str, Any]) -> Iterator[str]:
    for words, ratio, most in _judged(trials, found):
        if most is not None and ratio is not None and ratio > most:
            yield f"{words.format(ratio)} at {trials}, where {most} is wanted"


def _judged(
    trials: int, found: dict[str, Any]
) -> Iterator[tuple[str, float | None, float | None]]:
    """Words, the ratio where there is one, and the most that it may be."""
    pages = found["pages"]
    for page, ratio in pages.items():
        words = page + ": {} of optuna-dashboard's CPU"
        yield words, ratio.get("cpu_seconds"), MOST.get(page, {}).get(trials)
    scripts = pages.get("leaderboard", {}).get("script_bytes")
    yield "{} of optuna-dashboard's bytes of script", scripts, SCRIPTS
    yield "{} of optuna-dashboard's memory", found.get("server_mb"), SERVER_MB.get(trials)
    for name, most in LIVE.items():
        words = f"live: {{}} of optuna-dashboard's {name.replace('_', ' ')} a minute"
        yield words, found.get("live", {}).get(name), most.get(trials)
