"""What a worker is sent of a trial: its own values, those that its script added included."""

from tests.chief.scripts import connected, names_of


def test_a_script_gets_back_what_it_added_to_a_trial_on_its_own(project, owner):
    rate = {
        "class_name": "Float",
        "config": {"name": "rate", "min_value": 0.1, "max_value": 0.5, "default": 0.3},
    }
    _, script = connected(project, owner, max_trials=9)
    script.run(0.1)
    script.entries = (*script.entries, rate)
    later = script.run(0.9)
    assert "rate" not in later.values
    best, _ = script.best(2)
    assert best.trial_id == later.trial_id
    assert best.values["rate"] == 0.3
    assert "rate" in names_of(best)
