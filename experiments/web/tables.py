"""Web: columns, sort whitelist, filter and brushes of the trial table, read from an address's query.

Imports filters, brushes and reports. The address keeps the whole state: sort, filter, brush, hidden, equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.reports.trials.order import Column, Order, Sieve
from experiments.web.brushes import Brush, read_brushes
from experiments.web.filters import Filter, FilterError, parse_filter

MOST_METRICS = 30


@dataclass(frozen=True, slots=True)
class TrialQuery:
    """The trial table's state in an address; `error` says why its filter was not used.

    missing: columns that are named for order, brush or metrics and not there; they change nothing.
    """

    order: Order
    filter: Filter
    brushes: Mapping[str, Brush]
    missing: tuple[str, ...]
    text: str
    error: str
    hidden: frozenset[str]
    with_equal: bool

    @property
    def sieve(self) -> Sieve | None:
        """The filter and the brushes as the report takes them; None keeps every row."""
        if not self.filter.groups and not self.brushes:
            return None
        typed, brushes = self.filter.test(), list(self.brushes.items())
        return Sieve(
            self.filter.names | self.brushes.keys(),
            lambda row: typed(row) and all(brush.holds(row.get(key)) for key, brush in brushes),
        )

    def shows(self, column: Column) -> bool:
        """Whether the column stands in the table."""
        return column.key not in self.hidden and (self.with_equal or not column.equal)


def asked_metrics(query: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of metrics' columns that an address wants beside the table's own."""
    return tuple(key for key in query.get("metrics", "").split(",") if key)[:MOST_METRICS]


def read_trial_query(query: Mapping[str, str], columns: tuple[Column, ...]) -> TrialQuery:
    """Read a page's query; what can't be read is left out, a bad filter says so."""
    sort = query.get("sort", "")
    key, descending = sort.lstrip("-"), sort.startswith("-")
    known = {column.key for column in columns}
    order = Order(key, descending=descending) if key in known else Order("", descending=False)
    text = query.get("filter", "").strip()
    error = ""
    try:
        parsed = parse_filter(text, known)
    except FilterError as problem:
        parsed, error = Filter(), str(problem)
    brushes = read_brushes(query.get("brush", ""))
    named = [*([key] if key else []), *brushes, *asked_metrics(query)]
    return TrialQuery(
        order=order,
        filter=parsed,
        brushes={key: brush for key, brush in brushes.items() if key in known},
        missing=tuple(dict.fromkeys(name for name in named if name not in known)),
        text=text,
        error=error,
        hidden=frozenset(query.get("hide", "").split(",")) & known,
        with_equal=query.get("equal") == "1",
    )
