"""Workers have nothing to do while this search could use them."""

from typing import Final

from experiments.search.findings.finding import Action, Confidence, Evidence, Finding
from experiments.search.findings.search_state import Look

KIND: Final = "idle"
WORTH_IT: Final = 2  # times as many trials to come as run at once, so that more at once is sooner


def find(look: Look) -> list[Finding]:
    """At most one. What all searches want is compared, not who is busy: a pause between two trials is none."""
    slots = look.slots
    if slots is None or slots.parallel < 1:
        return []
    idle = slots.workers - slots.wanted
    if idle < 1 or look.left < WORTH_IT * (slots.parallel + idle):
        return []
    more = slots.parallel + idle
    are = "1 worker has" if idle == 1 else f"{idle} workers have"
    return [
        Finding(
            kind=KIND,
            subject="slots",
            statement=(
                f"{are} nothing to do: {slots.workers} can run trials, and all running searches "
                f"together ask for {slots.wanted}. This one takes {slots.parallel} at a time."
            ),
            gain=f"Up to {more / slots.parallel:.1f} times as fast, with {look.left} trials to come.",
            evidence=Evidence(
                shape="bars",
                x=("asked for", "idle"),
                y=(slots.wanted / slots.workers, idle / slots.workers),
                marked=(False, True),
                y_label="share of the workers",
            ),
            confidence=Confidence("counted: workers whose heart beats, and trials wanted at once"),
            action=Action("parallel", f"Run {more} at a time", {"parallel": more}),
        )
    ]
