"""What the bench makes of recorded scores: here of drawn ones, of which the truth is known."""

import numpy as np
import pytest

from benchmarks.evaluation import bench as evaluation
from benchmarks.evaluation import preflight
from benchmarks.evaluation.record import EPOCHS, FOLDS, MODELS, SEEDS

PART_NOISE = 0.02
NOISE = 0.01


def drawn(rng: np.random.Generator) -> dict:
    """Configurations of known quality over parts that differ, as training would give them."""
    quality = rng.uniform(0.7, 0.95, 120)
    parts = np.tile(rng.normal(0, PART_NOISE, FOLDS), SEEDS)
    folds = quality[:, None] + parts + rng.normal(0, NOISE, (120, FOLDS * SEEDS))
    # Folds of one sample share its luck, which the plain interval does not know.
    shared = rng.normal(0, NOISE / 2, (70, 1))
    return {
        "folds": folds,
        "inside": 0.9 + shared + rng.normal(0, NOISE, (70, FOLDS)),
        "outside": np.full((70, FOLDS), 0.9),
        "shuffled": 0.1 + rng.normal(0, NOISE, (10, 20, FOLDS, EPOCHS)),
        "constant": np.full((10, FOLDS), 0.1),
    }


@pytest.fixture
def tables(monkeypatch):
    rng = np.random.default_rng(3)
    found = {data: drawn(rng) for data in MODELS}
    monkeypatch.setattr(evaluation, "recorded", found.__getitem__)
    return found


def test_racing_spares_fits_and_finds_a_winner_that_is_hardly_worse(tables):
    figures = evaluation.racing()
    assert figures["searches"] == 100 * len(MODELS)
    assert figures["fits_saved"] > 0.3
    assert -0.02 < figures["regret_added"] < 0.02
    assert figures["same_winner"] > 0.9


def test_the_corrected_interval_covers_what_the_plain_one_misses(tables):
    figures = evaluation.intervals()
    assert figures["experiments"] == 70 * len(MODELS)
    assert figures["covered"] > 0.92 > figures["covered_uncorrected"]


def test_nothing_beats_the_baseline_by_luck_and_a_planted_winner_is_found(tables):
    figures = evaluation.labels()
    assert figures["met"], figures
    learnt = {data: each | {"shuffled": each["shuffled"] + 0.5} for data, each in tables.items()}
    tables.update(learnt)
    figures = evaluation.labels()
    assert set(figures["no_configuration_beats_the_baseline"].values()) == {0}
    assert not figures["met"]


def test_what_was_not_recorded_is_said_with_the_mend(monkeypatch, tmp_path):
    monkeypatch.setattr(evaluation, "path_of", lambda data: tmp_path / f"{data}.npz")
    with pytest.raises(evaluation.NotRecorded, match=r"evaluation\.record digits"):
        evaluation.racing()


def test_a_total_counts_when_it_lies_in_a_range_that_is_not_too_wide():
    run = {"name": "a", "range": [10.0, 20.0], "check_seconds": 9.0}
    run |= {"others_share_at_check": 0.0, "others_share": 0.1}
    runs = [run | {"seconds": seconds} for seconds in (12, 15, 20, 10, 21)]
    figures = preflight.judged(runs)
    assert (figures["preflight_inside"], figures["preflight_runs"]) == (4, 5)
    assert figures["median_width"] == 2.0 and figures["met"]
    assert not preflight.judged(runs[2:])["met"]
    for useless in ([1.0, 20.0], None):
        untold = [each | {"range": useless} for each in runs]
        assert not preflight.judged(untold)["met"]


def test_bad_set_ups_count_when_their_problem_is_named_and_healthy_ones_when_nothing_is():
    bad = {"setup": "a", "expected": "softmax", "state": "blocked", "said": ["no softmax"]}
    healthy = {"setup": "b", "expected": "", "state": "passed", "said": []}
    assert preflight.setups([bad, healthy])["met"]
    unnamed = preflight.setups([bad | {"said": ["something else"]}, healthy])
    assert (unnamed["named"], unnamed["met"]) == (0, False)
    assert not preflight.setups([bad | {"state": "passed"}, healthy])["met"]
    warned = preflight.setups([bad, healthy | {"said": ["softmax"], "state": "blocked"}])
    assert warned["healthy_warned"] == ["b"] and not warned["met"]
