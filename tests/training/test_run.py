"""A child's run as the worker hears it: what was printed comes before the end that may be the last thing heard."""

import os
import socket
from pathlib import Path

import pytest

from experiments.training import frames, log
from experiments.training.messages import ExecutionStarted, Failure, LogLine, TrialEnd
from experiments.training.run import ChildRun


class QuietHost:
    """It forked the child and says nothing more."""

    def control_descriptor(self):
        return None

    def pump(self):
        pass

    def forget(self, token):
        pass


@pytest.fixture
def child():
    """The run, the child's end of the socket, and its end of the log."""
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    yield ChildRun("token", ours, read, QuietHost()), theirs, write
    theirs.close()
    os.close(write)


def heard(run):
    messages = []
    while not messages or not isinstance(messages[-1], TrialEnd | Failure):
        message = run.receive(1.0)
        assert message is not None, "the last message did not come"
        messages.append(message)
    return messages


@pytest.mark.parametrize("end", [TrialEnd(), Failure(7, "user_code", "KeyError: 'rate'")])
def test_what_was_printed_comes_before_the_last_message(child, end):
    run, sock, printed = child
    os.write(printed, b"epoch 1\nunfinished")
    frames.send(sock, ExecutionStarted(7))
    frames.send(sock, end)
    lines = [LogLine(7, "epoch 1"), LogLine(7, "unfinished")]
    assert heard(run) == [ExecutionStarted(7), *lines, end]


def test_the_tail_of_a_long_log_comes_before_the_last_message(child, monkeypatch):
    monkeypatch.setattr(log, "HEAD_LIMIT", 8)
    monkeypatch.setattr(log, "TAIL_LIMIT", 12)
    run, sock, printed = child
    frames.send(sock, ExecutionStarted(7))
    run.receive(1.0)
    os.write(printed, b"first\n" + b"middle\n" * 4 + b"last\n")
    frames.send(sock, TrialEnd())
    texts = [message.text for message in heard(run)[:-1]]
    assert texts == ["first", "[… 21 characters omitted …]", "middle", "last"]


def test_somebody_who_prints_without_end_does_not_hold_the_last_message(child):
    run, sock, printed = child
    frames.send(sock, TrialEnd())
    # A process that a child left behind holds the pipe open and fills it again whenever it is read.
    with Path("/dev/zero").open("rb") as zeros:
        pid = os.posix_spawn(
            "/bin/cat", ["cat"], {}, file_actions=[
                (os.POSIX_SPAWN_DUP2, zeros.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, printed, 1),
            ],
        )  # fmt: skip
    try:
        assert heard(run)[-1] == TrialEnd()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
