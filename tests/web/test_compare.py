"""Comparing trials: differing settings first, differences to the base, no ranking across protocols."""

import re

from django.urls import reverse

from experiments.models import Project
from experiments.reports.compare import compared, comparison
from experiments.web.views.compare import read_trials
from tests.examples import make_experiment


def address(project, *keys):
    trials = ",".join(f"{experiment.code}:{number}" for experiment, number in keys)
    return reverse("compare:detail", args=[project.slug]) + f"?trials={trials}"


def page(client, user, project, *keys):
    client.force_login(user)
    return client.get(address(project, *keys)).content.decode()


def columns_of(project, *keys):
    return compared(project.pk, [(experiment.code, number) for experiment, number in keys])


def test_differing_hyperparameters_come_first_and_equal_ones_fold(client, viewer, project):
    experiment = make_experiment(project, trials=4)
    html = page(client, viewer, project, (experiment, 0), (experiment, 1))
    assert "Compare 2 trials" in html and "same data, split and protocol" in html
    folded = html.index('id="equal-settings"')
    assert html.index("learning_rate", html.index("Configuration")) < folded
    assert 'class="mono quiet">epochs' in html[folded:]


def test_each_metric_tells_its_difference_to_the_base(project):
    experiment = make_experiment(project, trials=4, repeats=3)
    view = comparison(columns_of(project, (experiment, 0), (experiment, 1)))
    objective = view.results[0]
    base, other = objective.cells
    assert objective.name == "val_accuracy"
    assert base.spread is not None and base.n == 3 and base.difference == 0
    assert other.difference == other.value - base.value
    assert other.is_tie or other.is_better == (other.difference > 0)


def test_a_smaller_loss_is_better(project):
    experiment = make_experiment(project, trials=2)
    for number, loss in ((0, 0.5), (1, 0.4)):
        trial = experiment.trials.get(number=number)
        trial.metrics = {"val_loss": loss}
        trial.save()
    view = comparison(columns_of(project, (experiment, 0), (experiment, 1)))
    loss_row = next(row for row in view.results if row.name == "val_loss")
    assert loss_row.cells[1].is_better is True


def test_trials_judged_differently_are_not_ranked(client, viewer, project):
    once = make_experiment(project, trials=1, name="once")
    thrice = make_experiment(project, trials=1, name="thrice", repeats=3)
    html = page(client, viewer, project, (once, 0), (thrice, 0))
    assert "scores can't be ranked" in html and "× 3 seeds" in html
    warning = html.split("scores can't be ranked")[1].split("</thead>")[0]
    assert "once" in warning and "thrice" in warning, "both are called trial 0"
    view = comparison(columns_of(project, (once, 0), (thrice, 0)))
    assert view.results[0].cells[1].difference is None


def test_the_order_in_the_address_chooses_the_base(project):
    experiment = make_experiment(project, trials=3)
    keys = ((experiment, 2), (experiment, 0))
    assert [column.trial.number for column in columns_of(project, *keys)] == [2, 0]


def test_no_two_columns_share_a_colour(project):
    experiment = make_experiment(project, trials=18)
    found = columns_of(project, *((experiment, number) for number in (1, 9, 17)))
    assert len({column.colour for column in found}) == 3


def test_one_or_no_trial_asks_for_more(client, viewer, project):
    experiment = make_experiment(project, trials=1)
    assert "One more trial is needed" in page(client, viewer, project, (experiment, 0))
    assert "Choose two to ten trials" in page(client, viewer, project)


def test_an_eleventh_trial_is_left_out_and_told(client, viewer, project):
    experiment = make_experiment(project, trials=12)
    html = page(client, viewer, project, *((experiment, number) for number in range(11)))
    assert "Compare 10 trials" in html and "1 of the trials in this link is not" in html


def test_trials_of_another_project_stay_unseen(client, viewer, project):
    other = Project.objects.create(slug="other", name="Other")
    hidden = make_experiment(other, trials=2, name="secret-search")
    mine = make_experiment(project, trials=1)
    html = page(client, viewer, project, (mine, 0), (hidden, 0), (hidden, 1))
    assert "secret-search" not in html and "One more trial is needed" in html


def test_strangers_learn_nothing(client, stranger, project):
    client.force_login(stranger)
    assert client.get(address(project)).status_code == 404


def test_what_cant_be_read_in_the_address_is_left_out():
    code = "8d8ac610-566d-4ef0-9c22-186b2a5ed793"
    assert read_trials(f"x,{code}:3,{code},{code}:-1,:4,zz:5,{code}:99999999999") == [
        (read_trials(f"{code}:3")[0][0], 3)
    ]


def test_no_inline_script_or_style_stands_on_it(client, viewer, project):
    experiment = make_experiment(project, trials=2)
    html = page(client, viewer, project, (experiment, 0), (experiment, 1))
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
    assert not re.search(r"\s(style|on[a-z]+)=", html)


def test_nine_trials_cost_as_many_queries_as_two(
    client, viewer, project, django_assert_max_num_queries
):
    experiment = make_experiment(project, trials=10)
    client.force_login(viewer)
    counts = []
    for n in (2, 9):
        with django_assert_max_num_queries(12) as queries:
            client.get(address(project, *((experiment, number) for number in range(n))))
        counts.append(len(queries))
    assert counts[0] == counts[1]
