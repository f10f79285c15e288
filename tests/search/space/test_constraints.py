"""Constraints are parsed, never run as Python."""

import pytest

from experiments.search.formula import FormulaError
from experiments.search.space.constraints import parse_constraint
from tests.search.spaces import boolean, choice, fixed, floats, ints, only_if, space_of

SPACE = space_of(
    ints("units", 1, 512),
    ints("layers", 1, 8),
    floats("lr", 1e-5, 1.0, scale="log"),
    choice("optimizer", "adam", "sgd"),
    choice("kernel", 3, 5),
    boolean("norm"),
    fixed("epochs", 5),
    floats("momentum", 0, 0.9, **only_if("optimizer", "sgd")),
)
ROWS = {row.name: row for row in SPACE.hyperparameters}
VALUES = {
    **{"units": 64, "layers": 4, "lr": 0.01, "optimizer": "sgd"},
    **{"kernel": 3, "norm": False, "epochs": 5, "momentum": 0.5},
}


def holds(text, **changes):
    return parse_constraint(text, ROWS).holds(VALUES | changes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("units * layers <= 256", True),
        ("units * layers <= 255", False),
        ("units >= layers * kernel", True),
        ("1 < layers < 5", True),
        ("1 < layers < 4", False),
        ("units % 32 == 0", True),
        ("units // 10 == 6", True),
        ("units / layers == 16", True),
        ("layers ** 2 == 16", True),
        ("-layers < 0 and +layers > 0", True),
        ("log10(lr) == -2", True),
        ("abs(layers - 8) == 4", True),
        ("min(units, layers, 2) == 2", True),
        ("max(units, layers) == 64", True),
        ("optimizer == 'sgd'", True),
        ('optimizer != "adam" or layers > 100', True),
        ("optimizer in ('adam', 'sgd')", True),
        ("optimizer not in ['adam']", True),
        ("kernel in (3, 7)", True),
        ("not norm", True),
        ("norm == False", True),
        ("norm or units > 32", True),
        ("not (norm or units > 32)", False),
        ("units * layers * epochs <= 2e3", True),
        ("momentum < 0.9", True),
        ("  layers == 4  ", True),
    ],
)
def test_what_a_constraint_says(text, expected):
    assert holds(text) is expected


def test_a_constraint_over_an_inactive_name_counts_as_met():
    values = {name: value for name, value in VALUES.items() if name != "momentum"}
    assert parse_constraint("momentum > 100", ROWS).holds(values)


@pytest.mark.parametrize(
    "text",
    [
        "units / (layers - 4) > 0",
        "log10(layers - 4) < 1",
        "units % 0 == 0",
        "(layers - 8) ** 0.5 > 0",
        "1000.0 ** units ** 3 > 1",
    ],
)
def test_what_cannot_be_computed_counts_as_not_met(text):
    assert holds(text) is False


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Empty"),
        ("   ", "Empty"),
        ("units *", "Syntax error"),
        ("units <= ", "Syntax error"),
        ("units = 3", "Syntax error"),
        ("units\n<= 3; layers", "Syntax error"),
        ("units * layers", "Must be a comparison"),
        ("units", "Must be a comparison"),
        ("foo > 3", 'named "foo"'),
        ("1 < 2", "Names no hyperparameter"),
        ("optimizer > 3", "Compares a text with a number"),
        ("optimizer < 'sgd'", "can only be compared"),
        ("optimizer + 1 > 2", "optimizer is a text"),
        ("norm + 1 > 2", "norm is true or false"),
        ("norm == 1", "Compares"),
        ("not units", "units is a number"),
        ("units and layers", "units is a number"),
        ("optimizer in ('adam', 3)", "is a number"),
        ("optimizer in 'adamsgd'", 'list after "in"'),
        ("units in ()", 'list after "in"'),
        ("units is 3", "== or !="),
        ("units.__class__ == 3", "Unsupported expression"),
        ("__import__('os').system('true') == 0", "Supported functions"),
        ("open('x') == 0", "Supported functions"),
        ("eval('1') == 1", "Supported functions"),
        ("(lambda: 1)() == units", "Supported functions"),
        ("min(units) > 1", "two or more"),
        ("abs(units, 2) > 1", "one value"),
        ("max(units, key=abs) > 1", "Supported functions"),
        ("[u for u in (1,)] == units", "Unsupported expression"),
        ("units[0] > 1", "Unsupported expression"),
        ("(units if norm else 3) > 1", "Unsupported expression"),
        ("f'{units}' == 'a'", "Unsupported expression"),
        ("units @ layers > 1", "Supported operators"),
        ("units << 3 > 1", "Supported operators"),
        ("~units > 1", '"not" instead'),
        ("units > None", "isn't supported"),
        ("units > 3j", "isn't supported"),
        ("units > 1e999", "isn't supported"),
        ("units > b'3'", "isn't supported"),
        ("units > ...", "isn't supported"),
        (f"units > {10**20}", "15 digits"),
        ("(" * 250 + "units" + ")" * 240, "Syntax error"),
        ("not " * 60 + "norm", "Nested too deeply"),
        ("units > 1" + " " * 500, "Longer than 500"),
        ("units > 1\0", "Syntax error"),
        ("(units := 3) > 1", "Unsupported expression"),
        ("await units > 1", ""),
        ("\ud800 > 1", "Syntax error"),
    ],
)
def test_what_a_constraint_may_not_be(text, part):
    with pytest.raises(FormulaError) as error:
        parse_constraint(text, ROWS)
    assert part in str(error.value)


def test_powers_do_not_grow_without_bound():
    assert holds("units ** units ** units > 0", units=512) is False


def test_constraints_are_equal_by_their_text():
    first, second = (parse_constraint("units > 3", ROWS) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert first != parse_constraint("units > 4", ROWS)
    assert first != "units > 3"


def test_problems_of_a_space_name_the_constraint():
    from experiments.search.problems import SpaceError

    with pytest.raises(SpaceError) as error:
        space_of(ints("a", 1, 5), constraints=("a > 0", "b > 0", "a"))
    assert [problem.path for problem in error.value.problems] == ["constraints.1", "constraints.2"]
    with pytest.raises(SpaceError) as error:
        space_of(ints("a", 1, 5), constraints=(3, None))
    assert [problem.path for problem in error.value.problems] == ["constraints.0", "constraints.1"]
