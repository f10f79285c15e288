"""What the form of an experiment says of a pasted script."""

from experiments.web.forms.experiment.script import words_of

SEARCH = {
    "kind": "search",
    "plan": {
        "objective": "val_accuracy",
        "budget": {"max_trials": 10},
        "protocol": {"kind": "holdout", "validation_share": 0.2, "repeats": 3},
        "rows": {"epochs": 30, "batch_size": 32},
    },
}


def test_what_a_script_filled_in_is_one_sentence():
    assert words_of(SEARCH) == [
        (
            "Filled in from the script: val_accuracy, 10 trials, 3 executions each, 20% for validation, "
            "30 epochs of batches of 32. You can change all values."
        )
    ]


def test_validation_data_of_its_own_is_told():
    plan = {"objective": "val_loss", "budget": {"max_trials": 1}, "protocol": {"repeats": 1}}
    words = words_of({"kind": "fit", "plan": plan, "own_validation": True})
    assert words[0] == "Filled in from the script: val_loss, 1 trial. You can change all values."
    assert "its own validation data" in words[1]


def test_nothing_is_said_where_no_script_is():
    assert words_of({}) == []
    assert words_of({"plan": {"objective": "val_objective"}}) == []
