"""Each process has a file; what a person must know of it reaches the terminal once."""

import errno
import shutil

import pytest

from experiments.stack import process_logs as module
from experiments.stack.process_logs import Logbook
from experiments.stack.progress import StartRefused

INFO = "2026-11-25T09:00:00Z [info     ] trial done  [experiments.tuner] trial=1\n"
WARNING = "2026-11-25T09:00:01Z [warning  ] lease lost  [experiments.tuner] trial=2\n"
ERROR = "2026-11-25T09:00:02Z [error    ] disk full  [experiments.storage]\n"


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when the test says so."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def write(logbook: Logbook, name: str, text: str) -> None:
    with logbook.path(name).open("a", encoding="utf-8") as file:
        file.write(text)


def opened(folder, *names: str) -> Logbook:
    logbook = Logbook(folder / "logs")
    for name in names:
        logbook.open(name).close()
    return logbook


def test_a_warning_is_told_once_in_its_own_words(tmp_path, clock):
    logbook = opened(tmp_path, "web", "short")
    write(logbook, "web", INFO + WARNING)
    assert list(logbook.news()) == ["web: lease lost"]
    assert list(logbook.news()) == []


def test_many_problems_are_one_line_and_then_silence_for_a_minute(tmp_path, clock):
    logbook = opened(tmp_path, "web")
    write(logbook, "web", WARNING * 40 + ERROR)
    assert list(logbook.news()) == ["web: disk full (41 problems, this is the last)"]
    write(logbook, "web", WARNING)
    clock[0] += 30
    assert list(logbook.news()) == []
    clock[0] += 31
    assert list(logbook.news()) == ["web: lease lost"]


def test_a_line_that_is_half_written_waits_for_its_end(tmp_path, clock):
    logbook = opened(tmp_path, "web")
    write(logbook, "web", WARNING[:30])
    assert list(logbook.news()) == []
    write(logbook, "web", WARNING[30:])
    assert list(logbook.news()) == ["web: lease lost"]


def test_problems_of_an_earlier_start_are_not_told_again(tmp_path, clock):
    write(opened(tmp_path, "web"), "web", WARNING)
    again = opened(tmp_path, "web")
    assert list(again.news()) == []


def test_a_long_file_keeps_its_last_part_beside_a_new_one(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_BYTES", 1000)
    logbook = opened(tmp_path, "web")
    with logbook.open("web") as file:
        file.write(INFO.encode() * 30)
        file.flush()
        assert list(logbook.news()) == []
        file.write(WARNING.encode())
        file.flush()
    assert logbook.path("web").read_text() == WARNING
    assert (logbook.folder / "web.log.1").read_text() == INFO * 30
    assert list(logbook.news()) == ["web: lease lost"]


def test_a_file_that_somebody_removed_stops_nothing(tmp_path, clock):
    logbook = opened(tmp_path, "web", "short")
    logbook.path("web").unlink()
    write(logbook, "short", WARNING)
    assert list(logbook.news()) == ["short: lease lost"]


def test_a_removed_folder_is_made_again(tmp_path):
    logbook = opened(tmp_path, "web")
    shutil.rmtree(logbook.folder)
    with logbook.open("web") as file:
        file.write(WARNING.encode())
    assert list(logbook.news()) == ["web: lease lost"]


def test_a_full_disk_costs_the_older_part(tmp_path, clock, monkeypatch):
    def full(*_paths):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "LARGEST_BYTES", 1000)
    monkeypatch.setattr(module.shutil, "copyfile", full)
    logbook = opened(tmp_path, "web")
    write(logbook, "web", INFO * 30)
    assert list(logbook.news()) == []
    assert logbook.path("web").stat().st_size == 0
    assert not (logbook.folder / "web.log.1").exists()


def test_the_last_line_is_what_the_process_said_last(tmp_path):
    logbook = opened(tmp_path, "web")
    assert logbook.last_line("web") == ""
    write(logbook, "web", f"{INFO}Traceback …\nValueError: no such thing\n\n")
    assert logbook.last_line("web") == "ValueError: no such thing"


def test_a_folder_that_can_not_be_made_is_one_line(tmp_path):
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(StartRefused, match=r"The log folder .* can't be created"):
        Logbook(tmp_path / "logs")


def test_logs_are_for_their_owner_alone(tmp_path):
    logbook = opened(tmp_path, "web")
    assert logbook.folder.stat().st_mode & 0o077 == 0
