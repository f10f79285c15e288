"""The Winner tab follows what was started there, and keeps what somebody types meanwhile."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, Reveal
from tests.examples import make_experiment, replan
from tests.reports.written.test_snapshot import crowned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(sign_in, owner) -> Page:
    page: Page = sign_in(owner)
    return page


@pytest.fixture
def experiment(project, owner) -> Experiment:
    made = crowned(make_experiment(project, trials=6, repeats=3, by=owner), executions=3)
    replan(made, protocol=Protocol(repeats=3, locked_test_share=None))  # the dataset's own
    return made


def test_a_look_at_the_locked_rows_appears_without_a_reload(page, live_server, experiment, owner):
    look = Reveal.objects.create(
        experiment=experiment, trial=experiment.recommended_trial, number=1, reason="Due.",
        revealed_by=owner,
    )  # fmt: skip
    page.goto(live_server.url + reverse("experiments:winner", args=[experiment.code]))
    expect(page.get_by_text("for a worker to score it")).to_be_visible()
    page.get_by_label("Trials to confirm").fill("0, 4, 5")

    look.state, look.rows, look.scores = Reveal.State.READY, 10_000, {"accuracy": 0.9713}
    look.each = [{"model": "execution 1", "scores": {"accuracy": 0.9713}}]
    look.save()
    expect(page.get_by_role("region", name="Scores of reveal 1")).to_contain_text("0.9713")
    expect(page.locator("blockquote")).to_contain_text("10,000 locked test rows: 0.9713")
    expect(page.get_by_label("Trials to confirm")).to_have_value("0, 4, 5")
