"""A model of dates and written numbers: prepared, trained, downloaded and run on raw texts."""

import csv
import io
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import storage
from experiments.cells import EPOCH
from experiments.ingest.csv_table import read_csv
from experiments.ingest.tables import prepare_table
from experiments.ingest.targets import TableChoice
from experiments.services.bundles import bundles
from tests.ingest.outcomes import found
from tests.services.bundled import run, train, unzip

pytestmark = pytest.mark.needs("first run", why="a bundle's files know no database")

USES = {"ordered": "date", "seen": "date", "paid": "number_point", "share": "number_comma"}


def orders(rows: int = 240) -> str:
    """Raw texts: days, moments with a zone, dollars, German percent; some missing, one no date."""
    days = np.datetime64("2021-01-04") + np.random.default_rng(3).permutation(rows) * 3
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["ordered", "seen", "paid", "share", "late"])
    for row, day in enumerate(days):
        text = day.item().strftime("%d.%m.%Y")
        seen = f"{day} {row % 24:02d}:15:00+02:00"
        late = float((day - np.datetime64("2021-01-01")).astype(int)) + day.item().weekday()
        cells = [text, seen, f"${row * 37.5:,.2f}", f"{row / 7:.1f} %".replace(".", ","), late]
        if row == 5:
            cells[0] = "31.02.2021"
        if row % 50 == 9:
            cells[0] = cells[2] = ""
        writer.writerow(cells)
    return stream.getvalue()


def prepared():
    read = read_csv(orders().encode())
    choice = TableChoice("late", "regression", USES, {"seen": ("weekday", "hour")})
    return prepare_table(read.frame, choice, read.lines)


def test_dates_become_their_parts_and_a_bad_one_is_missing():
    made = prepared()
    names = [column.name for column in made.schema.columns]
    assert names == [
        *(f"ordered ({part})" for part in ("year", "month", "weekday", "elapsed days")),
        *("seen (weekday)", "seen (hour)", "paid", "share"),
    ]
    first = orders().splitlines()[1].partition(",")[0]
    day, month, year = (int(part) for part in first.split("."))
    numbers = {
        one.name: made.arrays["numbers"][:, at] for at, one in enumerate(made.schema.numbers)
    }
    assert numbers["ordered (year)"][0] == year
    elapsed = (type(EPOCH)(year, month, day) - EPOCH).days
    assert numbers["ordered (elapsed days)"][0] == elapsed
    assert np.isnan(numbers["ordered (year)"][[5, 9]]).all()
    assert made.arrays["categories"][5, :2].tolist() == [-1, -1]
    assert made.schema == type(made.schema).from_dict(made.schema.to_dict())
    said = found(made)["odd_cells"]
    assert (
        "1 cell of column ordered can't be read as a date, first in line 7: “31.02.2021”" in said
    )


@pytest.mark.training
@pytest.mark.timeout(900)
def test_the_downloaded_model_takes_raw_texts_and_can_be_trained_again(
    project, training_pool, tmp_path, queues
):
    made = prepared()
    trial = train(project, made, "table-mlp", training_pool)
    artifact = bundles.make_bundle(trial.pk)
    assert artifact is not None, bundles.bundle_of(trial)
    folder = unzip(storage.absolute(artifact.path), tmp_path / "bundle")
    assert (folder / "cells.py").is_file()
    python = Path(sys.executable)
    tested = run(python, folder / "predict.py", "--self-test")
    assert tested.returncode == 0, tested.stdout + tested.stderr

    raw = tmp_path / "orders.csv"
    raw.write_text(orders())
    stopped = run(python, folder / "predict.py", raw, "--model", "model.onnx")
    assert stopped.returncode == 2
    assert (
        "line 7, column ordered: “31.02.2021” isn't a date such as 31.03.2024." in stopped.stderr
    )
    done = run(
        python, folder / "predict.py", raw, "--model", "model.onnx", "--on-error", "missing"
    )
    assert done.returncode == 0, done.stderr
    texts = [float(row["prediction"]) for row in csv.DictReader(io.StringIO(done.stdout))]
    assert np.allclose(texts, from_arrays(folder, made), rtol=1e-4)

    reproduced = run(
        python,
        folder / "reproduce.py",
        storage.dataset_folder(trial.experiment.dataset_version.digest),
    )
    assert reproduced.returncode == 0, reproduced.stderr
    assert "val_loss" in reproduced.stdout and "difference 0" in reproduced.stdout


def from_arrays(folder: Path, made) -> list[float]:
    """What the same model predicts from the arrays that it was trained on."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    inputs = {name: made.arrays[name] for name in ("numbers", "categories")}
    return session.run(None, inputs)[0][:, 0].tolist()
