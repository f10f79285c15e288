"""A bundle's predict.py, run as a program with ONNX Runtime: which rows it refuses, names and counts."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import cells
from experiments.cells import MONTHS

PREDICT = Path(__file__).resolve().parents[3] / "templates" / "bundle" / "predict.py"
FLATS = {
    "kind": "table",
    "shape": [1, 1],
    "columns": [
        {"name": "area", "type": "number", "categories": []},
        {"name": "city", "type": "category", "categories": ["Oslo", "Rom"]},
    ],
}
ORDERS = {
    "kind": "table",
    "shape": [2, 1],
    "columns": [
        {"name": "paid", "type": "number", "categories": [], "read": "point"},
        {"name": "day (year)", "type": "number", "categories": [], "source": "day", "read": "%d.%m.%Y", "part": "year"},
        {"name": "day (month)", "type": "category", "categories": list(MONTHS), "source": "day", "read": "%d.%m.%Y",
         "part": "month"},
    ],
}  # fmt: skip
VECTORS = {"kind": "array", "shape": [2], "columns": []}
WORDS = {"kind": "text", "shape": [2], "columns": [], "vocabulary": 10}


def adding_model(path: Path, inputs: dict[str, int], *, whole: bool) -> None:
    """An ONNX model that adds up a row's values; a missing number makes it 0."""
    import onnx
    from onnx import TensorProto, helper

    kinds = {"categories": TensorProto.INT32}
    kinds |= {"rows": TensorProto.INT32} if whole else {}
    rows = [
        helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), ["n", width])
        for name, width in inputs.items()
    ]
    nodes = [
        helper.make_node("Cast", [name], [f"{name}_"], to=TensorProto.FLOAT) for name in inputs
    ]
    nodes += [
        helper.make_node("Concat", [f"{name}_" for name in inputs], ["all"], axis=1),
        helper.make_node("IsNaN", ["all"], ["absent"]),
        helper.make_node("Where", ["absent", "zero", "all"], ["whole"]),
        helper.make_node("ReduceSum", ["whole", "axis"], ["sum"], keepdims=1),
    ]
    constants = [
        helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
    ]
    found = [helper.make_tensor_value_info("sum", TensorProto.FLOAT, ["n", 1])]
    graph = helper.make_graph(nodes, "adding", rows, found, constants)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)


@pytest.fixture
def predicted(tmp_path):
    """Write the input beside a bundle, predict it, and return the finished process."""

    def predict(rows, *flags, schema=FLATS, name="rows.csv", encoding="utf-8"):
        for program in (PREDICT, PREDICT.with_name("read_rows.py")):
            shutil.copy(program, tmp_path)
        shutil.copy(cells.__file__, tmp_path)
        numbers, categories = schema["shape"] if schema["kind"] == "table" else (0, 0)
        inputs = {"numbers": numbers, "categories": categories} if numbers else {"rows": 2}
        adding_model(tmp_path / "model.onnx", inputs, whole=schema is WORDS)
        (tmp_path / "schema.json").write_text(json.dumps(schema))
        (tmp_path / "labels.json").write_text(json.dumps({"task": "regression", "classes": []}))
        if isinstance(rows, str):
            (tmp_path / name).write_text(rows, encoding=encoding, newline="")
        else:
            np.save(tmp_path / name, rows)
        return subprocess.run(
            [sys.executable, "predict.py", name, "--model", "model.onnx", *flags],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return predict


def answers(done) -> dict[str, float]:
    """The prediction of each place in the input."""
    found = list(csv.DictReader(io.StringIO(done.stdout)))
    place = next(iter(found[0]))
    return {row[place]: float(row["prediction"]) for row in found}


BAD = """area,city
10,Oslo
20,Wien
30
1e400,Rom
-inf,Oslo
1e39,Oslo
big,Rom
,Rom
80,Wien
"""
ADVICE = "--on-error skip leaves these rows out; --on-error missing takes such values as missing."
NAMED = [
    "rows.csv, line 3, column city: “Wien” is none of the 2 categories of the training data.",
    "rows.csv, line 4: 1 cell, but the header has 2.",
    "rows.csv, line 5, column area: “1e400” is infinite or beyond 3.4e+38.",
    "rows.csv, line 6, column area: “-inf” is infinite or beyond 3.4e+38.",
    "rows.csv, line 7, column area: “1e39” is infinite or beyond 3.4e+38.",
    "rows.csv, line 8, column area: “big” isn't a number.",
    "rows.csv, line 10, column city: “Wien” is none of the 2 categories of the training data.",
    "7 of 9 rows have problems: 1 line of another length, 3 infinite numbers, 1 text for a number, 2 unseen categories.",
]  # fmt: skip


def test_every_bad_value_is_named_with_line_and_column_and_nothing_is_predicted(predicted):
    done = predicted(BAD)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        *NAMED,
        f"Nothing was predicted. {ADVICE}",
    ]


