"""Finding: idle workers that this search could use."""

from typing import Final

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.finding import Action, Confidence, Evidence, Finding, Outcome
from experiments.search.findings.search_state import SearchState

KIND: Final = "idle"
WORTH_IT: Final = 2  # times as many trials to come as run at once, so that more at once is sooner


def check(look: SearchState) -> Outcome:
    """At most one. Requested slots are compared, not busy workers: a pause between two trials isn't idle."""
    slots = look.slots
    if slots is None or slots.parallel < 1:
        return NotChecked("The search isn't running")
    idle = slots.workers - slots.wanted
    if idle < 1 or look.left < WORTH_IT * (slots.parallel + idle):
        rests = f"{slots.workers} workers, {slots.wanted} trials at once in all searches that run"
        return NotFound((rests, f"{look.left} trials to come"))
    more = slots.parallel + idle
    are = "1 worker is" if idle == 1 else f"{idle} workers are"
    return Found(
        (
            Finding(
                kind=KIND,
                subject="slots",
                statement=(
                    f"{are} idle: {slots.workers} workers can run trials, and all running "
                    f"searches together use {slots.wanted}. This search runs "
                    f"{slots.parallel} in parallel."
                ),
                gain=f"Up to {more / slots.parallel:.1f}× as fast for the remaining "
                f"{look.left} trials.",
                evidence=Evidence(
                    shape="bars",
                    x=("requested", "idle"),
                    y=(slots.wanted / slots.workers, idle / slots.workers),
                    marked=(False, True),
                    y_label="share of workers",
                ),
                confidence=Confidence(
                    "counted: workers with a current heartbeat, and requested parallel trials"
                ),
                action=Action("parallel", f"Run {more} in parallel", {"parallel": more}),
            ),
        )
    )
