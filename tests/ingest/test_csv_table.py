"""CSV files: what is read, and what is refused with its line and mend."""

import numpy as np
import pytest

from experiments.ingest.columns import facts_of
from experiments.ingest.csv_table import check_csv_start, read_csv
from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import Limits
from tests.steps import steps_of

BODY = "".join(f"{i},{'a' if i % 2 else 'b'}\n" for i in range(20))


def refused(content: bytes, **options) -> str:
    with pytest.raises(DataRefused) as error:
        read_csv(content, **options)
    return str(error.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_found(delimiter):
    table = read_csv(("x,y\n" + BODY).replace(",", delimiter).encode())
    assert list(table.frame.columns) == ["x", "y"]
    assert table.frame["x"].tolist() == list(range(20))


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert read_csv(b"\xef\xbb\xbfx,y\n" + BODY.encode()).frame.columns[0] == "x"


def test_windows_line_ends_and_blank_lines_are_fine():
    text = ("x,y\n\n" + BODY + "\n").replace("\n", "\r\n")
    assert len(read_csv(text.encode()).frame) == 20


def test_a_decimal_comma_is_read_where_semicolons_part():
    rows = "".join(f"{i},5;{i}\n" for i in range(20))
    table = read_csv(f"x;y\n{rows}".encode())
    assert table.frame["x"].tolist()[:3] == [0.5, 1.5, 2.5]
    assert "Numbers are written with a decimal comma." in table.notes


def test_quoted_cells_hold_delimiters_and_line_ends_and_lines_are_counted_right():
    table = read_csv(b'x,y\n1,"a, b"\n2,"two\nlines"\n' + b"3,c\n" * 12)
    assert table.frame["y"].tolist()[:3] == ["a, b", "two\nlines", "c"]
    assert table.lines is not None
    assert table.lines.tolist()[:4] == [2, 3, 5, 6]


def test_missing_values_are_seen():
    rows = "1,\n,b\nNA,c\n?,d\n" + "5,e\n" * 10
    facts = facts_of(read_csv(f"x,y\n{rows}".encode()).frame)
    assert [one.missing for one in facts] == [3, 1]
    assert facts[0].holds == "number"


def test_infinite_and_overflowing_numbers_are_counted_with_their_line():
    rows = "1,a\n1e999,b\ninf,c\n1e200,d\n" + "2,a\n" * 12
    table = read_csv(f"x,y\n{rows}".encode())
    facts = facts_of(table.frame, table.lines)[0]
    assert (facts.odd, facts.odd_line, facts.use) == (3, 3, "")


def test_text_among_numbers_is_named_by_line():
    rows = BODY.replace("7,", "seven,").replace("9,", "nine,")
    table = read_csv(f"x,y\n{rows}".encode())
    facts = facts_of(table.frame, table.lines)[0]
    assert (facts.holds, facts.odd_text, facts.odd_line, facts.use) == ("mixed", "seven", 9, "")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty"),
        (b"\n\n  \n", "The file is empty"),
        (b"x,y\n", "a header but no rows"),
        (b"x,y\n1,2\n", "has 1 row; at least 10"),
        (b"x\n" + b"1\n" * 20, "only one column"),
        (b"x,\n" + b"1,2\n" * 20, "Column 2 has no name"),
        (b"x,x\n" + b"1,2\n" * 20, "Two columns are named x"),
        (b"x, x \n" + b"1,2\n" * 20, "Two columns are named x"),
        (b"x,y\n" + b"1,2\n" * 20 + b"1,2,3\n", "Line 22 has 3 cells, but the first line has 2"),
        (b"x,y\n" + b"1,2\n" * 20 + b"1\n", "Line 22 has 1 cell,"),
        (b"x,y\n" + b"1,2\n" * 20 + b"1,\0\n", "Line 22 contains a NUL byte"),
        (b"x,y\n1,M\xfcnchen\n", "Line 2 isn't UTF-8 text (byte 0xfc at position 4)"),
        (b"x,y\n" + b"1,2\n" * 20 + b'1,"open\n', "never closed"),
        ("x,y\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"5.1,3.5,setosa\n" * 20, "looks like data (5.1, 3.5, setosa)"),
        (b"x,y\n" + b"1,2\r" * 20, "old Macintosh line endings"),
        (b'x,y\n1,"' + b"a" * 200_000 + b'"\n', "longer than 131,072 characters"),
        (b"x," + b"y" * 300 + b"\n1,2\n", "longer than 200 characters"),
    ],
)
def test_what_can_not_be_read_is_told_in_plain_words(content, told):
    assert told in refused(content)


@pytest.mark.parametrize(
    "row",
    [b"5.1,Paris,free,yes\n4.9,Oslo,pro,no\n", b"Paris,free,yes\nOslo,pro,no\n"],
    ids=["mixed with texts", "texts alone"],
)
def test_a_first_row_of_texts_is_no_header_when_they_stand_below_again(row, tmp_path):
    told = "The first line looks like data"
    assert told in refused(row * 10)
    large = tmp_path / "large.csv"
    large.write_bytes(row * 100_000)
    with pytest.raises(DataRefused, match=told):
        check_csv_start(large)


def test_a_header_may_hold_a_year_and_name_a_value():
    rows = "".join(f"town {i},{i},free,plan\n" for i in range(20))
    table = read_csv(f"town,2019,plan,kind\n{rows}".encode())
    assert list(table.frame.columns) == ["town", "2019", "plan", "kind"]


def test_a_file_without_header_is_read_when_asked():
    table = read_csv(b"5.1,3.5,setosa\n" * 20, has_header=False)
    assert list(table.frame.columns) == ["column_1", "column_2", "column_3"]
    assert len(table.frame) == 20


def test_two_hundred_thousand_columns_are_refused_in_few_steps(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_bytes(b"a," * 200_000 + b"a\n" + b"1," * 200_000 + b"1\n")

    def refused_at_the_door():
        with pytest.raises(DataRefused, match="200,001 columns; at most 2,000"):
            check_csv_start(path)

    assert steps_of(refused_at_the_door) < 5000


def test_too_many_rows_and_too_long_lines_are_refused():
    few = Limits(rows=15)
    assert "more than 15 rows" in refused(b"x,y\n" + BODY.encode(), limits=few)
    short = Limits(line_bytes=1024**2)
    assert "longer than 1 MB" in refused(b"x,y\n" + b"1" * 1_200_000, limits=short)


def test_cells_that_look_like_formulas_stay_texts():
    rows = "".join(f"{i},=cmd|' /C calc'!A{i % 2}\n" for i in range(20))
    assert facts_of(read_csv(f"x,y\n{rows}".encode()).frame)[1].holds == "category"


def test_a_large_file_is_checked_by_its_first_lines_at_the_door(tmp_path):
    path = tmp_path / "large.csv"
    path.write_bytes(b"x,y\n" + b'1,"two\nlines"\n' * 90_000 + b"1\n")
    check_csv_start(path)  # the sample ends inside a quoted cell
    with pytest.raises(DataRefused, match="Line 180,002 has 1 cell,"):
        read_csv(path)


def test_two_hundred_thousand_rows_take_few_steps_each():
    rng = np.random.default_rng(1)
    rows = "\n".join(
        f"{a:.3f},{b}" for a, b in zip(rng.random(200_000), range(200_000), strict=True)
    )
    assert steps_of(lambda: read_csv(f"x,y\n{rows}\n".encode())) < 25 * 200_000
    assert len(read_csv(f"x,y\n{rows}\n".encode()).frame) == 200_000
