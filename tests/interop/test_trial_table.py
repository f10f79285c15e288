"""Tables of trials: what their columns are, what is inferred, and what is refused."""

import json

import pytest

from experiments.interop.exported_search import write_json_lines
from experiments.interop.imported_search import ImportRefused
from experiments.interop.trial_table import read_csv, read_json_lines
from tests.interop.keras_tuner.test_export import own_search

CSV = b"number,params_x,params_kind,value,state\n7,0.5,a,1.5,COMPLETE\n8,0.25,b,,FAIL\n"


def test_columns_with_a_prefix_are_the_hyperparameters():
    search = read_csv(CSV, "mine", direction="minimize")
    assert [row.name for row in search.space.hyperparameters] == ["x", "kind"]
    assert [trial.key for trial in search.trials] == ["7", "8"]
    assert [trial.state for trial in search.trials] == ["completed", "failed"]
    assert search.best.score == 1.5 and search.best.values == {"x": 0.5, "kind": "a"}


def test_without_a_prefix_everything_else_is_one():
    search = read_csv(b"lr,units,val_accuracy\n0.001,8,0.5\n0.1,16,0.75\n", "x", objective="val_accuracy")  # fmt: skip
    assert [row.name for row in search.space.hyperparameters] == ["lr", "units"]
    assert search.space["lr"].scale == "log" and search.space["units"].kind == "int"
    assert (search.direction, search.best.values["lr"]) == ("maximize", 0.1)


OWN = (
    b"#,State,failure,val_accuracy,spread,lr,drop,max epochs,epochs,time,parameters,val_accuracy mean,val_loss last,val_loss mean\n"
    b"0,completed,,0.9,0.01,0.003,yes,20,6,6.5,1290,0.9,0.4,0.3\n"
    b"1,failed,user_code,,,0.1,no,10,0,0.0,,,,\n"
)


def test_the_table_that_pages_export_comes_back_as_what_it_was():
    search = read_csv(OWN, "mine")
    assert [row.name for row in search.space.hyperparameters] == ["lr", "drop", "epochs"]
    assert (search.objective, search.direction) == ("val_accuracy", "maximize")
    good, bad = search.trials
    assert good.values == {"lr": 0.003, "drop": True, "epochs": 20}
    assert (good.key, good.score, good.epochs, good.seconds) == ("0", 0.9, 6, 6.5)
    assert good.metrics == {"val_accuracy": 0.9, "val_loss": 0.3, "parameters": 1290}
    assert (bad.state, bad.message, bad.score) == ("failed", "user_code", None)
    other = read_csv(OWN, "mine", objective="val_loss")
    assert (other.direction, other.best.score) == ("minimize", 0.3)


def test_a_direction_that_nobody_knows_is_asked_for():
    with pytest.raises(ImportRefused, match="The direction of") as refused:
        read_csv(CSV, "mine")
    assert refused.value.field == "direction"


def test_odd_cells_are_taken_as_what_they_are():
    head = b"params.flag,params.n,params.t,params.same,score\n"
    search = read_csv(
        head + b"true,1,1,x,nan\nfalse,2,b,x,inf\ntrue,,\xd7\x90,x,3\n", "x", direction="minimize"
    )
    kinds = {row.name: row.kind for row in search.space.hyperparameters}
    assert kinds == {"flag": "boolean", "n": "int", "t": "choice", "same": "fixed"}
    assert [trial.state for trial in search.trials] == ["failed", "failed", "completed"]
    assert search.trials[0].values["t"] == "1" and search.trials[2].values["t"] == "א"
    assert search.counted_as == {"n": 1}


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_cells_may_be_parted_as_spreadsheets_do(mark):
    lines = ["params.rate,params.act,score", "0#1,relu,0#5", "1e-3,tanh,12", "0#25,relu,-3#75"]
    text = "\n".join(lines).replace(",", mark).replace("#", ",")
    search = read_csv(text.encode(), "x", direction="minimize")
    assert [trial.score for trial in search.trials] == [0.5, 12, -3.75]
    assert [trial.values["rate"] for trial in search.trials] == [0.1, 1e-3, 0.25]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no trial"),
        (b"a,b\n", "no trial"),
        (b"a,a\n1,2\n", "same name"),
        (b"a,score\n1\n", "Line 2 has 1 cells"),
        (b"score\n1\n", "no hyperparameters"),
        (b"a,b\n1,2\n", "The objective is unknown"),
        ("a,score\nä,1\n".encode("latin-1"), "isn't UTF-8"),
        (b'a,score\n"1,2\n', "can't be read as CSV"),
    ],
)
def test_what_is_no_table_of_trials_is_refused(content, words):
    with pytest.raises(ImportRefused, match=words):
        read_csv(content, "x", direction="minimize")


