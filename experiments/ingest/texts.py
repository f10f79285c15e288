"""Prepares a dataset from texts as word numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema
from experiments.ingest.images import preview_rows
from experiments.ingest.prepared import Prepared
from experiments.ingest.target_profile import class_profile, number_summary

SHOWN_WORDS = 60
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
    profile = class_profile("texts", training, test, classes) | {
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
