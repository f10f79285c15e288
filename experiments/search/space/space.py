"""The search space: hyperparameters, conditions and constraints.

A configuration ("values") is a mapping of name to value that holds the active names only, fixed
ones included. A searched hyperparameter is one coordinate of the unit cube, in the order of rows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import Value, Values
from experiments.search.problems import Problem, SpaceError, join_path
from experiments.search.reading import Reader
from experiments.search.space.conditions import (
    condition_problems,
    duplicate_problems,
    parents_first,
    reachable,
)
from experiments.search.space.constraints import Constraint, parse_all
from experiments.search.space.grid import Grid, Listing
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameter_json import read_row

MOST_ROWS: Final = 200
MOST_CONSTRAINTS: Final = 50


def read_space(source: object) -> tuple[tuple[Hyperparameter, ...], tuple[Constraint, ...]]:
    """Rows and constraints; raises SpaceError with every problem, each with its JSON path."""
    reader = Reader(source)
    before = len(reader.problems)
    entries = reader.items("hyperparameters", longest=MOST_ROWS)
    # A search that scripts run may not know its space before the first of them has reported it.
    still_empty = reader.flag("still_empty", default=False)
    if not entries and not still_empty and len(reader.problems) == before:
        reader.note("hyperparameters", "The space is empty. Add at least one hyperparameter.")
    texts = reader.items("constraints", longest=MOST_CONSTRAINTS, default=())
    reader.refuse_others()
    rows, broken = _read_rows(entries, reader)
    reader.problems += duplicate_problems(rows)
    reader.problems += condition_problems(rows, broken)
    constraints, wrong = parse_all(texts, {row.name: row for _, row in rows})
    if not broken:  # else a constraint could be blamed for a row that could not be read
        for index, message in wrong:
            reader.note(join_path("constraints", index), message)
    if reader.problems:
        raise SpaceError(reader.problems)
    return tuple(row for _, row in rows), tuple(constraints)


def _read_rows(
    entries: Sequence[object], reader: Reader
) -> tuple[list[tuple[int, Hyperparameter]], frozenset[str]]:
    rows: list[tuple[int, Hyperparameter]] = []
    broken: set[str] = set()
    for index, entry in enumerate(entries):
        row = read_row(Reader(entry, path=f"hyperparameters.{index}", problems=reader.problems))
        if row is not None:
            rows.append((index, row))
        else:
            name = entry.get("name") if isinstance(entry, dict) else None
            broken.add(name if isinstance(name, str) else "")
    return rows, frozenset(broken)


RESOLUTION: Final = 5  # grid values of a range without steps
DRAWS: Final = 10_000  # attempts before a draw gives up on the constraints
COUNTED: Final = 20_000  # spaces up to this size are counted point by point under constraints

Unit = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Space:
    """Hyperparameters and the constraints between them; `from_dict` checks them.

    searched: those that aren't fixed, in the order of the unit cube's coordinates.
    """

    hyperparameters: tuple[Hyperparameter, ...]
    constraints: tuple[Constraint, ...] = ()
    _ordered: tuple[Hyperparameter, ...] = field(init=False, repr=False, compare=False)
    searched: tuple[Hyperparameter, ...] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, Hyperparameter] = field(init=False, repr=False, compare=False)
    _has_conditions: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put parents first; raises SpaceError where names or conditions make no space."""
        rows = list(enumerate(self.hyperparameters))
        problems = [*duplicate_problems(rows), *condition_problems(rows)]
        if problems:
            raise SpaceError(problems)
        searched = tuple(row for row in self.hyperparameters if row.is_searched)
        object.__setattr__(self, "_ordered", parents_first(self.hyperparameters))
        object.__setattr__(self, "searched", searched)
        object.__setattr__(self, "_by_name", {row.name: row for row in self.hyperparameters})
        conditional = any(row.only_if is not None for row in self.hyperparameters)
        object.__setattr__(self, "_has_conditions", conditional)

    @classmethod
    def from_dict(cls, source: object) -> "Space":
        """Read a space; raises SpaceError with every problem, each with its JSON path."""
        rows, constraints = read_space(source)
        space = cls(rows, constraints)
        if constraints:
            space.draw(np.random.default_rng(0))  # raises where nothing can meet them
        return space

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        found: dict[str, Any] = {
            "hyperparameters": [row.to_dict() for row in self.hyperparameters],
            "constraints": [constraint.text for constraint in self.constraints],
        }
        return found if self.hyperparameters else {**found, "still_empty": True}

    def __len__(self) -> int:
        """How many hyperparameters are searched: the dimensions of the unit cube."""
        return len(self.searched)

    def __contains__(self, name: object) -> bool:
        """Whether a hyperparameter has this name."""
        return name in self._by_name

    def __getitem__(self, name: str) -> Hyperparameter:
        """The hyperparameter of this name; raises KeyError."""
        return self._by_name[name]

    def active(self, values: Mapping[str, Value]) -> set[str]:
        """Names that these values make active (conditions may be nested)."""
        if not self._has_conditions:
            return set(self._by_name)
        found: set[str] = set()
        for row in self._ordered:
            if row.is_active(values, found):
                found.add(row.name)
        return found

    def decode(self, unit: Unit | Sequence[float]) -> Values:
        """Values at a point of the unit cube, shape (d,); constraints are not looked at."""
        coordinates = dict(zip((row.name for row in self.searched), unit, strict=True))
        found: Values = {}
        for row in self._ordered:
            if row.is_active(found, found):
                found[row.name] = row.decode(float(coordinates.get(row.name, 0.5)))
        return self._in_order(found)

    def encode(self, values: Mapping[str, Value]) -> Unit:
        """The point of the unit cube, shape (d,), that decodes to `values`; inactive ones 0.5."""
        active = self.active(values)
        return np.array(
            [row.encode(values[row.name]) if row.name in active else 0.5 for row in self.searched],
            dtype=np.float64,
        )

    def meets(self, values: Mapping[str, Value]) -> bool:
        """Whether the values meet every constraint."""
        return all(constraint.holds(values) for constraint in self.constraints)

    def draw(self, rng: np.random.Generator) -> Values:
        """Values drawn uniformly on each scale, again and again until the constraints are met.

        Raises SpaceError when no configuration can be found that meets them.
        """
        for _ in range(DRAWS):
            values = self.decode(rng.random(len(self)))
            if self.meets(values):
                return values
        return self._search_whole(rng)

    def _search_whole(self, rng: np.random.Generator) -> Values:
        grid = Grid(self._ordered, resolution=RESOLUTION)
        found = [v for v in grid if self.meets(v)] if grid.size <= COUNTED else []
        if not found:
            message = "Too few configurations meet the constraints. Relax one of them."
            raise SpaceError([Problem("constraints", message)])
        return self._in_order(found[int(rng.integers(len(found)))])

    def defaults(self) -> Values:
        """Each hyperparameter's default, or the middle of its range."""
        found: Values = {}
        for row in self._ordered:
            if row.is_active(found, found):
                found[row.name] = row.start()
        return self._in_order(found)

    def canonical(self, values: Mapping[str, Value]) -> Values:
        """The active values, each as its hyperparameter writes it; what does not fit stays."""
        active = self.active(values)
        found: Values = {}
        for row in self.hyperparameters:
            if row.name in active and row.name in values:
                value = values[row.name]
                found[row.name] = value if row.problem(value) else row.canonical(value)
        return found

    def key(self, values: Mapping[str, Value]) -> str:
        """A hash that is equal for two configurations exactly when their active values are."""
        text = json.dumps(self.canonical(values), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def check(self, values: Mapping[str, object]) -> None:
        """Raise SpaceError (path = name) unless `values` is a configuration of this space."""
        problems = _value_problems(self, values)
        if not problems:
            problems = [
                Problem(join_path("constraints", index), f"Not met: {constraint.text}")
                for index, constraint in enumerate(self.constraints)
                if not constraint.holds(values)  # type: ignore[arg-type]
            ]
        if problems:
            raise SpaceError(problems)

    def size(self) -> int | None:
        """How many configurations there are; None when a range without steps can be reached.

        Exact, except that constraints on a space of more than 20,000 are not taken off.
        """
        names = reachable(self._ordered)
        counts = [row.count() for row in self.searched if row.name in names]
        if None in counts:
            return None
        return self.grid_size(resolution=max((count or 1 for count in counts), default=1))

    def whole_size(self) -> int | None:
        """How many configurations there are without the constraints; None with a continuous range."""
        counts = [row.count() for row in self.searched]
        if None in counts:
            return None
        return self.lattice(resolution=max((count or 1 for count in counts), default=1)).size

    def grid_size(self, *, resolution: int = RESOLUTION) -> int:
        """How many points `grid` has; constraints are taken off up to 20,000 of them."""
        grid = Grid(self._ordered, resolution=resolution)
        if not self.constraints or grid.size > COUNTED:
            return grid.size
        return sum(self.meets(values) for values in grid)

    def grid(self, *, resolution: int = RESOLUTION) -> Iterator[Values]:
        """Every point of the grid that meets the constraints, lazily, the last row fastest."""
        for values in Grid(self._ordered, resolution=resolution):
            if self.meets(values):
                yield self._in_order(values)

    def lattice(self, *, resolution: int = RESOLUTION, listed: Listing | None = None) -> Grid:
        """The grid by index, constraints not looked at; listed: see `Grid`."""
        return Grid(self._ordered, resolution=resolution, listed=listed)

    def _in_order(self, values: Values) -> Values:
        return {row.name: values[row.name] for row in self.hyperparameters if row.name in values}


def _value_problems(space: Space, values: Mapping[str, object]) -> list[Problem]:
    active = space.active(values)  # type: ignore[arg-type]
    problems = [
        Problem(str(name), "There is no hyperparameter with this name.")
        for name in values
        if name not in space
    ]
    for row in space.hyperparameters:
        if row.name in active and row.name not in values:
            problems.append(Problem(row.name, "The value is missing."))
        elif row.name in values and row.name not in active:
            problems.append(Problem(row.name, "Inactive with these values. Leave it out."))
        elif row.name in active and row.problem(values[row.name]):
            problems.append(Problem(row.name, row.problem(values[row.name])))
    return problems
