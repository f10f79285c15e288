from dataclasses import asdict, replace

import pytest

from experiments.evaluation.expected import Expected, MetricScores
from experiments.evaluation.expected_words import estimate_words
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.row_estimates import Estimate
from experiments.models import Artifact, Execution
from experiments.models.training_data import NOT_LOCKED
from experiments.search.history import Objective
from experiments.services.bundles.card import model_card, scores_of
from experiments.services.bundles.contents import Subject
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.follow_ups import refit
from experiments.services.experiments.lifecycle import create_experiment
from experiments.services.trials.lifecycle import Proposal, insert_trial
from experiments.training.code_messages import DataSeen
from tests.revealed import revealed, searched
from tests.searches import make_dataset, make_experiment, make_plan, make_seat, run_search

FORMATS = {
    "model.keras": {"difference": 0.0, "bytes": 1},
    "model.onnx": {"why_not": "tf2onnx can't convert this model: ValueError: Eigh."},
}


def card_of(
    project,
    protocol: Protocol,
    scores=(0.25, 0.5, 0.75),
    more=(),
    seen: DataSeen | None = None,
    expected: Expected | None = None,
    slug: str = "image-mlp",
) -> str:
    """Of a trial whose last execution is the best."""
    plan = replace(make_plan(make_dataset()), protocol=protocol, more_objectives=more)
    experiment = create_experiment(project, plan, by=None)
    experiment.data_seen = asdict(seen) if seen else {}
    experiment.hypermodel_version.hypermodel.slug = slug
    values = {row.name: row.start() for row in plan.space.hyperparameters if not row.only_if}
    version = experiment.space_versions.get()
    trial = insert_trial(experiment, Proposal(0, version.pk, values, plan.space.key(values)))
    for index, score in enumerate(scores):
        trial.executions.filter(index=index).update(
            state=Execution.State.COMPLETED, score=score, best_epoch=2, epochs=3, seed=1000 + index
        )
    trial.metrics = {"parameters": 1234}
    trial.expected = expected.to_dict() if expected else {}
    best = trial.executions.get(index=len(scores) - 1)
    return model_card(Subject(trial, best, Artifact(trial=trial, execution=best)), FORMATS)


@pytest.mark.parametrize(
    ("protocol", "row"),
    [
        (Protocol("k_fold", folds=3), "| 3 | 3 | 1002 | 3 | 2 | 0.75 |"),
        (Protocol("subsampling", rounds=3), "| 3 | 3 | 1002 | 3 | 2 | 0.75 |"),
        (Protocol("holdout", repeats=3), "| 3 | 1 | 1002 | 3 | 2 | 0.75 |"),
    ],
)
def test_executions_and_parts_are_numbered_as_on_the_trials_page(project, protocol, row):
    card = card_of(project, protocol)
    assert row in card
    assert "0.75 at epoch 2 (execution 3)" in card


def test_a_test_part_is_spoken_of_only_where_one_was_held_back(project):
    protocol = Protocol("k_fold", folds=3)
    assert "Not revealed when this file was created" in card_of(project, protocol)


def test_arrays_of_the_code_claim_nothing_of_the_dataset(project):
    seen = DataSeen(400, 0, [8, 8], "float32", "one of 3 classes", is_form=False)
    card = card_of(project, Protocol("holdout"), scores=(0.5,), seen=seen)
    assert "Arrays of the code, 400 rows of 8 × 8 float32, target: one of 3 classes." in card
    assert (
        "`sample/` holds random numbers of the shape of the rows, which only the code has, with"
        in card
    )
    assert "| Licence of the data | not known: the code provided the rows |" in card
    assert "There is no `reproduce.py`: this site doesn't have the rows" in card
    assert "retrains it with the same rows" not in card
    assert NOT_LOCKED in card
    assert "Locked test set" not in card and "was locked" not in card


