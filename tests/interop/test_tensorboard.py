"""Event files that TensorBoard's own writer wrote, and damaged ones."""

import math

import pytest

from experiments.interop.event_records import BrokenRecord, masked_crc, records
from experiments.interop.imported_search import ImportRefused
from experiments.interop.tensorboard import read_events
from tests.training.orders import printed_by


def write(folder, scalars, hparams=None):
    """One event file, written by TensorBoard."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    if hparams:
        start = Summary.FromString(summary.session_start_pb(hparams).SerializeToString())
        writer.add_event(Event(summary=start, wall_time=1e9))
    for step, (tag, value) in enumerate(scalars):
        one = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(summary=one, step=step, wall_time=1e9 + step))
    writer.close()


@pytest.fixture
def runs(tmp_path):
    for number, (units, rate) in enumerate([(16, 0.1), (32, 0.01)]):
        run = tmp_path / f"run-{number}"
        write(run, [], {"units": units, "rate": rate, "act": "relu", "bn": number == 0})
        losses = [0.5 + number, 0.25 + number, 0.75]
        write(run / "validation", [("epoch_loss", loss) for loss in losses])
        write(run / "train", [("epoch_loss", loss / 2) for loss in losses])
    return {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*.*") if p.is_file()}  # fmt: skip


def test_each_run_is_a_trial_with_its_hyperparameters_and_curves(runs):
    search = read_events(runs, "logs")
    assert (search.objective, search.direction) == ("val_loss", "minimize")
    assert [trial.key for trial in search.trials] == ["run-0", "run-1"]
    first, second = search.trials
    assert first.values == {"units": 16, "rate": 0.1, "act": "relu", "bn": True}
    assert first.curves == {"loss": (0.25, 0.125, 0.375), "val_loss": (0.5, 0.25, 0.75)}
    assert (first.score, first.best_epoch, first.metrics["loss"]) == (0.25, 2, 0.125)
    assert second.score == 0.75
    assert search.space["units"].kind == "int" and search.space["act"].kind == "fixed"


def test_a_cut_off_file_keeps_what_stands_before(runs):
    path = next(name for name in runs if name.startswith("run-0/validation"))
    search = read_events(runs | {path: runs[path][:-9]}, "logs")
    assert search.trials[0].curves["val_loss"] == (0.5, 0.25, None)
    assert "truncated" in search.skipped[0].why


def test_a_changed_byte_is_noticed(runs):
    path = next(name for name in runs if name.startswith("run-0/validation"))
    content = bytearray(runs[path])
    content[-6] ^= 1
    with pytest.raises(BrokenRecord, match="checksum"):
        list(records(bytes(content)))


def test_a_value_that_diverged_is_empty(tmp_path):
    write(tmp_path / "run", [("val_loss", 1.0), ("val_loss", math.nan)], {"x": 1.5})
    files = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    assert read_events(files, "logs").trials[0].curves == {"val_loss": (1.0, None)}


def test_runs_without_hyperparameters_are_told(runs, tmp_path):
    write(tmp_path / "bare", [("loss", 1.0)])
    path = next(p for p in (tmp_path / "bare").iterdir())
    search = read_events(runs | {"bare/x.tfevents.1": path.read_bytes()}, "logs")
    assert [each.name for each in search.skipped] == ["bare"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no TensorBoard event file"),
        ({"a.tfevents.1": b""}, "No run has both"),
        ({"a.tfevents.1": b"hello, world!"}, "No run has both"),
    ],
)
def test_what_holds_no_run_is_refused(files, words):
    with pytest.raises(ImportRefused, match=words):
        read_events(files, "x")


def test_the_objective_is_asked_for_where_several_could_be_it(runs):
    with pytest.raises(ImportRefused, match="No run has the scalar x") as refused:
        read_events(runs, "logs", objective="x")
    assert refused.value.choices == ("loss", "val_loss")
    assert read_events(runs, "logs", objective="loss").best.score == 0.125


def test_the_checksum_is_castagnoli():
    assert masked_crc(b"123456789") == ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF  # fmt: skip


KERAS = """
from pathlib import Path
import keras, numpy
folder = Path({folder!r})
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
rows = numpy.ones((8, 2), "float32")
model.fit(
    rows, rows[:, :1], batch_size=2, epochs=3, validation_split=0.25, verbose=0,
    callbacks=[keras.callbacks.TensorBoard(folder, update_freq=1)],
)
"""


@pytest.mark.training
def test_keras_own_logs_have_the_epochs_that_were_trained(training_pool, tmp_path):
    run = tmp_path / "logs"
    printed_by(training_pool, KERAS.format(folder=str(run)), tmp_path)
    write(run, [], {"units": 16})
    files = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes()
        for path in run.rglob("*tfevents*")
    }
    assert len(files) == 3
    (trial,) = read_events(files, "logs", objective="val_loss").trials
    assert {len(curve) for curve in trial.curves.values()} == {3}
    assert set(trial.curves) >= {"loss", "val_loss"}
    assert not any("batch" in name or "iterations" in name for name in trial.curves)
    assert None not in trial.curves["val_loss"] + trial.curves["loss"]


def test_what_was_logged_between_epochs_alone_is_no_metric(tmp_path):
    write(tmp_path, [("epoch_loss", 0.5), ("lr", 0.1)], {"units": 16})
    files = {path.name: path.read_bytes() for path in tmp_path.glob("*tfevents*")}
    with pytest.raises(ImportRefused) as refused:
        read_events(files, "logs", objective="accuracy")
    assert refused.value.choices == ("loss",)
