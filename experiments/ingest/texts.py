"""Prepares a dataset from texts as word numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema
from experiments.ingest.checks.outcome import stored
from experiments.ingest.checks.repeats import text_repeats
from experiments.ingest.checks.targets import class_outcomes
from experiments.ingest.images import preview_rows
from experiments.ingest.prepared import Prepared
from experiments.ingest.target_profile import class_parts, number_summary

SHOWN_WORDS = 60
FIRST_WORD = 3  # below it: padding, the beginning, and every rare word
Part = tuple[NDArray[np.int32], NDArray[np.int64]]


def prepare_texts(
    training: Part,
    test: Part | None,
    *,
    classes: tuple[str, ...],
    vocabulary: int,
    words: Sequence[str],
) -> Prepared:
    """Word numbers (n, length) int32, 0 = nothing more, and class indices.

    words: the word of each number, for the preview alone; empty: numbers are shown.
    """
    x, y = training
    schema = DataSchema(
        kind="text",
        task="classification",
        shape=(int(x.shape[1]),),
        classes=classes,
        target="class",
        rows=len(x),
        test_rows=len(test[0]) if test else 0,
        vocabulary=vocabulary,
    )
    outcomes = [
        *class_outcomes(y, classes),
        *text_repeats(x, test[0] if test else None, ("text", "texts"), ignored=FIRST_WORD),
    ]
    profile = class_parts(y, test[1] if test else None, classes) | {
        "checks": stored(outcomes),
        "lengths": number_summary((x > 0).sum(axis=1).astype(np.float64)),
        "preview": {
            "texts": [
                {"row": row, "label": classes[int(y[row])], "words": shown_words(x[row], words)}
                for row in preview_rows(y, len(classes))[:10]
            ]
        },
    }
    return Prepared(
        schema=schema,
        arrays={"x": x, "y": y},
        test={"x": test[0], "y": test[1]} if test else {},
        profile=profile,
    )


def shown_words(row: NDArray[np.int32], words: Sequence[str]) -> str:
    """The first words of a row; its numbers where the words aren't known."""
    numbers = [int(number) for number in row if number > 0]
    shown = [words[number] if number < len(words) else str(number) for number in numbers]
    spoken = [word for word in shown if word]
    tail = " …" if len(spoken) > SHOWN_WORDS else ""
    return " ".join(spoken[:SHOWN_WORDS]) + tail