@pytest.mark.parametrize(
    ("kind", "seen", "judged"),
    [
        (
            "holdout",
            {"last_rows": 80},
            "had the last 80 rows of the code as validation data and was trained on the rows before",
        ),
        (
            "holdout",
            {"validation_rows": 50},
            "had the code's own validation data and was trained on all",
        ),
        ("all_rows", {}, "The model was trained on all training rows of the code, for"),
    ],
)
def test_arrays_of_the_code_are_judged_as_the_child_split_them(project, kind, seen, judged):
    about = {"rows": 400, "validation_rows": 0, "shape": [6], "dtype": "float32"} | seen
    own = DataSeen(**about, target="10 classes", is_form=False)
    card = card_of(project, Protocol(kind), scores=(0.5,), seen=own)
    assert judged in card
    evaluation = card.split("## Evaluation")[1].split("## Hyper")[0]
    assert "of the rows" not in evaluation and "except the test set" not in card


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("image-mlp", "Preprocessing is inside the model: scaling is handled."),
        ("code", "Rows must be as the code gave them to the model"),
        ("layers", "`model.keras` loads with Keras"),
    ],
)
def test_preprocessing_is_spoken_of_only_in_models_that_have_it(project, slug, words):
    card = card_of(project, Protocol("holdout"), scores=(0.5,), slug=slug)
    assert words in card
    assert ("Preprocessing" in card) == (slug == "image-mlp")


def test_no_test_part_is_none_to_reveal(project):
    card = card_of(project, Protocol("k_fold", folds=3, locked_test_share=0.0))
    assert "No test set was held out." in card
    assert "revealed" not in card


def test_a_format_that_is_not_there_is_said_with_the_reason(project):
    card = card_of(project, Protocol("holdout", repeats=3))
    assert "| model.keras | 0 |" in card
    assert "| model.onnx | not in this bundle: tf2onnx can't convert this model: Valu" in card


def test_a_refit_says_that_nothing_validated_it(project):
    card = card_of(project, Protocol("all_rows", repeats=1, racing=False), scores=(0.25,))
    assert "without validation" in card
    assert "`sample/` holds rows it was trained on" in card


def refitted(project, owner):
    """A search's trial and its refit, whose own score is its training loss."""
    search = make_experiment(project, max_trials=2)
    start_search(search, by=owner)
    run_search(search, make_seat())
    first = search.trials.get(number=1)
    first.expected = Expected(0.61, 0.5, 0.7, rows=80, trials=2).to_dict()
    first.save()
    run = refit(first, by=owner)
    run_search(run, make_seat())
    return first, run.trials.get()


def test_a_refits_search_score_is_that_of_the_trial_that_it_repeats(project, owner, queues):
    """Seen: "Search score 3.935", the training loss, beside "Expected on new rows 1.889"."""
    first, trial = refitted(project, owner)
    execution = trial.executions.get()
    subject = Subject(trial, execution, Artifact(trial=trial, execution=execution))
    card = model_card(subject, FORMATS)
    where = f"trial 1 of “{first.experiment.name}”, which it repeats"
    assert f"| Search score | {first.score}, of {where} |" in card
    assert "| Objective | val_accuracy, maximize |" in card
    assert f"| This model's training loss | {trial.score} at epoch" in card
    assert f"| Expected on new rows | {estimate_words(Estimate(0.61, 0.5, 0.7))} |" in card
    assert "| Best epoch | training loss |" in card
    scores = scores_of(subject)
    assert (scores["objective"], scores["search"]) == ("val_accuracy", first.score)
    assert scores["training_loss"] == trial.score != first.score
    assert scores["expected_on_new_rows"]["value"] == 0.61


def test_a_searchs_own_trial_has_no_training_loss_beside_its_scores(project, owner, queues):
    first, _ = refitted(project, owner)
    execution = first.executions.get()
    subject = Subject(first, execution, Artifact(trial=first, execution=execution))
    assert f"| Search score | {first.score} |" in model_card(subject, FORMATS)
    assert set(scores_of(subject)) == {"objective", "search", "expected_on_new_rows"}


