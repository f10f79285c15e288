"""Reports: small pictures of a finding's evidence, as shapes in a box of 180 × 72."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

WIDTH, HEIGHT = 180.0, 72.0
EDGE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A trial: where, and whether it speaks for the statement."""

    x: float
    y: float
    marked: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A share by name."""

    x: float
    y: float
    width: float
    height: float
    marked: bool
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """line, second: points of polylines. words: what a screen reader says. log: a log x axis."""

    dots: tuple[Dot, ...] = ()
    bars: tuple[Bar, ...] = ()
    line: str = ""
    second: str = ""
    mark: float | None = None
    x_label: str = ""
    y_label: str = ""
    caption: str = ""
    log: bool = False
    low: str = ""
    high: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.dots or self.bars or self.line)


def thumbnail(evidence: dict[str, Any]) -> Thumbnail:
    """The picture of `search/findings/finding.Evidence` as JSON; empty where there is nothing."""
    xs, ys = list(evidence.get("x", ())), list(evidence.get("y", ()))
    words = Thumbnail(
        x_label=str(evidence.get("x_label", "")),
        y_label=str(evidence.get("y_label", "")),
        caption=str(evidence.get("caption", "")),
    )
    if not xs or len(xs) != len(ys):
        return words
    marked = [bool(each) for each in evidence.get("marked", ())] or [False] * len(xs)
    if evidence.get("shape") == "bars":
        return replace(words, bars=_bars(xs, ys, marked))
    log = bool(evidence.get("log"))
    placed = _places(xs, log)
    second = list(evidence.get("second", ()))
    heights = _heights([*ys, *second])
    ordered = sorted(range(len(xs)), key=lambda place: placed[place])
    framed = replace(words, log=log, low=_shown(xs[ordered[0]]), high=_shown(xs[ordered[-1]]))
    if evidence.get("shape") == "line":
        return replace(
            framed,
            line=_polyline(placed, heights[: len(ys)]),
            second=_polyline(placed, heights[len(ys) :]),
            mark=next((placed[place] for place, is_in in enumerate(marked) if is_in), None),
        )
    dots = [
        Dot(x, y, is_in)
        for x, y, is_in in zip(placed, heights, marked, strict=False)
        if y is not None
    ]
    return replace(framed, dots=tuple(sorted(dots, key=lambda dot: dot.marked)))


def _places(xs: Sequence[Any], log: bool) -> list[float]:  # noqa: FBT001
    """Across the width: numbers by size, words by turn."""
    if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in xs):
        names = list(dict.fromkeys(map(str, xs)))
        numbers = [float(names.index(str(x))) for x in xs]
        return _spread(numbers, EDGE, WIDTH - EDGE)
    by_log = log and min(xs) > 0
    return _spread([math.log(x) if by_log else float(x) for x in xs], EDGE, WIDTH - EDGE)


def _heights(ys: Sequence[float | None]) -> list[float | None]:
    known = [y for y in ys if y is not None]
    if not known:
        return [None] * len(ys)
    scaled = iter(_spread(known, HEIGHT - EDGE, EDGE))
    return [None if y is None else next(scaled) for y in ys]


def _spread(numbers: Sequence[float], start: float, end: float) -> list[float]:
    low, high = min(numbers), max(numbers)
    # Halves, since the distance of two huge numbers overflows.
    width = high / 2 - low / 2
    if width <= 0:
        return [(start + end) / 2] * len(numbers)
    return [round(start + (end - start) * (n / 2 - low / 2) / width, 1) for n in numbers]


def _polyline(xs: Sequence[float], ys: Sequence[float | None]) -> str:
    return " ".join(f"{x},{y}" for x, y in zip(xs, ys, strict=False) if y is not None)


def _bars(xs: Sequence[Any], ys: Sequence[Any], marked: Sequence[bool]) -> tuple[Bar, ...]:
    step = HEIGHT / len(xs)
    return tuple(
        Bar(0.0, round(place * step, 1), round(WIDTH * min(1.0, y or 0.0), 1), round(step * 0.7, 1),
            is_in, _shown(x), float(y or 0.0))
        for place, (x, y, is_in) in enumerate(zip(xs, ys, marked, strict=True))
    )  # fmt: skip


def _shown(x: object) -> str:
    return f"{x:.3g}" if isinstance(x, float) else str(x)
