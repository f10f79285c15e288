"""Custom objectives: arithmetic over metrics, and nothing else."""

import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.expression import parse_expression
from experiments.search.formula import FormulaError, NoValue

KNOWN = ("val_f1", "val_loss", "loss")
VALUES = {"val_f1": 0.5, "val_loss": 2.0, "loss": None, "parameters": 1000.0, "seconds": 3.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.7*val_f1 - 0.1*log10(parameters)", 0.7 * 0.5 - 0.3),
        ("-val_f1 ** 2 + +val_loss", 1.75),
        ("max(val_f1, val_loss, 1) / min(val_f1, 2)", 4.0),
        ("abs(0 - val_loss) + sqrt(4*val_f1*val_loss) + exp(0) + log(1)", 2 + 2 + 1),
        ("val_f1 / seconds", 0.5 / 3),
    ],
)
def test_an_expression_is_computed(text, value):
    assert parse_expression(text, KNOWN).value(VALUES) == pytest.approx(value)


def test_it_names_what_it_needs():
    assert parse_expression("val_f1 - log10(parameters)", KNOWN).names == {"val_f1", "parameters"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("val_loss / (val_f1 - 0.5)", "Division by zero."),
        ("log10(val_f1 - 1)", "logarithm of -0.5 isn't defined."),
        ("sqrt(0 - val_loss)", "square root of -2 isn't defined."),
        ("(0 - val_loss) ** val_f1", "A power has no real result."),
        ("exp(1000 * val_loss)", "Overflow: the result is too large."),
        ("9 ** 9 ** 9 * val_f1", "Overflow: the result is too large."),
        ("loss + 1", "loss isn't a number."),
    ],
)
def test_a_value_that_cant_be_computed_is_said_to_be(text, words):
    with pytest.raises(NoValue) as error:
        parse_expression(text, KNOWN).value(VALUES)
    assert str(error.value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Empty"),
        ("val_f1 +", "Syntax error"),
        ("val_auc + 1", 'There is no metric named "val_auc". Known: val_f1, val_loss, loss'),
        ("3 * parameters", "Names no metric"),
        ("__import__('os').system('x')", "Supported functions:"),
        ("val_f1.__class__", "Unsupported expression"),
        ("val_f1[0]", "Unsupported expression"),
        ("[val_f1 for x in (1,)]", "Unsupported expression"),
        ("(lambda: val_f1)()", "Supported functions:"),
        ("val_f1 if val_loss else 1", "Unsupported expression"),
        ("(x := val_f1)", "Unsupported expression"),
        ("f'{val_f1}'", "Unsupported expression"),
        ("val_f1 @ val_loss", "Supported operators: + - * / // % and **."),
        ("'text' * val_f1", "'text' is a text; expected a number"),
        ("True + val_f1", "True is true or false; expected a number"),
        ("val_f1 + 1j", "1j isn't supported here"),
        ("val_f1 > 1", "true or false; expected a number"),
        ("max(val_f1)", "max takes two or more values."),
        ("max(val_f1, val_loss, key=abs)", "Supported functions:"),
        ("max(*val_f1, 1)", "Unsupported expression"),
        ("abs", "abs is a function"),
        ("val_f1 + 1" + "0" * 20, "at most 15 digits"),
        ("val_f1" + " + val_f1" * 40, "Longer than 300"),
        ("-" * 60 + "val_f1", "Nested too deeply"),
        ("val_f1\0", "Syntax error"),
    ],
)
def test_whatever_is_no_arithmetic_is_refused(text, words):
    with pytest.raises(FormulaError) as error:
        parse_expression(text, KNOWN)
    assert words in str(error.value)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60) | st.from_regex(r"[a-z_0-9 +*/().,-]{0,40}", fullmatch=True))
def test_any_text_is_read_or_refused(text):
    with suppress(FormulaError, NoValue):
        assert math.isfinite(parse_expression(text, KNOWN).value(VALUES))
