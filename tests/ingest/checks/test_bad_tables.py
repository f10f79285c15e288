"""Each bad table is named for what is wrong with it; healthy ones are not."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.data_checks import healthy_table
from experiments.ingest.built_in import BUILT_IN
from experiments.ingest.checks.outcome import NotChecked, NotFound, from_stored, stored
from experiments.ingest.columns import facts_of
from experiments.ingest.csv_table import read_csv
from experiments.ingest.file_locations import Places
from experiments.ingest.tables import prepare_table
from experiments.ingest.targets import TableChoice
from tests.ingest.outcomes import found

ROWS = 400
NAMES = np.array(["red", "green", "blue"])


def table(**columns):
    """A healthy table with other columns."""
    rng = np.random.default_rng(3)
    kind = rng.integers(0, 3, ROWS)
    base = {
        "length": rng.normal(kind, 1.0),
        "width": rng.normal(kind * 0.5, 1.0),
        "height": rng.standard_normal(ROWS),
        "place": np.array(["north", "south"])[rng.integers(0, 2, ROWS)],
        "colour": NAMES[kind],
    }
    return pd.DataFrame({**base, **columns})


def look(frame, target="colour", task="classification", uses=None):
    return found(prepare_table(frame, TableChoice(target, task, uses or {})))


def codes(frame):
    return frame["colour"].map({"red": 2, "green": 0, "blue": 1})


def test_a_healthy_table_has_no_finding_and_says_what_was_looked_at():
    prepared = prepare_table(table(), TableChoice("colour", "classification"))
    outcomes = from_stored(prepared.profile["checks"])
    assert found(prepared) == {}
    assert all(isinstance(one, NotFound) and one.basis for one in outcomes)
    assert stored(outcomes) == prepared.profile["checks"]


@pytest.mark.parametrize(
    "key", ["iris", "wine", "breast_cancer", "diabetes", "house_prices", "digits"]
)
def test_built_in_data_has_no_finding(key, tmp_path):
    places = Places(data=tmp_path, packages=tmp_path, keras=tmp_path, fetch=None)
    assert found(BUILT_IN[key].load(places)) == {}


def test_few_healthy_tables_have_a_finding():
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 11])
        frame = healthy_table(rng, int(rng.choice([60, 200, 1_000])), int(rng.integers(3, 25)))
        target = ("y", "label")[seed % 2]
        task = ("regression", "classification")[seed % 2]
        alarms += bool(look(frame, target, task, {("label", "y")[seed % 2]: "skip"}))
    assert alarms <= 2


@pytest.mark.parametrize(
    "leak",
    [
        codes,
        lambda frame: codes(frame).map({0: "x7", 1: "q", 2: "zz"}),
        lambda frame: codes(frame) + np.random.default_rng(0).normal(0, 0.05, ROWS),
        lambda frame: codes(frame).where(np.arange(ROWS) % 200 > 0, 0),  # wrong in some rows
    ],
    ids=["a permuted code", "other names", "with noise", "nearly"],
)
def test_a_column_that_is_the_target_is_named(leak):
    frame = table()
    frame["later"] = leak(frame)
    said = look(frame)["target_leak"]
    assert "Column later alone predicts colour" in said
    assert "Leave it out unless later is known before colour is" in said
    assert set(look(frame)) == {"target_leak"}


@pytest.mark.parametrize(
    "leak", [np.exp, lambda y: -3 * y + 7, np.abs], ids=["exp", "scaled", "sign lost"]
)
def test_a_column_that_a_number_follows_is_named(leak):
    rng = np.random.default_rng(5)
    y = np.abs(rng.standard_normal(ROWS)) if leak is np.abs else rng.standard_normal(ROWS)
    frame = table(
        price=y, later=leak(y * (np.where(rng.random(ROWS) < 0.5, -1, 1) if leak is np.abs else 1))
    )
    assert "Column later" in look(frame, "price", "regression")["target_leak"]


def test_a_column_that_is_missing_for_one_class_is_named():
    frame = table()
    frame["since"] = np.where(frame["colour"] == "red", np.nan, frame["height"] + 1)
    frame["colour"] = np.where(frame["colour"] == "red", "red", "other")
    assert "Column since" in look(frame)["target_leak"]


def test_too_few_rows_are_not_checked():
    prepared = prepare_table(table().head(20), TableChoice("colour", "classification"))
    outcomes = from_stored(prepared.profile["checks"])
    assert NotChecked("target_leak", "20 rows; at least 30 are needed.") in outcomes


def test_copied_rows_are_counted():
    frame = pd.concat([table(), table().head(9)], ignore_index=True)
    assert look(frame)["copies"].startswith("9 rows repeat an earlier one.")


def test_rows_that_few_values_make_equal_are_no_copies():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({name: rng.integers(0, 4, ROWS) for name in "abc"})
    frame["colour"] = NAMES[rng.integers(0, 3, ROWS)]
    prepared = prepare_table(frame, TableChoice("colour", "classification"))
    outcomes = {one.check: one for one in from_stored(prepared.profile["checks"])}
    assert "no more often than columns with few" in outcomes["copies"].basis
    assert outcomes["near_copies"].why.startswith("No number column has more than 20")


def test_nearly_copied_rows_are_counted():
    near = table().head(30).copy()
    for name in ("length", "width", "height"):
        near[name] = near[name].round(2)
    said = look(pd.concat([table(), near], ignore_index=True))
    assert "60 of 430 rows are nearly equal to another" in said["near_copies"]
    assert "copies" not in said


def test_a_group_among_the_inputs_is_named():
    said = look(table(patient_id=np.arange(ROWS) // 8))
    assert "Column patient_id is an input and looks like a group: 50 values" in said["groups"]
    assert "group by patient_id in the split" in said["groups"]
    assert "groups" not in look(
        table(patient_id=np.arange(ROWS) // 8), uses={"patient_id": "skip"}
    )
    assert "groups" not in look(table(age_group=np.arange(ROWS) % 5))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{:,.2f}", "read as a number"),
        ("${:,.0f}", "read as a number"),
        ("{:.1f} %", "read as a number"),
        ("{:,.2f} USD", "read as a number"),
    ],
)
def test_written_numbers_are_proposed_as_numbers(written, said):
    prices = [written.format(value) for value in np.linspace(-20, 90_000, ROWS)]
    frame = table(price=prices)
    [facts] = [one for one in facts_of(frame) if one.name == "price"]
    assert facts.use == "number_point"
    numbers = prepare_table(frame, TableChoice("colour", "classification")).arrays["numbers"]
    assert abs(numbers[-1, 3] - 90_000) < 1
    skipped = look(frame, uses={"price": "skip"})["written_numbers"]
    assert "has numbers written as text" in skipped
    assert "Use it as a number." in skipped


def test_a_decimal_comma_is_read_and_an_unclear_one_asked():
    points = [
        f"{value:,.2f}".replace(",", " ").replace(".", ",") for value in np.linspace(1, 9e4, ROWS)
    ]
    unclear = [f"{1 + value % 9},{100 + value}" for value in range(ROWS)]
    facts = {one.name: one for one in facts_of(table(eu=points, unclear=unclear))}
    assert facts["eu"].use == "number_comma"
    assert facts["unclear"].use == ""
    assert {one.use for one in facts["unclear"].readings} == {"number_point", "number_comma"}


def test_two_currencies_are_no_one_number():
    prices = [f"{'€' if value % 2 else '$'}{value}" for value in range(ROWS)]
    assert "different units ($, €)" in look(table(price=prices))["written_numbers"]


def test_dates_left_as_text_are_named():
    days = pd.date_range("2023-01-01", periods=ROWS).strftime("%d.%m.%Y")
    said = look(table(day=days))["dates"]
    assert "Column day has dates and is not used." in said
    assert "year, month, weekday, elapsed days" in said
    unclear = [f"{1 + value % 12:02d}/{1 + value % 11:02d}/2024" for value in range(ROWS)]
    assert "day/month or month/day" in look(table(day=unclear))["dates"]


def test_spellings_of_a_category_are_named():
    plans = np.array(["Basic", "basic", "BASIC", "Pro"])[np.arange(ROWS) % 4]
    said = look(table(plan=plans))["spellings"]
    assert "“BASIC”" in said and "“basic”" in said and "in several ways" in said
    frame = table()
    frame.loc[:50, "colour"] = frame["colour"].str.upper()
    assert "one class in several ways" in look(frame)["spellings"]


def test_one_hot_targets_are_named():
    frame = table()
    for name in NAMES:
        frame[f"is_{name}"] = (frame["colour"] == name).astype(int)
    said = look(frame.drop(columns="colour"), "is_red", "regression")["one_hot"]
    assert "is_red, is_green, is_blue" in said or "one class in one-hot form" in said
    several = {"is_green": "learn_number", "is_blue": "learn_number"}
    assert "one_hot" in look(frame.drop(columns="colour"), "is_red", "regression", several)


def one_hot_table(*, flipped=0, written=int):
    """A table whose colour stands in one column of 0 and 1 a name; flipped: rows without a 1."""
    frame = table()
    for name in NAMES:
        frame[f"is_{name}"] = frame["colour"] == name
        frame.loc[: flipped - 1, f"is_{name}"] = False
        frame[f"is_{name}"] = frame[f"is_{name}"].astype(written)
    return frame.drop(columns="colour")


@pytest.mark.parametrize("written", [int, bool, float], ids=["0 and 1", "true and false", "1.0"])
@pytest.mark.parametrize("flipped", [0, 4])
def test_a_one_hot_target_of_a_classification_is_named(written, flipped):
    frame = one_hot_table(flipped=flipped, written=written)
    uses = {name: "category" for name in ("is_red", "is_green") if written is bool}
    said = look(frame, "is_blue", uses=uses)
    assert set(said) == {"one_hot"}
    each = "nearly each row" if flipped else "each row"
    assert f"{each} has a single 1 among them, and the target is is_blue" in said["one_hot"]
    assert "Replace them by one column with the class" in said["one_hot"]
    assert "or leave the others out" in said["one_hot"]
    assert look(frame, "is_blue", uses={"is_red": "skip", "is_green": "skip"}) == {}


def test_zeros_and_ones_beside_a_target_are_no_one_hot_form():
    rng = np.random.default_rng(8)
    y, other = rng.integers(0, 2, (2, ROWS))
    rare = (np.arange(ROWS) % 80 == 0).astype(int)
    for columns in (
        {"is_a": other, "is_b": rng.integers(0, 2, ROWS), "is_y": y},
        {"sex_m": other, "sex_f": 1 - other, "is_y": y},
        {"sex_m": other, "sex_f": 1 - other, "is_y": rare},  # nearly each row has a single 1
        {"is_a": y & other, "is_y": y},
        {
            "is_a": (1 - y) & other,
            "is_b": (1 - y) & (1 - other) & rng.integers(0, 2, ROWS),
            "is_y": y,
        },
    ):
        for task in ("classification", "regression"):
            assert "one_hot" not in look(table(**columns), "is_y", task), (list(columns), task)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_complement_of_a_target_is_reported_once(task):
    y = np.random.default_rng(8).integers(0, 2, ROWS)
    said = look(table(is_dead=1 - y, is_alive=y), "is_alive", task)
    assert set(said) == {"target_leak"}


@pytest.mark.parametrize(
    ("written", "task"), [("{:,.1f}", "regression"), ("{:.0f} %", "classification")]
)
def test_a_target_of_written_numbers_or_dates_is_not_to_be_converted(written, task):
    values = np.random.default_rng(4).integers(1, 9, ROWS) * 400
    days = pd.to_datetime(values, unit="D").strftime("%d.%m.%Y")
    price = [written.format(value) for value in values]
    assert look(table(price=price), "price", task) == {}
    assert look(table(day=days), "day") == {}
    assert look(table(price=price), uses={"price": "learn_class"}) == {}


def test_what_can_not_be_read_counts_as_missing():
    frame = table(size=np.arange(ROWS) / 7, score=np.random.default_rng(1).normal(size=ROWS))
    frame["paid"] = [f"${row}.50" for row in range(ROWS)]
    frame.loc[[3, 9], "size"] = np.inf
    frame.loc[5, "size"] = np.nan
    frame.loc[7, "paid"] = "soon"
    frame.loc[8, "score"] = np.inf
    uses = {"size": "number", "paid": "number_point"}
    for choice, counted in (
        (TableChoice("colour", "classification", uses), {"size": 3, "paid": 1, "score": 0}),
        (TableChoice("score", "regression", uses), {"size": 3, "paid": 1, "score": 1}),
        (TableChoice("colour", "classification", {"size": "skip"}), {"size": 1}),
    ):
        columns = prepare_table(frame, choice).profile["columns"]
        missing = {one["name"]: one["missing"] for one in columns}
        assert {name: missing[name] for name in counted} == counted


def test_infinities_are_counted_with_their_line():
    rows = "\n".join(f"{'inf' if row in (4, 9) else row / 7},{row % 2}" for row in range(60))
    read = read_csv(f"size,kind\n{rows}\n".encode())
    choice = TableChoice("kind", "classification", {"size": "number"})
    prepared = prepare_table(read.frame, choice, read.lines)
    said = found(prepared)["infinite"]
    assert "Column size has 2 infinite numbers, first in line 6, taken as missing." in said


def test_a_rare_class_and_an_imbalance_are_named():
    rare = np.where(np.arange(ROWS) < 4, "rare", "often")
    assert "rare (4)" in look(table(colour=rare))["classes"]
    few = np.where(np.arange(ROWS) < 20, "few", "often")
    assert "19 times the rows of few" in look(table(colour=few))["classes"]
