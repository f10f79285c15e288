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
        ("val_loss / (val_f1 - 0.5)", "It divides by zero."),
        ("log10(val_f1 - 1)", "It takes the logarithm of -0.5."),
        ("sqrt(0 - val_loss)", "It takes the square root of -2."),
        ("(0 - val_loss) ** val_f1", "It takes a power that is no real number."),
        ("exp(1000 * val_loss)", "It is too large for a number."),
        ("9 ** 9 ** 9 * val_f1", "It is too large for a number."),
        ("loss + 1", "loss is not a number."),
    ],
)
def test_a_value_that_cant_be_computed_is_said_to_be(text, words):
    with pytest.raises(NoValue) as error:
        parse_expression(text, KNOWN).value(VALUES)
    assert str(error.value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Is empty"),
        ("val_f1 +", "Can't be read"),
        ("val_auc + 1", 'There is no metric named "val_auc". Known: val_f1, val_loss, loss'),
        ("3 * parameters", "Names no metric"),
        ("__import__('os').system('x')", "The only functions are"),
        ("val_f1.__class__", "don't know"),
        ("val_f1[0]", "don't know"),
        ("[val_f1 for x in (1,)]", "don't know"),
        ("(lambda: val_f1)()", "The only functions are"),
        ("val_f1 if val_loss else 1", "don't know"),
        ("(x := val_f1)", "don't know"),
        ("f'{val_f1}'", "don't know"),
        ("val_f1 @ val_loss", "Only + - * / // % and ** can be computed."),
        ("'text' * val_f1", "'text' is a text where a number is needed"),
        ("True + val_f1", "True is true or false where a number is needed"),
        ("val_f1 + 1j", "1j can't be used here"),
        ("val_f1 > 1", "true or false where a number"),
        ("max(val_f1)", "max takes two or more values."),
        ("max(val_f1, val_loss, key=abs)", "The only functions are"),
        ("max(*val_f1, 1)", "don't know"),
        ("abs", "abs is a function"),
        ("val_f1 + 1" + "0" * 20, "more than 15 digits"),
        ("val_f1" + " + val_f1" * 40, "Is longer than 300"),
        ("-" * 60 + "val_f1", "nested too deeply"),
        ("val_f1\0", "Can't be read"),
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
