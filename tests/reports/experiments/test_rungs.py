"""The rung table says what was decided, and asks no more for a longer search."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.models import Experiment, Trial
from experiments.reports.experiments.rungs import rung_table
from experiments.reports.figures import decimals_of
from experiments.services.experiments.lifecycle import start_experiment
from tests.examples import replan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.both_databases


def script(order, execution):
    value = 0.9 - 0.05 * order.number
    return Recording(tuple({"val_accuracy": value, "loss": 1.0} for _ in range(order.fit.epochs)))


def search(project, owner, trials, **more):
    experiment = make_experiment(project, epochs=9, max_trials=trials)
    Experiment.objects.filter(pk=experiment.pk).update(pruner="asha", **more)
    replan(experiment, pruner_options={"levels": 2})
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat(ReplayPool(script, seconds_per_epoch=0.02)), turns=60)


def test_counts_by_rung_and_every_cut(project, owner):
    table = rung_table(search(project, owner, 9))
    first, second = table.rungs
    assert (first.epoch, first.came, first.went_on + first.promoted) == (1, 9, 3)
    assert (second.epoch, second.came, second.went_on + second.promoted) == (3, 3, 1)
    assert first.left == 6
    assert table.cuts_total == len(table.cuts) == first.left + second.left == 8
    assert {cut.state for cut in table.cuts} == {"pruned"}  # none that went on later
    last = next(cut for cut in table.cuts if cut.number == 8)
    assert (last.state, last.rank, last.n, last.epoch) == ("pruned", 9, 9, 1)
    assert last.value == pytest.approx(0.5)
    assert last.cutoff == pytest.approx(0.8)
    assert table.epochs_done + table.epochs_saved == 81
    assert table.saved_share > 0.5
    assert table.outlook.gain is None


def test_it_asks_as_much_for_many_trials_as_for_few(project, owner):
    counts = []
    for trials in (3, 12):
        experiment = search(project, owner, trials)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rung_table(experiment)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_the_page_shows_it_and_json_keeps_it_fresh(project, owner, client):
    experiment = search(project, owner, 9)
    client.force_login(owner)
    text = client.get(reverse("experiments:detail", args=[experiment.code])).content.decode()
    assert "<rung-table" in text
    assert "9 of 9" in text
    address = reverse("chart_data:rungs", args=[experiment.code])
    answer = client.get(address).json()
    assert answer["rungs"][0]["came"] == 9
    assert "<table" in answer["html"]
    assert client.get(address, {"cursor": answer["cursor"]}).status_code == 204


def test_values_of_a_column_have_as_many_decimals(project, owner, client):
    experiment = search(project, owner, 9)
    assert rung_table(experiment).decimals == 4
    client.force_login(owner)
    html = client.get(reverse("experiments:detail", args=[experiment.code])).content.decode()
    assert re.search(r'<td class="num mono">0.5000</td>\s*<td class="num mono">0.8000</td>', html)
    page = client.get(reverse("trials:detail", args=[experiment.code, 8])).content.decode()
    assert '<td class="num mono">0.5000</td>' in page


@pytest.mark.parametrize(
    ("numbers", "decimals"),
    [
        ((), 3),
        ((0.5, None, 0.75), 4),
        ((12.5, 0.25), 2),
        ((12345.0,), 0),
        ((-0.03,), 5),
        ((0.0, 1e-12, float("nan")), 8),
    ],
)
def test_the_largest_number_has_four_digits(numbers, decimals):
    assert decimals_of(numbers) == decimals


def test_a_trial_tells_why_it_was_pruned(project, owner, client):
    experiment = search(project, owner, 3)
    client.force_login(owner)
    page = client.get(reverse("trials:detail", args=[experiment.code, 2])).content.decode()
    assert "Not promoted: at epoch 1 it ranked 3 of 3 when it entered." in page
    assert "Paused at epoch 1" in page
    Trial.objects.filter(experiment=experiment, number=2).update(state="paused")
    page = client.get(reverse("trials:detail", args=[experiment.code, 2])).content.decode()
    assert "Paused at a rung." in page


def test_an_experiment_without_a_pruner_has_no_table(project, owner, client):
    experiment = make_experiment(project)
    Experiment.objects.filter(pk=experiment.pk).update(pruner="none", state="completed")
    client.force_login(owner)
    text = client.get(reverse("experiments:detail", args=[experiment.code])).content.decode()
    assert "<rung-table" not in text


def test_a_trial_that_may_still_go_on_has_saved_nothing(project, owner):
    experiment = search(project, owner, 9)
    saved = rung_table(experiment).epochs_saved
    experiment.trials.filter(state="pruned").update(state="paused")
    assert saved > 0
    assert rung_table(experiment).epochs_saved == 0
