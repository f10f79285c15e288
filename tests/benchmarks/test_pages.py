"""What the page bench makes of its figures, and that its trials are always the same."""

from benchmarks import pages, pages_data


def side(**changed):
    figures = {
        "server": {
            "trials/": {"cpu_ms": 80, "bytes": 14_000},
            "history.json": {"cpu_ms": 190, "bytes": 256_000},
            "trials.csv": {"cpu_ms": 900, "bytes": 900_000},
        },
        "pages": {
            "leaderboard": {
                "longest_task_ms": 60,
                "script_bytes": 120_000,
                "seconds": 1.0,
                "cpu_seconds": 0.5,
            }
        },
        "clicks": {"sort": 40.0, "filter": 60.0},
        "epoch": {"bytes": 700, "redraw_ms": 12},
    }
    return {"1000": figures | changed}


def test_what_reaches_every_target_misses_nothing():
    assert pages.misses(side()) == []


def test_each_miss_is_told_in_words():
    found = pages.misses(side(epoch={"bytes": 1500, "redraw_ms": 80.4}))
    assert found == ["1500 bytes of an epoch at 1000", "80 ms to draw an epoch at 1000"]
    slow = {"longest_task_ms": 300, "script_bytes": 1, "seconds": 1, "cpu_seconds": 1}
    assert pages.misses(side(pages={"leaderboard": slow})) == [
        "leaderboard: a task of 300 ms at 1000"
    ]


def test_the_same_seed_makes_the_same_trials():
    made = list(pages_data.made_trials(50))
    assert made == list(pages_data.made_trials(50))
    assert made[-1].state == "running" and len(made[-1].history["loss"]) == 20
    assert {trial.state for trial in made} >= {"completed", "pruned", "running"}
    assert all(
        set(trial.history) == {"loss", "accuracy", "val_loss", "val_accuracy"} for trial in made
    )
