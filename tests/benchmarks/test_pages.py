"""What the page bench makes of its figures, and that its trials are always the same."""

from benchmarks.pages import bench as pages
from benchmarks.pages import data, ratios
from benchmarks.pages.server import fields_of


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
                "is_drawn": True,
                "requests": 8,
                "heap_mb": 3.0,
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
    slow = {
        "longest_task_ms": 300,
        "script_bytes": 1,
        "requests": 9,
        "heap_mb": 2,
        "is_drawn": True,
    }
    undrawn = {"is_drawn": False, "seconds": 150, "cpu_seconds": 9}
    assert pages.misses(side(pages={"leaderboard": slow, "list": undrawn})) == [
        "leaderboard: a task of 300 ms at 1000",
        "list: nothing drawn at 1000",
        "9 requests of the leaderboard at 1000",
    ]


def test_a_part_alone_is_judged_by_its_own_targets():
    assert pages.misses({"1000": {"pages": {}, "epoch": {"bytes": 2000, "redraw_ms": 1}}}) == [
        "2000 bytes of an epoch at 1000"
    ]


def figures(cpu, **more):
    page = {"is_drawn": True, "seconds": 1.0, "cpu_seconds": cpu, "requests": 5, "server_mb": 100}
    return {"pages": {"list": page}, **more}


def test_what_comes_too_near_to_the_peer_is_told_in_words():
    ours = figures(0.4, live={"bytes": 10_000, "cpu_seconds": 2.0})
    theirs = figures(1.0, live={"bytes": 40_000, "cpu_seconds": 10.0})
    found = ratios.beside({"1000": ours}, {"1000": theirs})["ratios"]
    assert ratios.too_near(found) == [
        "list: 0.4 of optuna-dashboard's CPU at 1000, where 0.3 is wanted",
        "1.0 of optuna-dashboard's memory at 1000, where 0.6 is wanted",
        "live: 0.2 of optuna-dashboard's cpu seconds a minute at 1000, where 0.1 is wanted",
    ]


def test_a_page_that_the_peer_does_not_draw_has_no_ratio():
    nothing = {"is_drawn": False, "seconds": 150.0, "cpu_seconds": 80.0, "server_mb": 900}
    found = ratios.beside({"10000": figures(0.4)}, {"10000": {"pages": {"list": nothing}}})
    assert found["ratios"]["10000"]["pages"]["list"] == {
        "undrawn": "nothing within 150 s", "at_most_cpu_seconds": 0.005,
    }  # fmt: skip
    assert ratios.too_near(found["ratios"]) == []


def test_the_same_seed_makes_the_same_trials():
    made = list(data.made_trials(50))
    assert made == list(data.made_trials(50))
    assert made[-1].state == "running" and len(made[-1].history["loss"]) == 20
    assert {trial.state for trial in made} >= {"completed", "pruned", "running"}
    assert all(
        set(trial.history) == {"loss", "accuracy", "val_loss", "val_accuracy"} for trial in made
    )


def test_the_form_of_an_edit_is_read_as_a_browser_would_send_it():
    html = """<form class="search"><input name="q" value="x"></form><form class="plan-form edit-plan">
    <input name="max" value="3 &lt; 4"><input type="checkbox" name="on" checked>
    <input type="checkbox" name="off"><select name="kind"><option value="a">A</option>
    <option value="b" selected>B</option></select><select name="first"><option value="c">C</option>
    <option value="d">D</option></select><textarea name="note">
one</textarea></form>"""
    found = fields_of(html)
    assert found == {
        "max": "3 < 4", "on": "on", "kind": "b", "first": "c", "note": "one",
    }  # fmt: skip
