"""Whether worker and pool host grow with the trials that they have run."""

from typing import Any

from benchmarks.programs import run_worker_side

TARGET_GROWTH = 0.05
EARLY = 20


def measure(*, trials: int = 200) -> dict[str, Any]:
    """Return resident memory after 20 and after `trials` trials. Raises: CalledProcessError.

    growth: of the one that grew most, as a share of what it took after 20.
    """
    figures = run_worker_side(max(trials, EARLY + 1))
    early, late = figures["memory"]["early"], figures["memory"]["late"]
    growth = max(late[name] / early[name] - 1 for name in early)
    return {
        "trials": figures["trials"],
        f"after_{EARLY}": early,
        f"after_{trials}": late,
        "growth": round(growth, 4),
        "target_growth": TARGET_GROWTH,
        "passed": growth <= TARGET_GROWTH,
    }
