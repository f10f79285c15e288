"""The Winner tab follows what was started there, and keeps what somebody types meanwhile."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from experiments.evaluation.protocol import Protocol
from experiments.models import Artifact, Experiment, Purpose, Reveal
from experiments.services.site import activity
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


def store_model(trial) -> None:
    execution = trial.executions.order_by("index").first()
    Artifact.objects.create(
        trial=trial, execution=execution, kind=Artifact.Kind.MODEL, path=f"{trial.pk}.keras",
        bytes=1, sha256="0" * 64,
    )  # fmt: skip


def test_the_overview_offers_the_refit_as_soon_as_it_has_trained(
    page, live_server, project, owner
):
    search = crowned(
        make_experiment(project, trials=6, running=2, repeats=3, by=owner), executions=3
    )
    chosen = search.recommended_trial
    store_model(chosen)
    page.goto(live_server.url + reverse("experiments:detail", args=[search.code]))
    winner = page.get_by_role("region", name="Recommended trial")
    download = winner.get_by_role("link", name="Download model")
    expect(winner).to_contain_text("Seed 1 of 3, epoch")
    expect(winner.get_by_role("link", name="Refit on all rows")).to_be_visible()
    own = reverse("trials:download", args=[search.code, chosen.number])
    expect(download).to_have_attribute("href", own)

    run = make_experiment(project, trials=1, by=owner)
    Experiment.objects.filter(pk=run.pk).update(follows=search, purpose=Purpose.REFIT)
    trial = run.trials.get()
    trial.repeats = chosen
    trial.save()
    store_model(trial)
    activity.next_event(search.pk)
    expect(winner).to_contain_text("Refit on all rows except the test set, epoch")
    expect(winner.get_by_role("link", name="Refit on all rows")).to_be_hidden()
    refit = reverse("trials:download", args=[run.code, trial.number])
    assert download.evaluate("link => new URL(link.href).pathname") == refit
