"""Web: columns, sort whitelist and filter of the trial table, read from an address's query.

Imports filters and reports. The address keeps the whole state: sort, filter, hidden, equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.reports.trial_order import Column, Order, Sieve
from experiments.web.filters import Filter, FilterError, parse_filter


@dataclass(frozen=True, slots=True)
class TrialQuery:
    """What an address asks of the trial table; `error` tells why its filter was not used."""

    order: Order
    filter: Filter
    text: str
    error: str
    hidden: frozenset[str]
    with_equal: bool

    @property
    def sieve(self) -> Sieve | None:
        """The filter as the report takes it; None keeps every row."""
        return Sieve(self.filter.names, self.filter.keeps) if self.filter.groups else None

    def shows(self, column: Column) -> bool:
        """Whether the column stands in the table."""
        return column.key not in self.hidden and (self.with_equal or not column.equal)


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
    hidden = frozenset(query.get("hide", "").split(",")) & known
    return TrialQuery(order, parsed, text, error, hidden, query.get("equal") == "1")
