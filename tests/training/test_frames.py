import socket
import struct
from dataclasses import fields
from pathlib import Path

import pytest

from experiments.training import frames, messages
from experiments.training.code_messages import (
    Answer,
    CheckedPart,
    CheckOrder,
    CodeChecked,
    CodePart,
    DataSeen,
    FoundTrial,
    Question,
    ScriptEnded,
    ScriptOrder,
    SpaceOrder,
    SpaceRead,
    StrategyOrder,
)
from experiments.training.frames import FrameError
from tests.training.orders import trial_order

SAMPLES = [
    messages.ChildStarted(1, True, "CPU", {"keras": "3"}),
    messages.ModelBuilt(10, "fit", "too large"),
    messages.ExecutionStarted(3, 2),
    messages.EpochEnd(3, 1, {"loss": 0.5, "val_loss": None}, 0.1),
    messages.CheckpointSaved(3, 1, "/c"),
    messages.ExecutionEnd(3, 5, 4, {"loss": 0.1}, "m.keras", 10, "ab", 1.5),
    messages.DryRunResult(
        1000, [10], "fused", 10**6, None, 0.5, 0.1, 1.5, 0.2, 3, False, 4.0, True
    ),
    SpaceOrder("t", "def build(hp): ...", 10, [28, 28, 1]),
    DataSeen(400, 0, [28, 28], "float32", "10 classes", is_form=False),
    SpaceRead(problem="It defines no model.", line=3),
    SpaceRead(rows=[{"name": "a"}], names={"a": "x/a"}, entry="function:build"),
    SpaceRead(parts=[CodePart("model", "Model", "build", 3)], script={"kind": "fit"}),
    CheckOrder("t", "def build(hp): ...", 10, [28, 28, 1]),
    CodeChecked([CheckedPart("model", "Model", "build", 3, True, "Built.")], line=2),
    ScriptOrder(
        "t", "x", "fit", [FoundTrial(0, 0.5, {"a": 1})], [], "val_loss", "/d", {}, 10, [8]
    ),
    ScriptEnded("Test loss: 0.1", "ValueError: no", 3),
    StrategyOrder("t", "class Drawn: ...", {"tries": 9}),
    Question('{"ask": "suggest"}', more=True),
    Answer('{"answer": null}'),
    messages.LogLine(0, "näïve 😀"),
    messages.Failure(3, "nan", "The loss is not a number.", "…"),
    messages.TrialEnd("pause"),
    messages.TrialEnd(),
    messages.Stop("prune"),
    messages.ChildForked("t", 1),
    messages.ChildExited("t", 1, -9),
    messages.HostReady(1, 4.5),
    trial_order(Path("/x"), values={"a": 1, "b": 1.0, "c": "x", "d": True}),
]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda m: type(m).__name__)
def test_every_message_survives_its_frame(message):
    left, right = socket.socketpair()
    with left, right:
        frames.send(left, message)
        back = frames.receive(right)
    assert back == message
    for field in fields(message):
        assert type(getattr(back, field.name)) is type(getattr(message, field.name))


def test_every_message_type_has_a_sample():
    assert {type(message).__name__ for message in SAMPLES} == set(frames.TYPES)


def test_values_keep_their_types():
    order = frames.decode(frames.encode(SAMPLES[-1])[4:])
    assert [type(value) for value in order.values.values()] == [int, float, str, bool]


def test_a_reader_gives_messages_only_when_they_are_whole():
    data = frames.encode(SAMPLES[1]) + frames.encode(SAMPLES[2])
    reader, seen = frames.FrameReader(), []
    for index in range(len(data)):
        reader.feed(data[index : index + 1])
        while (message := reader.next()) is not None:
            seen.append(message)
    assert seen == SAMPLES[1:3]


def test_a_whole_number_is_accepted_where_a_float_is_asked():
    message = frames.decode(
        b'{"type":"EpochEnd","execution":1,"epoch":1,"metrics":{"loss":1},"seconds":2}'
    )
    assert type(message.metrics["loss"]) is float


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"type":"Nothing"}',
        b'{"type":["TrialEnd"],"stopped":null}',
        b'{"type":"TrialEnd"}',
        b'{"type":"TrialEnd","stopped":"maybe"}',
        b'{"type":"TrialEnd","stopped":null,"more":1}',
        b'{"type":"EpochEnd","execution":true,"epoch":1,"metrics":{},"seconds":1}',
        b'{"type":"EpochEnd","execution":1,"epoch":"1","metrics":{},"seconds":1}',
        b'{"type":"EpochEnd","execution":1,"epoch":1,"metrics":{"loss":NaN},"seconds":1}',
        b'{"type":"EpochEnd","execution":1,"epoch":1,"metrics":[],"seconds":1}',
        b"[" * 200_000,
    ],
    ids=range(13),
)
def test_a_frame_that_is_no_message_is_refused(payload):
    with pytest.raises(FrameError):
        frames.decode(payload)


def test_a_header_that_promises_too_much_is_refused():
    reader = frames.FrameReader()
    reader.feed(struct.pack("!I", frames.FRAME_LIMIT + 1))
    with pytest.raises(FrameError):
        reader.next()


def test_nan_does_not_cross():
    with pytest.raises(FrameError):
        frames.encode(messages.EpochEnd(1, 1, {"loss": float("nan")}, 0.0))


def test_a_closed_pipe_is_an_end_of_file():
    left, right = socket.socketpair()
    left.close()
    with right, pytest.raises(EOFError):
        frames.receive(right)


def test_descriptors_travel_with_a_frame():
    left, right = socket.socketpair()
    inner, outer = socket.socketpair()
    with left, right, inner, outer:
        frames.send(left, messages.Stop("stop"), (inner.fileno(),))
        message, descriptors = frames.receive_with_descriptors(right, 1)
        with socket.socket(fileno=descriptors[0]) as arrived:
            arrived.sendall(b"x")
        assert outer.recv(1) == b"x"
    assert message == messages.Stop("stop")


def epoch_with(metrics):
    told = '{"type":"EpochEnd","execution":1,"epoch":1,"seconds":0.1,"metrics":'
    return frames.decode(f"{told}{metrics}}}".encode()).metrics


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400, "9223372036854775808"])
def test_numbers_that_no_record_holds_are_refused(number):
    with pytest.raises(FrameError, match="too large"):
        epoch_with(f'{{"a":{number}}}')


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\uDFFF"])
def test_characters_that_no_record_holds_are_replaced(text):
    (name,) = epoch_with(f'{{"a{text}":1.0}}')
    assert name.startswith("a") and name.encode() and "\0" not in name


def test_pairs_that_are_whole_stay():
    assert list(epoch_with('{"\\ud83d\\ude00":1.0}')) == ["\N{GRINNING FACE}"]


@pytest.mark.parametrize(
    "payload", [b'{"type":"\xed\xa0\x80"}', '{"type":"Started"}'.encode("utf-16")]
)
def test_only_utf_8_is_read(payload):
    with pytest.raises(FrameError, match="not JSON"):
        frames.decode(payload)
