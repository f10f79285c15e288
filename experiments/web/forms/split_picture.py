"""Room: web. The split of a protocol as bars: which rows train, validate and stay locked."""

from dataclasses import dataclass

from experiments.evaluation.protocol import Protocol

LABELS = {"train": "Training", "validation": "Validation", "test": "Locked test"}
ROW = 10  # height of a row of bars, and the gap below it
GAP = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """A run of rows with one use; x and width in percent of all rows."""

    kind: str
    x: float
    y: int
    width: float


@dataclass(frozen=True, slots=True)
class Key:
    """One use in the legend, with its rows in each part."""

    kind: str
    label: str
    rows: int


@dataclass(frozen=True, slots=True)
class SplitPicture:
    """Bars from top to bottom, one row of them for each fold, and the legend. about: in words."""

    bars: tuple[Bar, ...]
    keys: tuple[Key, ...]
    height: int
    about: str


def split_picture(protocol: Protocol, rows: int, own_test: int) -> SplitPicture:
    """Draw a protocol. rows: of the data set without its own test part; own_test: of that part."""
    share = protocol.locked_test_share
    test = own_test if share is None else round(share * rows)
    rest = rows if share is None else rows - test
    if protocol.kind == "k_fold":
        validation = round(rest / protocol.folds)
    else:
        validation = round(protocol.validation_share * rest)
    counts = {"train": rest - validation, "validation": validation, "test": test}
    keys = tuple(Key(kind, LABELS[kind], count) for kind, count in counts.items() if count)
    total = rest + test or 1
    lines = [_fold(protocol.folds, fold, rest) for fold in range(protocol.folds)]
    if protocol.kind != "k_fold":
        lines = [[("train", counts["train"]), ("validation", validation)]]
    bars: list[Bar] = []
    for line, uses in enumerate(lines):
        x = 0.0
        for kind, count in [*uses, ("test", test)]:
            width = 100 * count / total
            if count:
                bars.append(Bar(kind, round(x, 3), line * (ROW + GAP), round(width, 3)))
            x += width
    return SplitPicture(tuple(bars), keys, len(lines) * (ROW + GAP) - GAP, _about(protocol))


def _fold(folds: int, fold: int, rest: int) -> list[tuple[str, int]]:
    start, end = round(rest * fold / folds), round(rest * (fold + 1) / folds)
    return [("train", start), ("validation", end - start), ("train", rest - end)]


def _about(protocol: Protocol) -> str:
    if protocol.kind == "k_fold":
        return "Each row is validated once; a fold holds rows drawn at random."
    if protocol.kind == "subsampling":
        return f"The validation rows are drawn anew in each of {protocol.rounds} rounds."
    return "The validation rows are drawn once, at random."
