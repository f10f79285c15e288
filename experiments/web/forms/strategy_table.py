"""Room: web. The samplers side by side: what each is good for, what it costs, how it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.reports.recorded_regret import RecordedRegret, Tool
from experiments.search.advice import ADVICE, Advice


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """One line. slug: empty for a peer, which can't be chosen. bar: 0 to 100, None: not measured."""

    slug: str
    label: str
    advice: Advice | None
    regret: tuple[float | None, ...]
    bar: float | None


@dataclass(frozen=True, slots=True)
class StrategyTable:
    """Ours in the form's order, then peers; record: None where nothing was measured."""

    ours: tuple[StrategyLine, ...]
    peers: tuple[StrategyLine, ...]
    record: RecordedRegret | None


def strategy_table(kinds: Mapping[str, Any], record: RecordedRegret | None) -> StrategyTable:
    """Lay the registered samplers beside what was recorded of them."""
    ours = tuple(
        _line(slug, kind.label, ADVICE.get(slug), record.of(slug) if record else None, record)
        for slug, kind in kinds.items()
    )
    peers = tuple(
        _line("", " ".join(filter(None, (tool.label, _number(tool)))), None, tool, record)
        for tool in (record.tools if record else ())
        if not tool.is_ours
    )
    return StrategyTable(ours, peers, record)


def _line(
    slug: str, label: str, advice: Advice | None, tool: Tool | None, record: RecordedRegret | None
) -> StrategyLine:
    if tool is None or record is None:
        return StrategyLine(slug, label, advice, (), None)
    last = tool.regret[-1]
    bar = None if last is None else 100 * last / (record.highest or 1.0)
    return StrategyLine(slug, label, advice, tool.regret, bar)


def _number(tool: Tool) -> str:
    """The version alone: the label names the tool already."""
    return tool.version.split()[-1] if tool.version else ""