def test_every_look_at_the_test_part_is_told(project, owner):
    plan = replace(make_plan(make_dataset()), protocol=Protocol("k_fold", folds=3))
    experiment = create_experiment(project, plan, by=None)
    values = {row.name: row.start() for row in plan.space.hyperparameters if not row.only_if}
    version = experiment.space_versions.get()
    trial = insert_trial(experiment, Proposal(0, version.pk, values, plan.space.key(values)))
    for number, state in ((1, "ready"), (2, "ready"), (3, "failed"), (4, "waiting")):
        experiment.reveals.create(
            trial=trial, number=number, reason=f"Reason {number}.", revealed_by=owner,
            state=state, rows=60, scores={"accuracy": 0.875} if state == "ready" else {},
        )  # fmt: skip
    execution = trial.executions.get(index=0)
    card = model_card(
        Subject(trial, execution, Artifact(trial=trial, execution=execution)), FORMATS
    )
    assert "Revealed 2 times; decisions after the first reveal" in card
    assert "by owner, at trial 0: “Reason 1.”. Over 60 rows: accuracy 0.875." in card
    assert "“Reason 2.”." in card
    assert "“Reason 3.”." not in card and "“Reason 4.”." not in card
    experiment.reveals.filter(state="ready").delete()
    card = model_card(
        Subject(trial, execution, Artifact(trial=trial, execution=execution)), FORMATS
    )
    assert "Not revealed when this file was created." in card


def test_rows_that_were_revealed_before_are_told(project, owner, queues):
    first = searched(project, owner)
    revealed(first, owner)
    clone = searched(project, owner, "Clone", first.dataset_version)
    revealed(clone, owner)
    trial = clone.trials.get()
    execution = trial.executions.get()
    execution.metrics = {}
    card = model_card(
        Subject(trial, execution, Artifact(trial=trial, execution=execution)), FORMATS
    )
    assert "- Reveal 2, " in card
    assert "60 of 60 of its rows had been revealed before (by owner on " in card
    assert "60 of 60 locked test rows have been revealed (by owner on " in card


def test_further_objectives_stand_beside_the_main_one(project):
    more = (Objective("parameters", "minimize"), Objective("final_f1", "maximize"))
    card = card_of(project, Protocol("holdout", repeats=3), more=more)
    assert "| Further objective | parameters, minimize: 1234 |" in card
    assert "| Further objective | final_f1, maximize: not finite |" in card


def test_no_other_value_stands_under_the_test_part(project):
    card = card_of(project, Protocol("k_fold", folds=3))
    before, locked = card.split("### Locked test set")
    assert "| Metric at the best epoch | Value |" in before
    assert "|" not in locked.split("## Hyperparameters")[0]


def test_the_interval_of_several_executions_is_told(project):
    card = card_of(project, Protocol("k_fold", folds=3))
    assert "The mean with its 95 % interval is 0.5000 ± 0.5000, widened because the splits" in card


def test_seeds_on_one_validation_set_have_a_spread_and_no_interval(project):
    card = card_of(project, Protocol("holdout", repeats=3))
    assert "interval" not in card
    assert "The mean with its spread over seeds (95 %) is 0.5000 ± " in card
    assert "judged on the same rows, so it says nothing of other rows." in card


def test_a_single_execution_has_no_interval_and_no_luck(project):
    alone = card_of(project, Protocol("holdout", repeats=1), scores=(0.25,))
    assert "One execution gives no spread" in alone
    assert "luckiest" not in alone


def test_other_metrics_have_what_they_are_in_the_search_and_on_new_rows(project):
    protocol = Protocol("k_fold", folds=3)
    f1 = MetricScores(0.8, Estimate(0.7125, 0.65, 0.7625))
    expected = Expected(0.7, 0.6, 0.8, rows=90, metrics={"f1": f1})
    card = card_of(project, protocol, expected=expected)
    assert "Expected on new rows: 0.7000 (95 % interval 0.6000 to 0.8000)" in card
    assert "| Metric | Search score | Expected on new rows |\n|---|---|---|\n" in card
    assert "| f1 | 0.8000 | 0.7125 (95 % interval 0.6500 to 0.7625) |\n" in card
