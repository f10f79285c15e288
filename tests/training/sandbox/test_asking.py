"""Somebody's sampler in its sandbox: what it answers, what it can't do, and what becomes of a bad one."""

import os
from dataclasses import replace

import pytest

from experiments.search.history import History, ObservedTrial
from experiments.search.sampler_rules import MIXED
from experiments.search.strategies.strategy_json import (
    BadAnswer,
    history_to_json,
    read_decision,
    read_suggestion,
    trial_to_json,
)
from experiments.training.code_messages import StrategyOrder
from experiments.training.sandboxed import SandboxedPool
from experiments.training.strategy_client import AskFailed, Session
from tests.training.sandbox import strategies
from tests.training.sandbox.conftest import LIMITS

HOST = "experiments.training.child.strategy_host"
HISTORY = History(
    (
        ObservedTrial(0, {"units": 16}, "completed", float("nan"), (0.5, None), (0.25,)),
        ObservedTrial(1, {"units": 32}, "running"),
    ),
    planned=9,
)


@pytest.fixture(scope="module")
def asked(data_folder, isolation):
    limits = replace(LIMITS, memory_bytes=400 << 20, printed_bytes=1 << 20)
    pool = SandboxedPool(data_folder / "sandboxes", isolation, limits, program=HOST)
    yield pool
    pool.close()


@pytest.fixture
def session(asked):
    opened = []

    def begin(source, *, seconds=60.0, **options):
        order = StrategyOrder(f"ask-{len(opened)}-{os.urandom(4).hex()}", source, options)
        opened.append(Session(asked, order, "project-1", seconds=seconds))
        return opened[-1]

    yield begin
    for each in opened:
        each.close()


def suggested(session, number=2, seed=7):
    return session.ask(
        "suggest",
        space=MIXED.to_dict(),
        history=history_to_json(HISTORY),
        number=number,
        seed=[seed, number],
    )


def test_a_sampler_tells_of_itself_and_answers_alike_in_any_process(session):
    one = session(strategies.SAMPLER, tries=9)
    told = one.ask("describe")
    assert (told["role"], told["slug"], told["label"]) == ("sampler", "drawn", "Drawn")
    assert told["options"][0]["name"] == "tries" and told["options"][0]["default"] == 200
    first = suggested(one)
    assert read_suggestion(first).why == "Random."
    MIXED.check(read_suggestion(first).values)
    assert suggested(one) == first
    assert suggested(session(strategies.SAMPLER)) == first
    assert suggested(one, number=3) != first


def test_a_history_of_any_size_crosses(session):
    trial = ObservedTrial(0, {"units": 16, "rate": 0.1}, "completed", 0.5, (0.5,) * 50)
    history = History(tuple(replace(trial, number=number) for number in range(3000)))
    found = session(strategies.SAMPLER).ask(
        "suggest", space=MIXED.to_dict(), history=history_to_json(history), number=3000, seed=[0]
    )
    assert read_suggestion(found) is not None


def test_a_pruner_and_a_tuner_are_asked_alike(session):
    pruner = session(strategies.PRUNER)
    peers = [ObservedTrial(n, {}, "completed", 0.1, (0.1, 0.1)) for n in range(4)]
    body = {"history": history_to_json(History(tuple(peers)))}
    told = pruner.ask(
        "decide", trial=trial_to_json(ObservedTrial(9, {}, "running", None, (0.9,))), **body
    )
    decision = read_decision(told)
    assert (decision.action, decision.standing.rank) == ("stop", 5)
    assert pruner.ask("rungs", epochs=9) == []
    assert pruner.ask("looks_at", epoch=9, epochs=9) is False
    assert pruner.ask("promote", **body) is None
    tuner = session(strategies.TUNER)
    assert tuner.ask("describe")["role"] == "tuner"
    outcome = {"number": 0, "values": {}, "executions": [1.0, 2.0], "metrics": {}, "curves": []}
    assert tuner.ask("score", outcome={**outcome, "epochs": 1, "seconds": 1.0}) == -999.0


