"""The default protocol of a dataset."""

from collections.abc import Sequence

from experiments.evaluation.protocol import Protocol, Respecting

SMALL = 10_000  # rows; with fewer, which of them validate decides too much
FEW = 1_000  # rows; one validation score of fewer is mostly luck
FOLDS = 5
FEWEST_FOLDS = 3


def default_protocol(
    rows: int,
    *,
    classes: Sequence[int] | None,
    brings_test: bool = False,
    brings_validation: bool = False,
) -> Protocol:
    """The dataset's own validation part, else five folds below 10,000 rows, else a part of 20 %.

    rows: without the dataset's own test part. classes: rows of each class; empty where nobody
    counted them, None for a regression. brings_test: the dataset has a test part of its own, which
    stays locked; else 20 % of the rows are. A class too small for five folds gets fewer, down to
    three; below that there is one validation part, with three seeds a trial where rows are few; and
    a class that cannot be in every part keeps no share.
    """
    share = None if brings_test else 0.2
    counted = [count for count in classes or () if count]
    smallest = min(counted, default=rows) - (share is not None)  # each class gives the test a row
    folds = min(FOLDS, smallest)
    respecting: Respecting = "none" if classes is None else "classes"
    if brings_validation:
        return Protocol(kind="fixed", respecting=respecting, locked_test_share=share)
    if rows < SMALL and folds >= FEWEST_FOLDS:
        return Protocol(
            kind="k_fold",
            folds=folds,
            respecting=respecting,
            locked_test_share=share,
        )
    return Protocol(
        repeats=3 if rows < FEW else 1,
        respecting=respecting if smallest >= 2 else "none",
        locked_test_share=share,
    )
