"""The search bench by epochs: what is counted, what a pause costs, and which trial is the best so far."""

import json
from itertools import pairwise

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from benchmarks.search import epochs
from benchmarks.search.curves import EPOCHS
from benchmarks.search.epochs_figures import RANDOM, all_figures, speed_up, summary
from benchmarks.search.epochs_runs import EpochRun, Work, play_epochs
from benchmarks.search.epochs_tools import OurEpochs
from benchmarks.search.tables import Table, load_table

PARAMETERS = {"a": ("x", "y", "z"), "b": tuple(range(16))}


def curve_table(name="tiny") -> Table:
    """Forty-eight configurations whose losses fall to their row's number, the later the slower."""
    rows = np.arange(48.0)[:, None, None]
    epochs = np.arange(1, EPOCHS + 1)
    curves = np.repeat(rows + 64.0 * (rows + 1) / 48 / epochs, 2, axis=1)
    losses = curves[..., -1]
    return Table(name, PARAMETERS, losses, np.ones_like(losses), curves.astype(np.float16))


def values_of(row):
    return {"a": "xyz"[row // 16], "b": row % 16}


class Script:
    """A session that trains what it is told to, a number and an epoch to pause at each time."""

    def __init__(self, steps, rows):
        self.steps, self.rows = list(steps), rows
        self.asked = []
        self.curves = []
        self.until = 0

    def ask(self):
        if not self.steps:
            return None
        number, self.until = self.steps.pop(0)
        return Work(number, values_of(self.rows[number]))

    def epoch(self, number, curve):
        self.curves.append((number, len(curve)))
        return "pause" if len(curve) == self.until else "go_on"

    def completed(self, number, curve):
        self.curves.append((number, len(curve)))

    def winner(self):
        return None


def play(session, budget=1350, table=None):
    return play_epochs("x", session, table or curve_table(), seed=0, budget=budget)


def a_run(tool, path, *, table="t", seed=0) -> EpochRun:
    found = {9 * (index + 1): value for index, value in enumerate(path)}
    return EpochRun(tool, table, seed, found, {}, trials=1, complete=1, ask_ms=1.0)


class TestPlay:
    def test_a_paused_trial_goes_on_where_it_stopped(self):
        session = Script([(0, 3), (1, 3), (0, 99)], rows=[5, 9])
        run = play(session, budget=30)
        told = [epochs for number, epochs in session.curves if number == 0]
        assert told == list(range(1, EPOCHS + 1))
        assert (run.trials, run.complete) == (2, 1)

    def test_every_epoch_of_every_trial_counts(self):
        session = Script([(n, 4) for n in range(12)], rows=range(12))
        run = play(session, budget=18)
        assert len(session.curves) == 18
        assert run.trials == 5
        assert set(run.search) == {9, 18}

    def test_only_a_whole_training_counts_once_there_is_one(self):
        table = curve_table()
        session = Script([(0, 99), (1, 1)], rows=[8, 0])
        run = play(session, budget=36, table=table)
        assert run.search[27] == table.regret(8)
        assert run.search[36] == table.regret(8)

    def test_before_that_the_best_of_those_trained_furthest_counts(self):
        table = curve_table()
        session = Script([(0, 3), (1, 3), (2, 1), (3, 2)], rows=[8, 6, 0, 1])
        assert play(session, budget=9, table=table).search[9] == table.regret(6)

    def test_a_tool_that_has_nothing_left_stays_where_it_is(self):
        run = play(Script([(0, 99)], rows=[8]), budget=270)
        assert max(run.search) == 270
        assert set(run.regret) == {270}

    def test_a_run_survives_json(self):
        run = play(Script([(0, 99)], rows=[8]), budget=27)
        assert EpochRun.from_dict(json.loads(json.dumps(run.to_dict()))) == run


class TestOurs:
    def test_without_a_pruner_each_trial_takes_all_epochs(self):
        run = play(OurEpochs("random", "none", curve_table(), 0), budget=270)
        assert (run.trials, run.complete) == (10, 10)

    @pytest.mark.parametrize("pruner", ["auto", "asha", "hyperband"])
    def test_with_pauses_more_trials_are_seen_and_some_go_to_the_end(self, pruner):
        run = play(OurEpochs("random", pruner, curve_table(), 0), budget=270)
        assert run.trials > 12
        assert 1 <= run.complete < 10
        assert run.regret[270] >= run.search[270]

    def test_a_space_that_is_used_up_ends_the_search(self):
        run = play(OurEpochs("random", "asha", curve_table(), 0))
        assert run.trials == 48

    @pytest.mark.thorough
    def test_the_same_seed_gives_the_same_search(self):
        runs = [play(OurEpochs("auto", "asha", curve_table(), 0), budget=90) for _ in range(2)]
        assert runs[0].search == runs[1].search


def test_a_recorded_curve_ends_in_the_loss_that_is_drawn():
    table = load_table("cancer")
    for visit in range(3):
        assert table.curve(7, 1, visit)[-1] == table.draw(7, 1, visit)[0]
    assert len(table.curve(7, 1, 0)) == EPOCHS


def test_a_table_without_curves_says_so():
    losses = np.ones((48, 1))
    with pytest.raises(LookupError, match="plain"):
        Table("plain", PARAMETERS, losses, losses).curve(0, 0, 0)


class TestFigures:
    def test_the_speed_up_is_the_budget_over_the_epochs_to_the_goal(self):
        runs = [
            a_run("x", [0.4, 0.3, 0.1, 0.1, 0.1, 0.1], table=name, seed=seed)
            for name, seed in (("t", 0), ("t", 1), ("u", 0))
        ]
        figures = speed_up(runs, {"t": 0.3, "u": 0.3})
        assert figures["speed_up"] == 75.0  # 50 x 27 epochs, and 18 suffice
        assert figures["by_table"] == {"t": 75.0, "u": 75.0}
        assert figures["low"] <= 75.0 <= figures["high"]

    def test_a_tool_that_never_comes_so_far_has_no_speed_up(self):
        assert speed_up([a_run("x", [0.4, 0.3])], {"t": 0.1})["speed_up"] == 0.0

    def test_a_lucky_start_that_is_lost_again_does_not_count(self):
        runs = [a_run("x", [0.1, 0.4, 0.1])]
        assert speed_up(runs, {"t": 0.2})["speed_up"] == 50.0

    def test_tables_weigh_the_same_however_many_seeds_each_has(self):
        runs = [a_run("x", [1.0, 0.0], table="t", seed=seed) for seed in range(3)]
        runs.append(a_run("x", [0.0, 0.0], table="u"))
        assert speed_up(runs, {"t": 0.7, "u": 0.5})["speed_up"] == 150.0

    def test_epochs_to_a_level_are_those_of_the_mean(self):
        runs = [a_run("x", [0.3, 0.1]), a_run("x", [0.3, 0.2], seed=1)]
        assert summary(runs)["epochs_to"] == {0.2: 18, 0.15: 18, 0.1: None}

    def test_targets_are_judged_where_both_tools_were_run(self):
        names = ("auto+auto", "optuna_tpe_hyperband", RANDOM)
        runs = {name: [a_run(name, [0.1] * 60)] for name in names}
        figures = all_figures(runs, {"t": 0.2})
        judged = [(row["against"], row["met"]) for row in figures["targets"]]
        assert judged == [("optuna_tpe_hyperband", True), (RANDOM, True)]
        assert figures["passed"]


class TestCommand:
    def test_the_last_line_is_one_json_object(self, capsys, monkeypatch, tmp_path):
        monkeypatch.setattr(epochs, "load_table", curve_table)
        keep = tmp_path / "runs.jsonl"
        arguments = ["--epochs", "--seeds", "1", "--budget", "90", "--samplers", "random"]
        arguments += ["--pruners", "asha", "none", "--peers", "none", "--keep", str(keep)]
        call_command("bench", "search", *arguments)
        figures = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
        assert set(figures["tools"]) == {"random+none", "random+asha"}
        assert figures["tables"] == ["digits", "cancer", "friedman"]

        lines = keep.read_text()
        call_command("bench", "search", *arguments)  # all runs are kept
        assert json.loads(capsys.readouterr().out.strip().splitlines()[-1]) == figures
        assert keep.read_text() == lines

    def test_a_peer_of_whole_trials_has_no_part_in_it(self):
        with pytest.raises(CommandError, match="smac can't take part"):
            call_command("bench", "search", "--epochs", "--peers", "smac")


def test_the_path_of_a_search_never_rises_once_a_trial_is_complete():
    run = play(OurEpochs("random", "hyperband", curve_table(), 3), budget=540)
    later = [run.search[at] for at in sorted(run.search) if at > 400]
    assert all(after <= before for before, after in pairwise(later))
