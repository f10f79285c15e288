"""The search bench with earlier searches: what a search starts from, and when it is judged."""

import json

import pytest
from django.core.management import call_command

from benchmarks.search import bench as search
from benchmarks.search import earlier
from benchmarks.search.earlier import siblings, warm_start
from benchmarks.search.tables import DEV
from benchmarks.search.tools import Ours
from tests.benchmarks.test_search import tiny_table

TINY = {name: tiny_table(name=name) for name in ("imagenet", "cifar100")}


def test_a_table_starts_from_the_development_tables_with_its_space():
    assert siblings("vehicle") == ["australian", "credit_g", "segment"]
    assert siblings("digits") == ["cancer", "friedman"]
    assert siblings("wine") == ["digits", "cancer", "friedman"]  # held out: never a source
    assert all(set(siblings(name)) <= set(DEV) for name in DEV)


def test_the_earlier_searches_are_of_other_tables_and_other_seeds():
    warm = warm_start(TINY["imagenet"], 0, "same", TINY.get)
    (study,) = warm.studies
    assert study.label == "cifar100"
    assert len(study.values) == len(study.loss) == 12
    assert warm.portfolio[0].values == {"a": "z", "b": 4}
    assert "cifar100" in warm.portfolio[0].why


def test_a_hostile_search_holds_the_worst_for_the_best():
    table = TINY["imagenet"]
    warm = warm_start(table, 0, "hostile", TINY.get)
    (study,) = warm.studies
    best = min(range(len(study.loss)), key=study.loss.__getitem__)
    assert table.regret(table.index(study.values[best])) > 1.0
    assert warm.portfolio[0].values != {"a": "z", "b": 4}


@pytest.mark.parametrize("kind", earlier.KINDS)
def test_the_same_seed_starts_from_the_same(kind):
    first, again = (warm_start(TINY["imagenet"], 3, kind, TINY.get) for _ in range(2))
    assert first == again


def test_a_search_tries_the_portfolio_as_the_product_does():
    table = TINY["imagenet"]
    warm = warm_start(table, 0, "same", TINY.get)
    session = Ours("auto", table, 0, planned=8, warm=warm)
    asked = []
    for number in range(4):
        asked.append(session.ask())
        session.tell(number, float(table.losses[table.index(asked[-1]), 0]))
    assert warm.portfolio[0].values in asked


@pytest.mark.parametrize("kind", earlier.KINDS)
def test_searches_with_a_history_stand_beside_their_own_cold_start(kind, capsys, monkeypatch):
    monkeypatch.setattr(search, "load_table", TINY.get)
    monkeypatch.setattr(earlier, "load_table_once", TINY.get)
    arguments = ["--history", kind, "--tables", "imagenet", "--seeds", "1", "--trials", "10"]
    call_command("bench", "search", *arguments, "--peers", "none")
    figures = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert set(figures["tools"]) == {
        "auto",
        "random_forest",
        f"auto+{kind}",
        f"random_forest+{kind}",
    }
    assert figures["history"] == kind
