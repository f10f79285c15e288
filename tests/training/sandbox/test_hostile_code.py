"""Hostile code in a trial: it fails with its class, and the next trial of the same worker trains."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sklearn import datasets

from experiments.training.messages import Failure, LogLine, TrialEnd
from experiments.training.processes import family_of
from tests.training.orders import drain, of
from tests.training.sandbox import hostile
from tests.training.sandbox.conftest import LIMITS, BareSandbox

DATASETS = ("load_iris", "load_digits", "load_wine", "load_breast_cancer", "load_diabetes")
pytestmark = pytest.mark.training


def fate(pool, order):
    """What became of a trial: its failure, or None; and how its process ended."""
    run = pool.run(order)
    try:
        seen = drain(run)
        failures = of(seen, Failure)
        return (failures[0] if failures else None), run.exit_status(), seen
    finally:
        run.close()


def trains(pool, code_order):
    failure, _, seen = fate(pool, code_order(hostile.GOOD))
    assert failure is None, failure
    return seen[-1] == TrialEnd()


def test_a_model_that_takes_too_much_memory_fails_as_that_and_the_next_trial_trains(
    sandboxed, code_order, monkeypatch
):
    monkeypatch.setattr(sandboxed, "_limits", LIMITS)
    failure, _, _ = fate(sandboxed, code_order(hostile.HOG))
    assert failure is not None and failure.kind == "out_of_memory", failure
    assert trains(sandboxed, code_order)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (hostile.FAMILY_HOG, "out_of_memory"),
        (hostile.PRINTS_A_GIGABYTE, "user_code"),
        (hostile.WRITES_A_GIGABYTE, "user_code"),
    ],
    ids=["family-of-hogs", "prints", "writes"],
)
def test_what_takes_too_much_fails_with_its_class_and_the_next_trial_trains(
    tight, code_order, source, kind
):
    failure, _, _ = fate(tight, code_order(source))
    assert failure is not None and failure.kind == kind, failure
    assert trains(tight, code_order)


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        # Whichever limit a bomb meets first.
        (hostile.FORK_BOMB, ("timeout", "out_of_memory")),
        (hostile.ENDLESS, ("timeout",)),
        (hostile.SLEEPS_ON_TERM, ("timeout",)),
    ],
    ids=["bomb", "loop", "sleeper"],
)
def test_what_never_ends_is_ended(tight, code_order, source, kinds):
    assert trains(tight, code_order)  # warm: the limit is for the trial alone
    family = family_of(tight.host_pid)
    seconds = 1.0 if isinstance(tight, BareSandbox) else 6.0  # to come to the code at all
    failure, _, _ = fate(SandboxedPoolWithin(tight, seconds), code_order(source))
    assert failure is not None and failure.kind in kinds, failure
    assert trains(tight, code_order)
    while any(
        Path(f"/proc/{pid}").exists() for pid in family
    ):  # the test's own limit ends the wait
        time.sleep(0.02)


class SandboxedPoolWithin:
    """A warm pool whose next trial may take so many seconds."""

    def __init__(self, pool, seconds):
        self._pool, self._seconds = pool, seconds

    def run(self, order):
        run = self._pool.run(order)
        run._limits = replace(run._limits, seconds=self._seconds)
        return run


def test_killing_its_parent_does_nothing_to_it(tight, code_order):
    assert trains(tight, code_order)
    host = tight.host_pid
    failure, status, seen = fate(tight, code_order(hostile.KILLS_ITS_PARENT))
    assert (failure, status, seen[-1]) == (None, 0, TrialEnd())
    assert tight.host_pid == host


def test_killing_everybody_it_can_see_kills_nobody(tight, code_order):
    assert trains(tight, code_order)
    host = tight.host_pid
    failure, status, _ = fate(tight, code_order(hostile.KILLS_EVERYONE))
    assert (failure.kind, status) == ("user_code", 0)  # there was nobody else
    assert "No such process" in failure.message
    assert tight.host_pid == host


def test_a_trial_that_leaves_by_itself_leaves_alone(tight, code_order):
    _, status, seen = fate(tight, code_order(hostile.LEAVES_BY_EXIT))
    assert TrialEnd() not in seen and status == 3
    assert trains(tight, code_order)


def test_nothing_of_a_trial_is_there_for_the_next_one(tight, code_order):
    fate(tight, code_order(hostile.OUTLIVES))
    failure, _, _ = fate(tight, code_order(hostile.LOOKS_BACK))
    assert failure is None, failure


def test_a_file_that_is_too_large_ends_the_trial(tight, code_order):
    failure, status, _ = fate(tight, code_order(hostile.TOO_LARGE_A_FILE))
    assert failure is not None or status
    assert trains(tight, code_order)


def test_a_link_to_a_secret_is_no_model(sandboxed, code_order, data_folder):
    secret = data_folder / "secret_key"
    order = code_order(hostile.LINKS_A_SECRET.format(secret=str(secret)))
    failure, _, _ = fate(sandboxed, order)
    assert failure is not None
    assert not list(Path(order.directory).glob("*"))


def marks():
    """Patterns of rows of the built-in datasets, as text of any format, by their first values."""
    found = []
    for name in DATASETS:
        options = {"scaled": False} if name == "load_diabetes" else {}
        rows = getattr(datasets, name)(**options).data
        for row in rows[:: len(rows) // 7]:
            first = [re.escape(f"{value:.15g}") for value in row[:16]]
            found.append(r"(?:\.0*)?[^0-9.a-zA-Z]{1,20}".join(first))
    return found


@pytest.mark.parametrize("walks", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_no_copy_of_a_built_in_dataset_is_in_reach(tight, code_order, walks):
    """Locked rows are among them; the code knows the files of packages, and rows to look for."""
    names = [path.name for path in (Path(datasets.__file__).parent / "data").glob("*.csv*")]
    known = f"MARKS = {marks()!r}\nFILES = {names!r}\nWALKS = {walks}\n"
    failure, _, seen = fate(tight, code_order(known + hostile.HUNTS_DATASETS))
    text = "\n".join(line.text for line in of(seen, LogLine))
    assert "WORKS (60, 20) 1.0" in text and ("LOOKED INTO" in text) == walks, (failure, text)
    assert "FOUND" not in text, text
    for name in DATASETS:
        assert f"refused {name} Datasets that packages bring along" in text