@pytest.mark.parametrize("source", ["SAMPLER", "PRUNER", "TUNER"])
def test_good_ones_pass_every_check(session, source):
    found = session(getattr(strategies, source)).ask("check")
    assert len(found) >= 8
    assert [each["words"] for each in found if not each["passed"]] == []


def test_bad_ones_fail_the_check_that_they_break_with_the_line(session):
    forgets = strategies.suggesting("rng.shuffle([1])", top="import random\n")
    found = {each["words"]: each for each in session(forgets).ask("check")}
    assert not found["never suggests a configuration twice, even while all trials run"]["passed"]
    raises = strategies.suggesting("if history.trials: raise KeyError('score')")
    found = session(raises).ask("check")
    bad = next(each for each in found if not each["passed"])
    assert "KeyError" in bad["problem"]
    assert raises.splitlines()[bad["line"] - 1].strip().startswith("if history.trials")
    outside = strategies.suggesting("return Suggestion({'units': 5}, 'No.', 'explore')")
    assert not session(outside).ask("check")[0]["passed"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (strategies.suggesting("while True: pass"), "No result within 3 s"),
        (strategies.suggesting("kept = [bytearray(50_000_000) for _ in range(100)]"), "used more|MemoryError"),
        (strategies.suggesting("import os; os._exit(3)"), "status 3"),
        (strategies.suggesting("import ctypes; ctypes.string_at(0)"), "status -11"),
        (strategies.suggesting("raise SystemExit(1)"), "SystemExit"),
        (strategies.suggesting("for _ in range(10**6): print('x' * 99)"), "printed too much"),
        (strategies.suggesting("1 / 0"), "ZeroDivisionError"),
        ("x = 1", "Has 0 samplers"),
        ("def f(:", "Can't be loaded"),
        ("import tensorflow\n" + strategies.SAMPLER, "Imports tensorflow"),
    ],
    ids=["endless", "hog", "exit", "crash", "leaves", "prints", "raises", "none", "syntax", "keras"],
)  # fmt: skip
def test_a_bad_one_is_a_clear_failure_and_the_next_one_answers(session, source, words):
    with pytest.raises(AskFailed, match=words):
        suggested(session(source, seconds=3.0 if "within 3 s" in words else 60.0))
    assert suggested(session(strategies.SAMPLER)) is not None


def test_it_sees_nothing_of_the_site_and_reaches_nobody(session, data_folder, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a-very-secret-key")
    seen = strategies.suggesting(
        "import os, socket",
        "told = [os.path.exists(path) for path in ('/etc/passwd', '/home', '/root/.ssh')]",
        f"told.append(os.path.exists({str(data_folder / 'secret_key')!r}))",
        "told.append('SECRET_KEY' in os.environ)",
        "for path in ('/proc/1/environ', '/x', '/usr/x'):",
        "    try: open(path, 'r+'); told.append(True)",
        "    except OSError: told.append(False)",
        "try: socket.create_connection(('127.0.0.1', 6379), 1); told.append(True)",
        "except OSError: told.append(False)",
        "try: import django.conf; told.append(django.conf.settings.configured)",
        "except ImportError: told.append(False)",
        "return Suggestion(space.draw(rng), repr(told), 'explore')",
    )
    told = read_suggestion(suggested(session(seen))).why
    assert told == repr([False] * 10)


@pytest.mark.parametrize(
    "answer",
    [
        5,
        {},
        {"values": {"units": float("nan")}, "why": "", "kind": "explore", "weights": []},
        {"values": {"units": [1]}, "why": "", "kind": "explore", "weights": []},
        {"values": {"units": 10**400}, "why": "", "kind": "explore", "weights": []},
        {"values": {}, "why": 5, "kind": "explore", "weights": []},
        {"values": {}, "why": "", "kind": "sudo", "weights": []},
        {"values": {}, "why": "", "kind": "explore", "weights": "x"},
        {"values": {}, "why": "", "kind": "explore", "weights": [], "predicted": "x"},
    ],
)
def test_a_wrong_answer_is_none(answer):
    with pytest.raises(BadAnswer):
        read_suggestion(answer)
