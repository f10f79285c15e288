"""What rows of a table can be grouped or ordered by."""

import numpy as np
import pytest

from experiments.ingest.prepared import digest_of, write_prepared
from experiments.ingest.split_keys import keys_of
from experiments.ingest.tables import prepare_table
from experiments.ingest.targets import TableChoice


@pytest.mark.parametrize(
    ("values", "holds", "codes"),
    [
        ([5, 3, 3, np.nan], "number", [1, 0, 0, -1]),
        (["10", "9", None], "number", [1, 0, -1]),
        ([1_700_000_000, 1_700_000_001], "number", [0, 1]),  # one float32
        ([True, False, True], "text", [1, 0, 1]),
        (["pear", "apple", "pear"], "text", [1, 0, 1]),
        (["2024-03-01", "2023-12-24", ""], "text", [2, 1, 0]),
        (["2024-03-01", "2023-12-24", None], "time", [1, 0, -1]),
        (["2024-03-01 10:00:00", "2024-03-01 09:59:59.5"], "time", [1, 0]),
        (["2024-01-01T10:00:00+02:00", "2024-01-01T09:00:00Z"], "time", [0, 1]),
        (["1.12.2023", "24.2.2024"], "time", [0, 1]),
        (["12/31/2023", "02/01/2024"], "time", [0, 1]),
        ([None, None], "text", [-1, -1]),
    ],
)
def test_codes_follow_the_order_of_the_values(values, holds, codes):
    import pandas as pd

    keys = keys_of("c", pd.Series(values))
    assert (keys.column.holds, keys.codes.tolist()) == (holds, codes)
    assert keys.column.missing == codes.count(-1)
    assert keys.column.distinct == len({code for code in codes if code >= 0})


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        (["2024-01-01", "2024-01-02", "soon"], "soon"),
        (["1", "2", "many"], "many"),
        (["Ulm", "Bonn"], "Bonn"),
        (["03/04/2024", "05/06/2024"], "03/04/2024"),  # March or April
    ],
)
def test_what_is_in_no_time_order_is_told_by_an_example(values, odd):
    import pandas as pd

    column = keys_of("c", pd.Series(values)).column
    assert column.holds == "text"
    assert column.odd in values
    assert column.unfit("groups") == ""
    assert "can't be ordered by time" in column.unfit("time")
    assert odd in column.unfit("time") or odd == "Bonn"


@pytest.fixture
def frame():
    import pandas as pd

    return pd.DataFrame(
        {
            "patient": [f"p{row % 7}-{row % 7 * 1000}" for row in range(42)],
            "age": np.arange(42) % 9,
            "one": 1,
            "ill": ["yes", "no"] * 21,
        }
    )


def prepared(frame, **uses):
    return prepare_table(frame, TableChoice("ill", "classification", uses))


def test_a_table_keeps_every_column_but_the_target(frame, tmp_path):
    table = prepared(frame, patient="skip")
    names = [column["name"] for column in table.profile["split_columns"]]
    assert names == ["patient", "age"]
    digest = write_prepared(table, tmp_path)
    saved = np.load(tmp_path / f"{digest}.keys" / table.keys[0].column.file_name)
    assert saved.tolist() == [row % 7 for row in range(42)]


def test_columns_that_no_model_sees_are_part_of_the_content(frame):
    first = prepared(frame, patient="skip")
    other = prepared(frame.assign(patient=frame["patient"].iloc[::-1].to_numpy()), patient="skip")
    assert first.hidden == {"patient"}
    assert digest_of(first) != digest_of(other)
    assert prepared(frame, patient="category").hidden == frozenset()


def test_rows_that_are_left_out_have_no_keys(frame):
    frame.loc[0, "ill"] = None
    table = prepared(frame, patient="skip")
    assert len(table.keys[0].codes) == table.schema.rows == 41
