"""Room: web. The samplers side by side: what each is good for, what it costs, how it did."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from experiments.reports.sampling.recorded_regret import RecordedRegret
from experiments.search.strategies.registry import ADVICE, Advice


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """One line. regret: after the record's last number of trials. bar: 0 to 100; None: not measured."""

    slug: str
    label: str
    advice: Advice | None
    regret: float | None
    bar: float | None


@dataclass(frozen=True, slots=True)
class StrategyTable:
    """In the form's order; record and chart: None where nothing was measured."""

    lines: tuple[StrategyLine, ...]
    record: RecordedRegret | None
    chart: dict[str, Any] | None


def strategy_table(kinds: Mapping[str, Any], record: RecordedRegret | None) -> StrategyTable:
    """Lay the registered samplers beside what was recorded of them."""
    lines = tuple(_line(slug, kind.label, record) for slug, kind in kinds.items())
    return StrategyTable(lines, record, _chart(kinds, record) if record else None)


def _line(slug: str, label: str, record: RecordedRegret | None) -> StrategyLine:
    curve = record.strategies.get(slug) if record else None
    last = curve.median[-1] if curve else None
    bar = None if last is None or record is None else 100 * last / (record.highest or 1.0)
    return StrategyLine(slug, label, ADVICE.get(slug), last, bar)


def _chart(kinds: Mapping[str, Any], record: RecordedRegret) -> dict[str, Any]:
    """What the page's chart draws: the curves of strategies that can be chosen."""
    return {
        "trials": record.trials,
        "labels": {slug: kind.label for slug, kind in kinds.items()},
        "curves": {
            slug: asdict(curve) for slug, curve in record.strategies.items() if slug in kinds
        },
    }
