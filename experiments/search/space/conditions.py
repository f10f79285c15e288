"""Validates conditions and sorts parents before children."""

from collections.abc import Mapping, Sequence

from experiments.search.problems import Problem, join_path
from experiments.search.reading import describe
from experiments.search.space.hyperparameter import Condition, Hyperparameter
from experiments.search.space.hyperparameters import Fixed, FloatRange

Numbered = Sequence[tuple[int, Hyperparameter]]


def duplicate_problems(rows: Numbered) -> list[Problem]:
    """Names that stand twice, noted at the later row."""
    first: dict[str, int] = {}
    found = []
    for index, row in rows:
        if row.name in first:
            message = (
                f"Row {first[row.name] + 1} already has the name "
                f"{describe(row.name)}. Rename one of them."
            )
            found.append(Problem(join_path("hyperparameters", index, "name"), message))
        first.setdefault(row.name, index)
    return found


def condition_problems(rows: Numbered, broken: frozenset[str] = frozenset()) -> list[Problem]:
    """Report conditions on unknown names, floats, impossible values, or in a cycle.

    broken: names of unreadable rows; conditions on them aren't checked.
    """
    by_name = {row.name: row for _, row in rows}
    found = []
    for index, row in rows:
        if row.only_if is None or row.only_if.name in broken:
            continue
        path = join_path("hyperparameters", index, "only_if")
        problem = _problem(row, row.only_if, by_name)
        if problem:
            found.append(Problem(join_path(path, "name"), problem))
            continue
        parent = by_name[row.only_if.name]
        if isinstance(parent, Fixed):
            continue  # fixed at another value for now: the row waits, never active
        for place, value in enumerate(row.only_if.values):
            wrong = parent.problem(value)
            if wrong:
                message = f"{parent.name} never takes this value: {wrong}"
                found.append(Problem(join_path(path, "values", place), message))
    return found


def _problem(
    row: Hyperparameter, condition: Condition, by_name: Mapping[str, Hyperparameter]
) -> str:
    if condition.name == row.name:
        return "A hyperparameter can't depend on itself. Choose another one."
    parent = by_name.get(condition.name)
    if parent is None:
        return f"There is no hyperparameter named {describe(condition.name)}."
    if isinstance(parent, FloatRange):
        return (
            f"{parent.name} is a float. A condition needs a choice, boolean or int as its parent."
        )
    circle = _circle(row, by_name)
    return (
        f"The conditions form a cycle: {' → '.join(circle)}. Remove one of them." if circle else ""
    )


def _circle(row: Hyperparameter, by_name: Mapping[str, Hyperparameter]) -> list[str]:
    """The names from `row` back to `row`, following conditions; empty when it is in no circle."""
    names = [row.name]
    here: Hyperparameter | None = row
    while here is not None and here.only_if is not None:
        names.append(here.only_if.name)
        if here.only_if.name == row.name:
            return names
        if len(names) > len(by_name) + 1:
            return []
        here = by_name.get(here.only_if.name)
    return []


def reachable(ordered: Sequence[Hyperparameter]) -> set[str]:
    """Names that some configuration makes active; `ordered` has parents first."""
    by_name = {row.name: row for row in ordered}
    found: set[str] = set()
    for row in ordered:
        condition = row.only_if
        if condition is None or (
            condition.name in found
            and any(not by_name[condition.name].problem(value) for value in condition.values)
        ):
            found.add(row.name)
    return found


def parents_first(rows: Sequence[Hyperparameter]) -> tuple[Hyperparameter, ...]:
    """The rows with each parent before its children, otherwise in their order."""
    by_name = {row.name: row for row in rows}
    ordered: dict[str, Hyperparameter] = {}
    for row in rows:
        chain = [row]
        while chain[-1].only_if is not None and chain[-1].only_if.name not in ordered:
            chain.append(by_name[chain[-1].only_if.name])
        for link in reversed(chain):
            ordered.setdefault(link.name, link)
    return tuple(ordered.values())
