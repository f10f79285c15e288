"""The grid of a space as an indexed tree that is never laid out in memory.

A point has an index from 0 to size - 1. Hyperparameters without a condition are the digits of a
mixed-radix number; below each value hang the digits of the children that this value makes active,
so that inactive names are absent and no configuration comes twice.
"""

import math
from collections.abc import Callable, Iterator, Sequence

from experiments.search.history import Value, Values
from experiments.search.space.hyperparameter import Hyperparameter

Listing = Callable[[Hyperparameter], Sequence[Value]]


class Grid:
    """Every combination of values, by index; constraints are not looked at here."""

    def __init__(
        self, rows: Sequence[Hyperparameter], *, resolution: int, listed: Listing | None = None
    ) -> None:
        """Build the tree. resolution: values of a range that has no steps.

        listed: the values of a row that no other depends on, where they differ from its own.
        """
        listing = listed or (lambda row: row.values(resolution))
        children: dict[str, list[Hyperparameter]] = {}
        for row in rows:
            if row.only_if is not None:
                children.setdefault(row.only_if.name, []).append(row)
        roots = [row for row in rows if row.only_if is None]
        self.nodes = [Node(row, children, listing) for row in roots]
        self.size: int = math.prod(node.size for node in self.nodes)

    def point(self, index: int) -> Values:
        """The configuration at an index; the last hyperparameter changes fastest."""
        values: Values = {}
        _fill(values, self.nodes, index)
        return values

    def __iter__(self) -> Iterator[Values]:
        """Every configuration, in order of index, one at a time."""
        index = 0
        while index < self.size:
            yield self.point(index)
            index += 1


class Node:
    """One hyperparameter with the subtrees below those of its values that conditions name."""

    def __init__(
        self,
        row: Hyperparameter,
        children: dict[str, list[Hyperparameter]],
        listing: Listing,
    ) -> None:
        """The subtree of a row. children: by the name of their parent."""
        self.name = row.name
        own = children.get(row.name, [])
        # A parent is listed whole, or a value that a condition names could be left out.
        count = row.count() if own else None
        self.values: Sequence[Value] = listing(row) if count is None else row.values(count)
        self.below: dict[int, list[Node]] = {}
        self.sizes: dict[int, int] = {}
        for value in _named(own):
            if value not in self.values:
                continue  # of a parent that is fixed at another value
            active = [child for child in own if child.only_if and value in child.only_if.values]
            place = self.values.index(value)
            self.below[place] = [Node(child, children, listing) for child in active]
            self.sizes[place] = math.prod(node.size for node in self.below[place])
        self.places = sorted(self.below)
        self.size: int = len(self.values) - len(self.places) + sum(self.sizes.values())

    def fill(self, values: Values, index: int) -> None:
        """Write the index-th configuration of this subtree into `values`."""
        place, rest = self._locate(index)
        values[self.name] = self.values[place]
        if place in self.below:
            _fill(values, self.below[place], rest)

    def _locate(self, index: int) -> tuple[int, int]:
        """Which value the index falls on, and the index inside that value's subtree."""
        start = 0  # index at which the value `place` begins
        before = 0  # the first value that is not yet passed
        for place in self.places:
            plain = place - before
            if index < start + plain:
                break
            start += plain
            if index < start + self.sizes[place]:
                return place, index - start
            start += self.sizes[place]
            before = place + 1
        return before + index - start, 0


def _named(children: Sequence[Hyperparameter]) -> list[Value]:
    conditions = [child.only_if for child in children if child.only_if is not None]
    return list(dict.fromkeys(value for condition in conditions for value in condition.values))


def _fill(values: Values, nodes: Sequence[Node], index: int) -> None:
    for node in reversed(nodes):
        index, digit = divmod(index, node.size)
        node.fill(values, digit)