def test_bad_rows_are_skipped_counted_and_the_others_keep_their_lines(predicted):
    done = predicted(BAD, "--on-error", "skip")
    assert done.returncode == 3
    assert done.stderr.splitlines() == [*NAMED, "7 rows were left out."]
    assert answers(done) == {"2": 10.0, "9": 1.0}


def test_bad_values_are_taken_as_missing_but_a_ragged_line_has_none(predicted):
    done = predicted(BAD, "--on-error", "missing")
    assert done.returncode == 3
    assert done.stderr.splitlines() == [*NAMED, "1 row was left out."]
    assert answers(done) == {
        "2": 10, "3": 19, "5": 1, "6": 0, "7": 0, "8": 1, "9": 1, "10": 79,
    }  # fmt: skip


def test_missing_in_place_of_every_bad_value_leaves_no_row_out(predicted):
    done = predicted("area,city\n10,Wien\n", "--on-error", "missing")
    assert (done.returncode, answers(done)) == (0, {"2": 9.0})
    assert "1 unseen category" in done.stderr


def test_clean_rows_say_nothing(predicted):
    done = predicted("city;area;note\nRom;1,5;x\n\n NA ;nan;\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert answers(done) == {"2": 2.5, "4": -1.0}


def test_only_the_first_problems_are_listed_and_all_are_counted(predicted):
    done = predicted("area,city\n" + "x,Rom\n" * 500)
    lines = done.stderr.splitlines()
    assert len(lines) == 23
    assert lines[20] == "and 480 more"
    assert lines[21] == "500 of 500 rows have problems: 500 texts for a number."


def test_a_comma_is_a_decimal_mark_only_where_it_separates_no_columns(predicted):
    done = predicted('area,city\n"1,234",Rom\n')
    assert done.returncode == 2
    assert "line 2, column area: “1,234” isn't a number." in done.stderr


def test_a_record_over_several_lines_is_named_by_its_first(predicted):
    done = predicted('note,area,city\n"a\nb",x,Rom\nc,y,Rom\n')
    assert "line 2, column area" in done.stderr
    assert "line 4, column area" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'area,city\n1,"Rom\n2,Oslo\n',
            "rows.csv, line 3: unexpected end of data. The quote that opens in line 2 is never closed.",
        ),
        (
            'area,city\n1,"a\n""b""","x\n""y"",z\n',
            "rows.csv, line 4: unexpected end of data. The quote that opens in line 3 is never closed.",
        ),
        ("area,city,area\n1,Rom,2\n", "rows.csv: has the column area twice."),
        ("area,city\n", "rows.csv: has no rows under its header."),
        ("area\n1\n", "rows.csv: lacks the column city. It has area."),
    ],
)
@pytest.mark.parametrize("flag", ["stop", "skip", "missing"])
def test_a_file_that_can_not_be_read_is_refused_whatever_the_flag(predicted, text, words, flag):
    done = predicted(text, "--on-error", flag)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{words}\n")


def test_no_row_is_left(predicted):
    done = predicted("area,city\nx,Rom\n", "--on-error", "skip")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == "Nothing was predicted: no row is left."


