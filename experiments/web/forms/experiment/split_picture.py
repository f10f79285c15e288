"""Room: web. A split as bars: which rows train, validate and stay locked, one line for each part."""

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.evaluation.protocol import ALL_ROWS, Protocol
from experiments.evaluation.split_facts import SplitFacts

LABELS = {
    "train": "Training",
    "validation": "Validation",
    "unused": "Used in other splits only",
    "test": "Locked test set",
}
ROW = 10  # height of a line of bars, and the gap below it
GAP = 3
MOST_LINES = 20
GOLDEN = 0.618  # rounds begin at fractions of it, so that no two look alike
Run = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A run of rows with one use; x and width in percent of all rows."""

    kind: str
    x: float
    y: int
    width: float


@dataclass(frozen=True, slots=True)
class Key:
    """One use in the legend, with its rows: "48", or "40–48" where parts differ."""

    kind: str
    label: str
    rows: str


@dataclass(frozen=True, slots=True)
class SplitPicture:
    """Bars from top to bottom, one line of them for each part, and the legend. about: in words."""

    bars: tuple[Bar, ...]
    keys: tuple[Key, ...]
    height: int
    about: str


def split_picture(protocol: Protocol, facts: SplitFacts) -> SplitPicture:
    """Draw what was dealt out. Rows stand in the order of time, or beside those of their part."""
    parts = facts.parts[:MOST_LINES]
    rest = max(_seen(protocol, facts), 1)
    lines = [_line(protocol, facts, part, rest) for part in range(len(parts))]
    bars = [bar for y, line in enumerate(lines) for bar in _bars(line, facts.test, rest, y)]
    used = {bar.kind for bar in bars}
    counts = {
        "train": [train for train, _ in facts.parts],
        "validation": [validation for _, validation in facts.parts],
        "unused": [rest - train - validation for train, validation in facts.parts],
        "test": [facts.test],
    }
    return SplitPicture(
        bars=tuple(bars),
        keys=tuple(
            Key(kind, label, _range(counts[kind]))
            for kind, label in LABELS.items()
            if kind in used
        ),
        height=len(lines) * (ROW + GAP) - GAP,
        about=_about(protocol),
    )


def _seen(protocol: Protocol, facts: SplitFacts) -> int:
    """Rows outside of the locked test part: all that some part uses."""
    if protocol.kind == "k_fold" and protocol.respecting == "time":
        return sum(facts.parts[-1])
    return max(sum(part) for part in facts.parts)


def _line(protocol: Protocol, facts: SplitFacts, part: int, rest: int) -> list[Run]:
    train, validation = facts.parts[part]
    before = train
    if protocol.kind == "k_fold" and protocol.respecting != "time":
        before = sum(rows for _, rows in facts.parts[:part])
    elif protocol.kind == "subsampling":
        before = round((part + 1) * GOLDEN % 1 * train)
    unused = rest - train - validation
    return [
        ("train", before),
        ("validation", validation),
        ("train", train - before),
        ("unused", unused),
    ]


def _bars(line: list[Run], test: int, rest: int, y: int) -> Iterator[Bar]:
    x = 0.0
    for kind, count in [*line, ("test", test)]:
        width = 100 * count / (rest + test)
        if count:
            yield Bar(kind, round(x, 3), y * (ROW + GAP), round(width, 3))
        x += width


def _range(counts: list[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _about(protocol: Protocol) -> str:
    column = protocol.column
    if protocol.kind == ALL_ROWS:
        return "All rows except the locked test set are used for training, for the best number of epochs of the search."
    if protocol.kind == "fixed":
        return "All trials use the validation set of the dataset."
    if protocol.kind == "k_fold" and protocol.respecting == "time":
        return f"Ordered by {column}, from left to right: trained on earlier rows, validated on the next ones."
    if protocol.respecting == "time":
        return f"Ordered by {column}, from left to right: the validation rows come last."
    drawn = f"groups of {column}" if protocol.grouped else "rows"
    if protocol.kind == "k_fold":
        return f"Each row is validated once; folds are {drawn} assigned {_how(protocol)}."
    if protocol.kind == "subsampling":
        share = ", stratified by class" if protocol.respecting == "classes" else ""
        return f"Validation {drawn} are sampled in each of {protocol.rounds} rounds{share}."
    return f"Validation {drawn} are sampled once, {_how(protocol)}."


def _how(protocol: Protocol) -> str:
    if protocol.respecting == "stratified_groups":
        return "approximately stratified by class"
    if protocol.respecting == "classes":
        return "at random, stratified by class"
    return "at random"
