"""A trial's page: curves, configuration, failure, code, provenance, and its two actions."""

import re

import pytest
from django.urls import reverse

from experiments.evaluation.expected import MetricScores
from experiments.evaluation.row_estimates import Estimate
from experiments.models import Execution, Trial
from tests.examples import TRACEBACK, expect, make_experiment


def address(experiment, number, name="detail"):
    return reverse(f"trials:{name}", args=[experiment.code, number])


def page(client, user, experiment, number):
    client.force_login(user)
    return client.get(address(experiment, number))


def exact_table(answer):
    html = answer.content.decode()
    return html[
        html.index('id="exact-title"') : html.index("</section>", html.index("exact-title"))
    ]


def test_a_completed_trial_shows_everything_about_it(client, viewer, project):
    experiment = make_experiment(project, trials=5, repeats=2)
    best = experiment.best_trial.number
    other = next(n for n in range(5) if n != best)
    html = page(client, viewer, experiment, other).content.decode()
    assert f"<title>Trial {other} · mnist-dense · Tuning Site</title>" in html
    assert "learning_rate" in html and f"compared with trial {best}, the best" in html
    assert html.count("data-execution=") == 2 and "fused" in html
    assert "def build_model" in html and "keras.Sequential" in html
    assert "execution 2 of 2" in html
    assert experiment.split_hash in html and "abab" in html and "Drawn at random" in html
    assert "3.15.0" in html


def test_an_execution_without_an_epoch_was_trained_by_nothing(client, viewer, project):
    experiment = make_experiment(project, trials=1)
    experiment.trials.get().executions.update(epochs=0, method="fused", method_reason="Why not.")
    assert "Why not." not in page(client, viewer, experiment, 0).content.decode()


def test_the_best_trial_is_named_as_such(client, viewer, project):
    experiment = make_experiment(project, trials=3)
    html = page(client, viewer, experiment, experiment.best_trial.number).content.decode()
    assert "best of the experiment" in html and "Compare with best" not in html


def test_a_failure_is_told_in_plain_words_above_its_traceback(client, viewer, project):
    experiment = make_experiment(project, trials=3)
    experiment.trials.filter(number=1).update(
        state="failed",
        failure_kind="out_of_memory",
        failure_message="Needed 9.1 GB",
        traceback=TRACEBACK,
    )
    html = page(client, viewer, experiment, 1).content.decode()
    assert re.search(r"Trial 1 ran out of memory \(batch_size \d+\)", html)
    assert "smaller batch size" in html and "Needed 9.1 GB" in html
    assert html.index("ran out of memory") < html.index("model.py")


@pytest.mark.parametrize("state", ["waiting", "running", "pruned", "stopped", "failed"])
def test_every_state_has_a_page(client, editor, project, state):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    experiment.trials.filter(number=1).update(state=state, score=None)
    assert page(client, editor, experiment, 1).status_code == 200


def test_neighbours_are_linked_and_ends_are_not(client, viewer, project):
    experiment = make_experiment(project, trials=3)
    html = page(client, viewer, experiment, 0).content.decode()
    assert re.search(r"data-previous aria-disabled", html)
    assert f'data-following href="{address(experiment, 1)}"' in html


def test_no_inline_script_or_style_stands_on_it(client, editor, project):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    html = page(client, editor, experiment, 1).content.decode()
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
    assert not re.search(r"\s(style|on[a-z]+)=", html)


def test_code_that_cant_be_written_says_why(client, viewer, project):
    experiment = make_experiment(project, trials=1)
    hypermodel = experiment.hypermodel_version.hypermodel
    hypermodel.slug = "gone"
    hypermodel.save()
    html = page(client, viewer, experiment, 0).content.decode()
    assert "The code can&#x27;t be generated" in html or "The code can't be generated" in html


def test_a_failed_trial_can_be_put_back_in_the_queue(client, editor, project, queues):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    experiment.trials.filter(number=0).update(state="failed", failure_kind="infrastructure")
    client.force_login(editor)
    assert client.post(address(experiment, 0, "requeue")).status_code == 302
    assert experiment.trials.get(number=0).state == "waiting"
    assert "for the next free slot" in page(client, editor, experiment, 0).content.decode()


def test_a_running_trial_is_asked_to_stop(client, editor, project, queues):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    client.force_login(editor)
    assert client.post(address(experiment, 1, "stop")).status_code == 302
    trial = experiment.trials.get(number=1)
    assert trial.stop_wanted
    html = page(client, editor, experiment, 1).content.decode()
    assert "it ends at its next epoch" in html
    assert address(experiment, 1, "stop") not in html


def test_a_waiting_trial_is_stopped_at_once_and_says_nothing_of_an_epoch(
    client, editor, project, queues
):
    experiment = make_experiment(project, trials=2, state="running")
    experiment.trials.filter(number=1).update(state="waiting", score=None)
    client.force_login(editor)
    html = client.post(address(experiment, 1, "stop"), follow=True).content.decode()
    assert experiment.trials.get(number=1).state == "stopped"
    assert "next epoch" not in html