def test_json_keeps_the_line_too(predicted):
    done = predicted(BAD, "--on-error", "skip", "--format", "json")
    assert json.loads(done.stdout) == [
        {"line": 2, "prediction": 10.0},
        {"line": 9, "prediction": 1.0},
    ]


def test_lines_of_an_array_file_are_named_likewise(predicted):
    done = predicted("1,2\n3\n4,inf\n5,x\n6,7\n", "--on-error", "skip", schema=VECTORS)
    counts = "1 line of another length, 1 infinite number, 1 text for a number."
    assert done.stderr.splitlines() == [
        "rows.csv, line 2: 1 cell, but the first line has 2.",
        "rows.csv, line 3, column 2: “inf” is infinite or beyond 3.4e+38.",
        "rows.csv, line 4, column 2: “x” isn't a number.",
        f"3 of 5 rows have problems: {counts}",
        "3 rows were left out.",
    ]
    assert (done.returncode, answers(done)) == (3, {"1": 3.0, "5": 13.0})


@pytest.mark.parametrize(("rows", "name"), [("", "rows.csv"), (np.zeros((0, 2)), "rows.npy")])
def test_an_array_without_rows_is_refused(predicted, rows, name):
    done = predicted(rows, schema=VECTORS, name=name)
    assert (done.returncode, done.stderr) == (2, f"{name}: has no rows.\n")


def test_rows_of_an_array_with_nan_or_infinity_are_named(predicted):
    rows = np.array([[1, 2], [np.nan, 1], [3, 4], [np.inf, 0]])
    done = predicted(rows, "--on-error", "missing", schema=VECTORS, name="rows.npy")
    assert done.stderr.splitlines()[:2] == [
        "rows.npy, row 1: holds NaN or an infinite number.",
        "rows.npy, row 3: holds NaN or an infinite number.",
    ]
    assert (done.returncode, answers(done)) == (3, {"0": 3.0, "2": 7.0})


def test_rows_with_unknown_token_ids_are_named(predicted):
    rows = np.array([[1, 2], [3, 10], [4, 5]])
    done = predicted(rows, "--on-error", "skip", schema=WORDS, name="rows.npy")
    assert done.stderr.splitlines()[0] == "rows.npy, row 1: expected whole token ids from 0 to 9."
    assert (done.returncode, answers(done)) == (3, {"0": 3.0, "2": 9.0})


def test_a_prediction_that_is_no_number_is_an_error_of_its_row(predicted):
    done = predicted("3e38,1\n3e38,3e38\n", "--on-error", "skip", schema=VECTORS)
    assert done.stderr.splitlines()[0] == "rows.csv, line 2: the prediction isn't a finite number."
    assert (done.returncode, list(answers(done))) == (3, ["1"])


def test_written_numbers_and_dates_become_what_the_model_was_trained_on(predicted):
    done = predicted('day,paid\n31.03.2024,"$1,234.50"\n01.01.1999,7\n,\n', schema=ORDERS)
    assert done.returncode == 0, done.stderr
    assert answers(done) == {"2": 2024 + 2 + 1234.5, "3": 1999 + 0 + 7, "4": -1}


def test_what_is_no_date_or_written_number_is_named_once_with_its_line(predicted):
    done = predicted("day,paid\n31.02.2024,5\n2024-01-01,many\n", schema=ORDERS)
    assert done.returncode == 2
    assert done.stderr.splitlines()[:4] == [
        "rows.csv, line 2, column day: “31.02.2024” isn't a date such as 31.03.2024.",
        "rows.csv, line 3, column paid: “many” isn't a number with a decimal point.",
        "rows.csv, line 3, column day: “2024-01-01” isn't a date such as 31.03.2024.",
        "2 of 2 rows have problems: 1 text for a number, 2 texts for a date.",
    ]
    done = predicted("day,paid\n31.02.2024,5\n01.01.2024,6\n", "--on-error", "skip", schema=ORDERS)
    assert answers(done) == {"3": 2030.0}
