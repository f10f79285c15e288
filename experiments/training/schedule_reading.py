"""Reads a learning-rate schedule from JSON."""

from typing import Any, Final, cast

from experiments.search.reading import Reader
from experiments.training.schedule import KINDS, Schedule

MOST_EPOCHS: Final = 10_000
LARGEST: Final = 1e9


def read_schedule(reader: Reader) -> Schedule | None:
    """Take a fit's schedule out of JSON, noting every problem at the reader; None: there is none."""
    if reader.take("schedule", default=None) is None:
        return None
    inner, usual = reader.child("schedule"), Schedule("cosine")
    found = Schedule(
        kind=cast(Any, inner.one_of("kind", KINDS)),
        decay_rate=inner.number("decay_rate", lowest=1e-6, highest=1.0, default=usual.decay_rate),
        decay_epochs=inner.whole(
            "decay_epochs", lowest=1, highest=MOST_EPOCHS, default=usual.decay_epochs
        ),
        alpha=inner.number("alpha", lowest=0.0, highest=1.0, default=usual.alpha),
        warmup_epochs=inner.whole(
            "warmup_epochs", lowest=1, highest=MOST_EPOCHS, default=usual.warmup_epochs
        ),
        peak_share=inner.number("peak_share", lowest=0.0, highest=1.0, default=usual.peak_share),
        div_factor=inner.number("div_factor", lowest=1.0, highest=1e6, default=usual.div_factor),
        final_div_factor=inner.number(
            "final_div_factor", lowest=1.0, highest=LARGEST, default=usual.final_div_factor
        ),
        epochs=inner.whole("epochs", lowest=0, highest=10**9, default=0),
    )
    inner.refuse_others()
    return found
