"""The Winner tab: before a winner, with follow-ups in every state, in a fixed number of queries."""

from dataclasses import replace

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils.html import strip_tags

from experiments.evaluation.expected import MetricScores
from experiments.evaluation.row_estimates import Estimate
from experiments.models import Execution, Experiment, Reveal, Trial
from experiments.number_words import figures
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.follow_ups import confirm, refit, run_again
from experiments.services.experiments.lifecycle import create_experiment
from tests.examples import expect, replan
from tests.searches import make_dataset, make_experiment, make_plan, make_seat, run_search


@pytest.fixture
def search(project, owner, queues):
    experiment = make_experiment(project, max_trials=4, repeats=3)
    start_search(experiment, by=owner)
    return experiment


def page_of(client, user, search):
    client.force_login(user)
    answer = client.get(reverse("experiments:winner", args=[search.code]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_a_winner_it_says_what_will_stand_here(client, viewer, search):
    assert "No winner yet" in page_of(client, viewer, search)


def test_it_says_who_won_by_how_much_and_what_cannot_be_said(client, viewer, search):
    run_search(search, make_seat())
    for run in search.follow_ups.all():
        run_search(run, make_seat())
    html = page_of(client, viewer, search)
    winner = search.recommended_trial
    assert f"trial {winner.number} of “Digits” reached val_accuracy" in html
    assert "over 3 executions (spread over seeds), selected from 4 trials." in html
    assert "Majority class" in html and "Linear model" in html
    assert "Confirm the top trials with fresh seeds to measure by how much." in html
    assert "Not revealed: no score on these rows exists yet" in html
    assert ">Confirm<" not in html, "a viewer starts nothing"
    assert "Only a project owner can reveal the test score." in html


def test_runs_that_follow_are_shown_while_they_wait_and_when_they_are_done(client, owner, search):
    run_search(search, make_seat())
    first = search.trials.get(number=1)
    runs = [confirm(search, [1, 0], by=owner), refit(first, by=owner), run_again(first, by=owner)]
    html = page_of(client, owner, search)
    assert html.count("Waiting") + html.count("Queued") >= 3
    for run in runs:
        run_search(run, make_seat())
    html = page_of(client, owner, search)
    assert (
        "worse on average" in html or "better on average" in html or "as good on average" in html
    )
    assert "Refit of trial 1 for" in html
    download = reverse("trials:download", args=[runs[1].code, 0])
    if search.recommended_trial == first:
        assert f'btn-primary" href="{download}"' in html
    assert f'href="{download}"' in html
    assert "equal" in html
    page = client.get(reverse("experiments:detail", args=[runs[0].code])).content.decode()
    assert "Confirmation of <a" in page
    answer = client.get(reverse("experiments:winner", args=[runs[0].code]))
    assert answer.url == reverse("experiments:winner", args=[search.code])


def test_a_refits_page_has_the_scores_of_the_trial_that_it_repeats(client, viewer, owner, search):
    """Seen: "Search score · loss 3.935", the training loss, without an expected score."""
    run_search(search, make_seat())
    first = search.trials.get(number=1)
    expect(first, value=0.61, low=0.5, high=0.7)
    run = refit(first, by=owner)
    run_search(run, make_seat())
    client.force_login(viewer)
    html = client.get(reverse("trials:detail", args=[run.code, 0])).content.decode()
    words = " ".join(strip_tags(html.replace("<", " <")).split())
    assert f"Search score · val_accuracy {figures(first.score)} ±" in words
    assert "of trial 1" in words and "Search score · loss" not in words
    assert "Expected on new rows 0.61" in words
    assert f"Training loss {figures(run.trials.get().score)}" in words
    assert "best of the experiment" not in words and "vs. best trial" not in words
    head = client.get(reverse("experiments:detail", args=[run.code])).content.decode()
    assert "Best search score" not in head and "Training loss" in head


def test_equal_folds_have_no_interval_to_show(client, viewer, search):
    """Seen: "spread over seeds – to –"."""
    run_search(search, make_seat())
    trial = search.trials.get(number=1)
    trial.executions.update(score=0.5)
    client.force_login(viewer)
    html = client.get(reverse("trials:detail", args=[search.code, 1])).content.decode()
    words = " ".join(strip_tags(html).split())
    assert "one training run each · mean 0.5000" in words and "– to" not in words


def test_a_clone_of_a_refit_opens_as_its_search(client, owner, search):
    replan(search, expression="log(val_loss)", score_rule="last")
    run_search(search, make_seat())
    again = refit(search.trials.get(number=1), by=owner)
    assert again.protocol != search.protocol and again.expression == ""
    client.force_login(owner)
    pages = [
        client.get(reverse("experiments:clone", args=[each.code])).context["page"]
        for each in (search, again)
    ]
    one, other = ({name: field.value for name, field in page.fields.items()} for page in pages)
    assert {name for name in one if one[name] != other[name]} == {"name"}
    assert not [name for name, field in pages[1].fields.items() if field.error]


def test_buttons_say_why_they_cannot(client, editor, search):
    client.force_login(editor)
    address = reverse("experiments:confirm", args=[search.code])
    for trials, words in (
        ("x", "must be numbers separated by commas"),
        ("99", "no trial 99"),
        ("", "at least one"),
    ):
        html = client.post(address, {"trials": trials}, follow=True).content.decode()
        assert words in html
    run_search(search, make_seat())
    html = client.post(address, {"trials": "1, <x"}, follow=True).content.decode()
    assert "must be numbers separated by commas" in html and 'value="1, &lt;x"' in html, (
        "it can be fixed"
    )
    assert not search.follow_ups.filter(purpose="confirmation").exists()


def test_the_number_of_queries_does_not_grow_with_the_trials(
    client, viewer, search, django_assert_max_num_queries
):
    run_search(search, make_seat())
    source = search.trials.get(number=0)
    scores = [*source.executions.values_list("score", flat=True)]
    for number in range(10, 40):
        trial = Trial.objects.create(
            experiment=search, number=number, space_version=source.space_version,
            values=source.values, values_key=f"{number:064}", state="completed",
            seed=1, split_hash=source.split_hash, score=source.score,
        )  # fmt: skip
        Execution.objects.bulk_create(
            Execution(trial=trial, index=i, part=0, repeat=i, seed=i, state="completed", score=s)
            for i, s in enumerate(scores)
        )
    tied = [search.best_trial.number, *range(10, 40)]
    Experiment.objects.filter(pk=search.pk).update(
        winner=search.winner | {"tied": tied, "tied_count": 31}
    )
    client.force_login(viewer)
    with django_assert_max_num_queries(45):
        html = client.get(reverse("experiments:winner", args=[search.code])).content.decode()
    assert "The first 20 of 31" in html


def test_the_best_scores_are_proposed_where_nothing_could_be_tested(
    client, owner, project, queues
):
    experiment = make_experiment(project, max_trials=4)
    start_search(experiment, by=owner)
    run_search(experiment, make_seat())
    best = experiment.trials.order_by("-score", "number").values_list("number", flat=True)[:3]
    numbers = ", ".join(str(number) for number in best)
    assert f'name="trials" value="{numbers}"' in page_of(client, owner, experiment)


def test_several_objectives_show_the_front_and_one_shows_none(client, viewer, owner, search):
    run_search(search, make_seat())
    assert "Pareto front" not in page_of(client, viewer, search)
    address = reverse("chart_data:front", args=[search.code])
    assert client.get(address).status_code == 404
    more = [{"name": name, "direction": "minimize"} for name in ("parameters", "val_f1")]
    replan(search, more_objectives=more)
    for trial in search.trials.all():
        trial.metrics |= {
            "parameters": 100 + trial.number,
            "val_f1": None if trial.number == 3 else 0.5,
        }
        trial.save()
    html = page_of(client, viewer, search)
    assert "Pareto front" in html
    assert "is the main objective" in html
    assert "1 completed trial without a value for every objective" in html
    assert "val_f1 has no value." in html
    told = client.get(address).json()
    assert [each["name"] for each in told["objectives"]] == [
        "val_accuracy",
        "parameters",
        "val_f1",
    ]
    assert [each["number"] for each in told["trials"]] == [0, 1, 2]
    assert 0 in told["front"]


def test_a_winner_with_the_default_values_is_not_compared_with_itself(
    client, viewer, project, owner, queues
):
    plan = make_plan(make_dataset(), max_trials=1, repeats=2)
    plan = replace(plan, sampler="bayesian")  # begins at the default values
    search = create_experiment(project, plan, by=owner)
    start_search(search, by=owner)
    run_search(search, make_seat())
    for run in search.follow_ups.all():
        run_search(run, make_seat())
    html = page_of(client, viewer, search)
    assert "It is the default configuration." in html
    assert "is the winner" in html
    assert "There is no other trial to compare it with." in html
    assert "the only trial." in html and "out of 1 trials" not in html
    assert "better than the default values" not in html and "the default values by" not in html


def test_numbers_to_quote_are_written_as_on_the_page(client, viewer, search):
    run_search(search, make_seat())
    Execution.objects.filter(trial__experiment=search).update(score=17540.25 + F("index"))
    assert "reached val_accuracy 17541 ± " in page_of(client, viewer, search)


def test_a_look_tells_of_metrics_that_the_validation_rows_had_not(client, viewer, owner, search):
    run_search(search, make_seat())
    Execution.objects.filter(trial__experiment=search).update(exact={})
    Reveal.objects.create(
        experiment=search, trial=search.recommended_trial, number=1, reason="Due.",
        revealed_by=owner, state="ready", rows=60, scores={"auc": 0.9713}, each=[],
    )  # fmt: skip
    html = page_of(client, viewer, search)
    assert "0.9713" in html


def test_a_look_at_many_models_counts_them(client, viewer, owner, search):
    run_search(search, make_seat())
    trial = search.recommended_trial
    each = [{"model": f"trial {trial.number}, execution {n}", "values": {}} for n in (1, 2, 3)]
    Reveal.objects.create(
        experiment=search, trial=trial, number=1, reason="Due.",
        revealed_by=owner, state="ready", rows=60, scores={"auc": 0.9713}, each=each,
    )  # fmt: skip
    html = page_of(client, viewer, search)
    assert f"60 rows, the mean of the 3 models of trial {trial.number}." in html
    assert "execution 2" not in html


def test_other_metrics_stand_below_the_two_scores(client, viewer, search):
    run_search(search, make_seat())
    assert "Other metrics" not in page_of(client, viewer, search)
    f1 = MetricScores(0.8, Estimate(0.7125, 0.65, 0.7625))
    expect(search.recommended_trial, value=0.84, low=0.81, high=0.87, metrics={"f1": f1})
    html = page_of(client, viewer, search)
    table = html[
        html.index("Other metrics") : html.index("</details>", html.index("Other metrics"))
    ]
    assert "0.8000" in table and "0.7125" in table and "0.6500 to 0.7625" in table