def test_a_search_comes_back_from_json_lines_number_for_number():
    first = own_search()
    search = read_json_lines(write_json_lines(first), "x")
    assert search.space == first.space
    assert (search.name, search.objective, search.direction) == ("Own", "val_loss", "minimize")
    assert [trial.values for trial in search.trials] == [trial.values for trial in first.trials]
    assert [trial.score for trial in search.trials] == [trial.score for trial in first.trials]
    assert search.trials[3].metrics == first.trials[3].metrics
    assert not search.notes


def test_curves_are_as_long_as_the_longest():
    line = {"values": {"a": 1}, "score": 1, "curves": {"loss": [3, 2, float("nan")], "acc": [0.1]}}
    search = read_json_lines(json.dumps(line).encode(), "x", direction="minimize")
    assert search.trials[0].curves == {"loss": (3, 2, None), "acc": (0.1, None, None)}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1]\n", "isn't a JSON object"),
        (b"{\n", "Line 1 isn't JSON"),
        (b'{"score": 1}\n', "has no values"),
        (b'{"values": {"a": [1]}, "score": 1}\n', "isn't a number"),
        (b'{"values": {"a": NaN}, "score": 1}\n', "isn't a finite number"),
        (b"[" * 200_000, "isn't JSON"),
    ],
)
def test_what_is_no_json_lines_of_trials_is_refused(content, words):
    with pytest.raises(ImportRefused, match=words):
        read_json_lines(content, "x", direction="minimize")


def test_a_trial_that_is_there_twice_is_skipped_and_told():
    twice = b'{"number": 1, "values": {"a": 1}, "score": 1}\n' * 2
    search = read_json_lines(twice, "x", direction="minimize")
    assert len(search.trials) == 1 and "twice" in search.skipped[0].why


def test_epochs_and_seconds_are_taken_and_a_lack_of_them_is_none():
    head = b"params.x,score,epochs,seconds\n"
    search = read_csv(head + b"1,0.5,20,3.5\n2,0.4,,\n3,0.3,-2,nan\n", "x", direction="minimize")
    assert [(trial.epochs, trial.seconds) for trial in search.trials] == [
        (20, 3.5),
        (0, None),
        (0, None),
    ]
    line = b'{"values": {"x": 1}, "score": 1, "epochs": 7, "seconds": 2}\n'
    (trial,) = read_json_lines(line, "x", direction="minimize").trials
    assert (trial.epochs, trial.seconds) == (7, 2.0)


def test_a_table_says_whether_its_trials_have_ids():
    line = b'{"values": {"x": 1}, "score": 1}\n'
    numbered = b'{"id": "a", "values": {"x": 1}, "score": 1}\n'
    assert not read_json_lines(numbered + line, "x", direction="minimize").has_ids
    assert read_json_lines(numbered, "x", direction="minimize").has_ids


def test_what_still_runs_is_open_and_what_waits_is_left_out():
    lines = b"id,params.x,state,score\na,1,running,\nb,2,paused,\nc,3,waiting,\nd,4,killed,\n"
    search = read_csv(lines, "x", direction="minimize")
    assert [(each.key, each.is_open) for each in search.trials] == [
        ("a", True),
        ("b", True),
        ("d", False),
    ]
    assert [each.name for each in search.skipped] == ["trial c"]
    with pytest.raises(ImportRefused, match="no trial that started"):
        read_csv(b"id,params.x,state,score\nc,3,waiting,\n", "x", direction="minimize")
