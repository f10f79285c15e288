"""KerasTuner projects of every version, broken ones, and ones that people edited."""

import json

import pytest

from experiments.interop.imported_search import ImportRefused
from experiments.interop.keras_tuner.project_files import read_project
from tests.interop.projects import NAMES, changed, expected, files

WORDS = {"min": "minimize", "max": "maximize"}


@pytest.mark.parametrize("name", NAMES)
def test_a_project_of_a_real_release_is_read_to_its_facts(name):
    facts, search = expected(name), read_project(files(name), name)
    assert (search.objective, search.direction) == (facts["objective"], WORDS[facts["direction"]])
    assert len(search.trials) == facts["trials"]
    assert search.statuses == facts.get("statuses", search.statuses)
    assert search.best.key == facts["finite_best_trial_id"]
    assert search.best.score == facts["finite_best_score"]
    assert [row.name for row in search.space.hyperparameters] == facts.get(
        "space", [row.name for row in search.space.hyperparameters]
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_value_score_and_metric_is_as_its_file_says(name):
    search, given = read_project(files(name), name), files(name)
    skipped = {each.name for each in search.skipped}
    by_key = {trial.key: trial for trial in search.trials}
    for path, content in given.items():
        folder = path.split("/")[0]
        if not path.endswith("/trial.json") or folder in skipped:
            continue
        source = json.loads(content)
        trial = by_key[source["trial_id"]]
        values = source["hyperparameters"]["values"]
        own = {key: value for key, value in values.items() if not key.startswith("tuner/")}
        assert trial.values == own
        assert trial.source["extra"] == {k: v for k, v in values.items() if k not in own}
        assert set(trial.metrics) == set(source["metrics"]["metrics"])
        if trial.score is not None:
            assert trial.score == source["score"]
            assert trial.metrics[search.objective] == pytest.approx(trial.score, rel=1e-12)


def test_trials_come_in_the_order_of_their_starts():
    search = read_project(files("kt148_display"), "x")
    assert [trial.key for trial in search.trials] == expected("kt148_display")["start_order"]
    assert search.trials[0].started.isoformat() == "2026-11-24T15:28:45.226804"


def test_nested_scopes_become_conditions_along_the_parents():
    space = read_project(files("kt148_hyperband_cond"), "x").space
    assert space["mom"].only_if.to_dict() == {"name": "bn", "values": [True]}
    assert space["bn"].only_if.to_dict() == {"name": "kind", "values": ["mlp"]}
    assert space["mom"].scale == "reverse_log"
    assert (space["mlp/units"].scale, space["mlp/units"].step) == ("log", 2)


def test_a_score_that_is_no_number_fails_the_trial_and_says_so():
    search = read_project(files("kt148_display"), "x")
    states = {trial.key: trial.state for trial in search.trials}
    assert states["06"] == states["07"] == "failed"
    [lost] = [trial for trial in search.trials if trial.key == "07"]
    assert lost.message == "Its score -inf isn't a finite number."
    assert lost.source["score"] == "-Infinity"


def test_a_run_that_was_cut_off_is_stopped():
    search = read_project(files("kt113_failing"), "x")
    assert [trial.state for trial in search.trials] == ["completed", "stopped"]


def test_hyperparameters_that_were_found_late_count_with_their_defaults():
    assert read_project(files("kt148_random"), "x").counted_as == {"units_1": 4}


def test_broken_trials_are_skipped_by_name_with_the_reason():
    skipped = {each.name: each.why for each in read_project(files("kt148_truncated"), "x").skipped}
    assert set(skipped) == {"trial_3", "trial_5"}
    assert "truncated" in skipped["trial_3"] and "empty" in skipped["trial_5"]


def test_a_trial_without_its_file_is_told():
    given = {path: text for path, text in files("kt148_random").items() if "trial_2" not in path}
    [skipped] = read_project(given, "x").skipped
    assert skipped.name == "trial_2"


@pytest.mark.parametrize("field", ["trial_id", "status", "hyperparameters"])
def test_an_edited_trial_that_lacks_a_field_is_skipped(field):
    given = changed("kt148_random", "trial_2/trial.json", lambda source: source.pop(field))
    [skipped] = read_project(given, "x").skipped
    assert field in skipped.why


def test_an_edited_score_is_taken_as_it_stands_and_noted():
    given = changed("kt148_random", "trial_2/trial.json", lambda s: s.update(score=0.9))
    search = read_project(given, "x")
    assert search.objective == "val_accuracy"
    assert any("Trial 2" in note and "0.9" in note for note in search.notes)


def test_without_any_score_the_objective_is_what_a_person_says():
    def unscored(source):
        source.update(score=None, status="FAILED")

    given = files("kt113_failing")
    given |= changed("kt113_failing", "trial_0/trial.json", unscored)
    search = read_project(given, "x")
    assert (search.objective, search.direction, search.best) == ("score", "minimize", None)
    assert any("No trial has a score" in note for note in search.notes)
    asked = read_project(given, "x", objective="val_auc", direction="minimize")
    assert (asked.objective, asked.direction) == ("val_auc", "minimize")


def test_where_several_metrics_could_be_the_objective_it_is_asked_for():
    def doubled(source):
        metrics = source["metrics"]["metrics"]
        metrics["val_twin"] = metrics["val_accuracy"]

    given = files("kt113_failing")
    given |= changed("kt113_failing", "trial_0/trial.json", doubled)
    with pytest.raises(ImportRefused, match="Enter the objective") as refused:
        read_project(given, "x")
    assert refused.value.choices == ("val_accuracy", "val_twin")


def test_a_metric_that_nobody_recorded_is_refused():
    with pytest.raises(ImportRefused, match="No trial has the metric val_f1"):
        read_project(files("kt148_random"), "x", objective="val_f1")


def test_the_direction_can_be_turned():
    search = read_project(files("kt148_random"), "x", direction="minimize")
    assert search.best.score == min(trial.score for trial in search.trials)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Not a KerasTuner project"),
        ({"notes.json": b"{}"}, "Not a KerasTuner project"),
        ({"tuner0.json": b"{}"}, "folder of a worker"),
        ({"oracle.json": b""}, "empty"),
        ({"oracle.json": b'{"hyperparameters": {"sp'}, "truncated"),
        ({"oracle.json": b"[1]"}, "no search space"),
        ({"oracle.json": b'{"format": 2}'}, "newer KerasTuner"),
        ({"a/oracle.json": b"{}", "b/oracle.json": b"{}"}, "2 projects"),
        ({"oracle.json": b'{"hyperparameters": {"space": []}}'}, "no trial yet"),
    ],
)
def test_what_is_no_project_is_refused_with_the_mend(given, words):
    with pytest.raises(ImportRefused, match=words):
        read_project(given, "x")


def test_a_status_of_a_future_version_is_refused():
    given = changed("kt148_random", "trial_2/trial.json", lambda s: s.update(status="PAUSED"))
    with pytest.raises(ImportRefused, match="Trial 2 has the unknown status PAUSED"):
        read_project(given, "x")


def test_a_space_of_a_future_version_is_refused():
    def future(source):
        source["hyperparameters"]["space"][0]["class_name"] = "Tensor"

    with pytest.raises(ImportRefused, match="by a newer KerasTuner"):
        read_project(changed("kt148_random", "oracle.json", future), "x")
