"""Reads the range of an int or float row."""

from typing import Final, cast

from experiments.search.reading import Reader, number_problem, whole_problem
from experiments.search.space.number_ranges import TOLERANCE, FloatNumbers, IntNumbers
from experiments.search.space.scales import SCALES, Scale

MOST_STEPS: Final = 10**12


def read_int_range(reader: Reader) -> IntNumbers | None:
    """Range, step and scale of an int row; None when anything is wrong."""
    before = len(reader.problems)
    low, high = (_bound(reader, name, whole=True) for name in ("min", "max"))
    step = _step(reader, whole=True)
    scale = _scale(reader)
    if low is None or high is None or len(reader.problems) > before:
        return None
    _check(reader, low, high, step, scale)
    if len(reader.problems) > before:
        return None
    return IntNumbers(int(low), int(high), None if step is None else int(step), scale)


def read_float_range(reader: Reader) -> FloatNumbers | None:
    """Range, step and scale of a float row; None when anything is wrong."""
    before = len(reader.problems)
    low, high = (_bound(reader, name, whole=False) for name in ("min", "max"))
    step = _step(reader, whole=False)
    scale = _scale(reader)
    if low is None or high is None or len(reader.problems) > before:
        return None
    _check(reader, low, high, step, scale)
    if len(reader.problems) > before:
        return None
    numbers = FloatNumbers(float(low), float(high), None if step is None else float(step), scale)
    if (numbers.count() or 0) > MOST_STEPS:
        reader.note("step", "Has more than 1,000,000,000,000 values. Use a larger step, or none.")
        return None
    return numbers


def _bound(reader: Reader, name: str, *, whole: bool) -> float | int | None:
    value = reader.take(name, default=None)
    if value is None:
        reader.note(name, "This field is missing.")
        return None
    problem = whole_problem(value) if whole else number_problem(value)
    if problem:
        reader.note(name, problem)
        return None
    return int(value) if whole else float(value)


def _step(reader: Reader, *, whole: bool) -> float | int | None:
    value = reader.take("step", default=None)
    if value is None:
        return None
    problem = whole_problem(value) if whole else number_problem(value)
    if not problem and value <= 0:
        problem = "The step must be greater than 0. Leave it empty for none."
    if problem:
        reader.note("step", problem)
        return None
    return int(value) if whole else float(value)


def _scale(reader: Reader) -> Scale:
    if reader.take("scale", default=None) is None:
        return "linear"
    return cast(Scale, reader.one_of("scale", SCALES))


def _check(reader: Reader, low: float, high: float, step: float | None, scale: Scale) -> None:
    if low > high:
        reader.note("min", f"The minimum {low} is greater than the maximum {high}. Swap them.")
        return
    if scale != "linear" and low <= 0:
        word = "log" if scale == "log" else "reverse log"
        start = "include 0" if low == 0 else "include negative numbers"
        smallest = 1 if isinstance(low, int) and isinstance(high, int) else 0.0001
        reader.note("min", f"A {word} scale can't {start}. Use a minimum of {smallest} or more.")
        return
    if step is not None:
        _check_step(reader, low, high, step, scale)


def _check_step(reader: Reader, low: float, high: float, step: float, scale: Scale) -> None:
    if scale == "linear" and step > (high - low) * (1 + TOLERANCE):
        most = f"{high - low:.10g}"
        reader.note("step", f"The step {step} is larger than the range. Use at most {most}.")
    if scale != "linear" and step <= 1:
        message = f"On a log scale the step is a factor: 2 gives {low}, {2 * low}, {4 * low} …"
        reader.note("step", f"{message} It must be greater than 1.")
    elif scale != "linear" and step > high / low * (1 + TOLERANCE):
        message = f"On a log scale the step is a factor; {step} exceeds the range at once."
        reader.note("step", f"{message} Use at most {high / low:g}.")