def test_viewers_can_neither_stop_nor_requeue(client, viewer, project):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    client.force_login(viewer)
    for name in ("stop", "requeue"):
        assert client.post(address(experiment, 1, name)).status_code == 403


def test_a_number_that_is_no_trial_is_not_found(client, viewer, stranger, project):
    experiment = make_experiment(project, trials=1)
    assert page(client, viewer, experiment, 7).status_code == 404
    assert page(client, viewer, experiment, 10**12).status_code == 404
    assert page(client, stranger, experiment, 0).status_code == 404


def test_the_page_costs_the_same_however_many_trials_there_are(
    client, viewer, project, django_assert_max_num_queries
):
    counts = []
    for trials in (3, 13):
        experiment = make_experiment(project, trials=trials)
        client.force_login(viewer)
        with django_assert_max_num_queries(16) as queries:
            client.get(address(experiment, 1))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_exact_metrics_stand_apart_with_their_interval_and_with_what_is_missing(
    client, viewer, project
):
    experiment = make_experiment(project, trials=1, repeats=2)
    for execution in experiment.trials.get().executions.all():
        shown = {"accuracy": 0.75 + execution.index / 10, "f1": 0.5}
        words = "All validation rows have the same class, so AUC isn't defined."
        execution.exact = {"values": shown, "missing": {"auc": words}}
        execution.save()
    table = exact_table(page(client, viewer, experiment, 0))
    assert ">0.8000<" in table and ">0.1647<" in table and ">1.000<" in table
    assert "auc, execution 2: All validation rows have the same class" in table
    assert "predictions were kept" not in table


F1 = {"f1": MetricScores(0.8, Estimate(0.7125, 0.65, 0.7625))}


def test_exact_metrics_have_what_each_is_expected_to_be_on_new_rows(client, viewer, project):
    experiment = make_experiment(project, trials=1)
    shown = {"accuracy": 0.9, "f1": 0.8, "auc": 0.95}
    Execution.objects.update(exact={"values": shown, "missing": {}})
    table = exact_table(page(client, viewer, experiment, 0))
    assert "Expected on new rows" not in table
    expect(experiment.trials.get(), value=0.8375, low=0.8, high=0.875, metrics=F1)
    table = exact_table(page(client, viewer, experiment, 0))
    assert table.count("Expected on new rows") == 1
    assert "0.7125" in table and "0.6500 to 0.7625" in table
    assert "0.8375" in table and "0.8000 to 0.8750" in table, "the objective's own metric"
    assert table[table.index(">auc<") :].count("–") == 1, "not known of this one"


def test_a_trial_without_predictions_says_so(client, viewer, project):
    experiment = make_experiment(project, trials=1)
    html = page(client, viewer, experiment, 0).content.decode()
    assert "No predictions were kept" in html


def test_a_link_to_a_trial_that_is_gone_leads_on_to_its_experiment(client, viewer, project):
    experiment = make_experiment(project, trials=3, name="<b>Digits</b>")
    answer = page(client, viewer, experiment, 7)
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no trial 7" in html and "&lt;b&gt;Digits&lt;/b&gt;</bdi> has 3 trials" in html
    assert reverse("experiments:trials", args=[experiment.code]) in html
    assert "<title>No trial 7 · " in html


def test_a_spread_says_of_what_it_is(client, viewer, project):
    """The winner's tab has ± of a 95 % interval for the same trial, another number."""
    experiment = make_experiment(project, trials=2, repeats=3)
    assert "mean of 3 ± sd" in page(client, viewer, experiment, 0).content.decode()
    detail = client.get(reverse("experiments:detail", args=[experiment.code]))
    assert "mean of 3 ± sd" in detail.content.decode()


def test_a_confirmed_trial_that_was_set_aside_can_be_taken_back(client, editor, project):
    """It repeats a trial too, but one of another experiment: it counts by itself."""
    search, run = make_experiment(project, trials=2), make_experiment(project, trials=2)
    Trial.objects.filter(experiment=run, number=1).update(
        repeats=search.trials.get(number=0), set_aside="Wrong data"
    )
    text = page(client, editor, run, 1).content.decode()
    assert "Set aside: <bdi>Wrong data</bdi>" in text and "Include again" in text
    assert "again with fresh seeds" not in text


def test_a_repeat_and_its_first_trial_name_each_other(client, editor, project):
    experiment = make_experiment(project, trials=4)
    first, repeat = experiment.trials.filter(number__in=(0, 3)).order_by("number")
    Trial.objects.filter(pk=repeat.pk).update(
        repeats=first,
        kind="confirm",
        set_aside="It re-evaluates trial 0, where its score counts.",
    )
    text = page(client, editor, experiment, 3).content.decode()
    assert (
        f'Re-evaluation of <a href="{address(experiment, 0)}">trial 0</a> with fresh seeds' in text
    )
    assert "Include again" not in text and "Set aside:" not in text
    text = page(client, editor, experiment, 0).content.decode()
    assert f'<dt>Re-evaluations</dt><dd><a href="{address(experiment, 3)}">trial 3</a>' in text
    assert "Trained again" not in page(client, editor, experiment, 1).content.decode()
