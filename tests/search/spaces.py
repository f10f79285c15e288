"""Hypothesis strategies of search spaces with conditions, and short ways to write one by hand."""

from typing import Any

from hypothesis import strategies as st

from experiments.search.space.space import Space

Row = dict[str, Any]
WORDS = ["sgd", "adam", "relu", "tanh", "same", "valid", "l1 + l2", "α"]


def space_of(*rows: Row, constraints: tuple[str, ...] = ()) -> Space:
    """A space of rows as JSON has them."""
    return Space.from_dict({"hyperparameters": list(rows), "constraints": list(constraints)})


def ints(name: str, low: int, high: int, **more: Any) -> Row:
    return {"name": name, "type": "int", "min": low, "max": high, **more}


def floats(name: str, low: float, high: float, **more: Any) -> Row:
    return {"name": name, "type": "float", "min": low, "max": high, **more}


def choice(name: str, *choices: Any, **more: Any) -> Row:
    return {"name": name, "type": "choice", "choices": list(choices), **more}


def boolean(name: str, **more: Any) -> Row:
    return {"name": name, "type": "boolean", **more}


def fixed(name: str, value: Any, **more: Any) -> Row:
    return {"name": name, "type": "fixed", "value": value, **more}


def only_if(name: str, *values: Any) -> Row:
    return {"only_if": {"name": name, "values": list(values)}}


SCALES = st.sampled_from(["linear", "log", "reverse_log"])


@st.composite
def int_rows(draw: st.DrawFn, name: str, *, widest: int = 10**9) -> Row:
    scale = draw(SCALES)
    low = draw(st.integers(1 if scale != "linear" else -50, 1000))
    high = low + draw(st.integers(0, widest) | st.integers(0, 20))
    row = ints(name, low, high, scale=scale)
    if draw(st.booleans()) and high > low:
        most = high - low if scale == "linear" else max(2, high // low)
        step = draw(st.integers(1 if scale == "linear" else 2, most))
        row["step"] = step if scale == "linear" or step <= high / low else None
    return row


@st.composite
def float_rows(draw: st.DrawFn, name: str) -> Row:
    scale = draw(SCALES)
    low = draw(st.sampled_from([1e-6, 1e-4, 0.001, 0.1, 0.3, 1.0, 7.25]))
    if scale == "linear":
        low = draw(st.sampled_from([0.0, -1.0, -0.3])) + draw(st.sampled_from([0.0, low]))
    span = draw(st.sampled_from([1e-6, 0.01, 0.2, 0.6, 1.0, 9.0, 1e4]))
    row = floats(name, low, low + span, scale=scale)
    if draw(st.booleans()):
        steps = draw(st.sampled_from([1, 2, 3, 7, 10, 40]))
        ratio = (low + span) / low if low > 0 else 0.0
        step = span / steps if scale == "linear" else ratio ** (1 / steps)
        row["step"] = step if scale == "linear" or step > 1.0001 else None
    return row


@st.composite
def choice_rows(draw: st.DrawFn, name: str) -> Row:
    texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6, unique=True)
    wholes = st.lists(st.integers(-5, 512), min_size=1, max_size=6, unique=True)
    reals = st.lists(st.sampled_from([0.0, 0.1, 0.25, 1e-7, 3.5]), min_size=1, unique=True)
    return choice(name, *draw(texts | wholes | reals))


@st.composite
def fixed_rows(draw: st.DrawFn, name: str) -> Row:
    return fixed(name, draw(st.sampled_from([3, 0.5, "adam", True, False, -1, 1e-8])))


def _possible(row: Row) -> list[Any]:
    """Values that a condition on this row may name."""
    if row["type"] == "boolean":
        return [True, False]
    if row["type"] == "choice":
        return list(row["choices"])
    if row["type"] == "fixed":
        return [row["value"]]
    if row["type"] == "float":
        return []
    return [row["max" if row["scale"] == "reverse_log" else "min"]]


@st.composite
def rows_of_spaces(draw: st.DrawFn, *, small: bool = False, most: int = 6) -> list[Row]:
    """Rows, some depending on earlier ones to any depth; `small` keeps every grid countable."""
    rows: list[Row] = []
    for index in range(draw(st.integers(1, most))):
        name = f"h{index}"
        kinds = [choice_rows(name), fixed_rows(name), st.just(boolean(name))]
        kinds += [int_rows(name, widest=6 if small else 10**9), float_rows(name)]
        row = draw(st.one_of(kinds))
        if small and row["type"] == "float":
            row["step"] = None
        parents = [parent for parent in rows if _possible(parent)]
        if parents and draw(st.booleans()):
            parent = draw(st.sampled_from(parents))
            values = draw(
                st.lists(st.sampled_from(_possible(parent)), min_size=1, max_size=3, unique=True)
            )
            row |= only_if(parent["name"], *values)
        rows.append(row)
    return draw(st.permutations(rows))


@st.composite
def spaces(draw: st.DrawFn, *, small: bool = False, most: int = 6) -> Space:
    return space_of(*draw(rows_of_spaces(small=small, most=most)))
