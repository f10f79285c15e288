"""The recommended trial on the pages: beside the best one, in the list of models, live."""

from django.urls import reverse

from experiments.models import Artifact
from experiments.search.strategies.winner import Winner
from experiments.services.experiments.winner import WinnerRecord, record_winner
from tests.examples import alone, make_experiment


def experiment_with_another_winner(project):
    experiment = make_experiment(project, trials=5)
    best = experiment.best_trial.number
    other = next(n for n in range(5) if n != best)
    winner = Winner(best, other, "Its score was probably lucky.")
    record_winner(experiment.pk, WinnerRecord(winner, alone(best), scored=5))
    return experiment, best, other


def store_model(trial):
    """A model of the trial's last execution."""
    execution = trial.executions.order_by("index").last()
    Artifact.objects.create(
        trial=trial, execution=execution, kind=Artifact.Kind.MODEL, path="m", bytes=1, sha256="0"
    )
    return execution


def page(client, user, name, *parts):
    client.force_login(user)
    return client.get(reverse(name, args=parts)).content.decode()


def test_the_page_shows_both_and_why(client, viewer, project):
    experiment, best, other = experiment_with_another_winner(project)
    execution = store_model(experiment.trials.get(number=other))
    html = page(client, viewer, "experiments:detail", experiment.code)
    assert "Its score was probably lucky." in html
    assert f"not trial {best} with the best score" in html
    address = reverse("trials:download", args=[experiment.code, other])
    assert f'data-winner="download" href="{address}"' in html
    words = f"epoch {execution.best_epoch} of {execution.epochs}"
    assert words in html[html.index('data-winner="model"') :].lower()
    row = html[html.index(f'<tr data-number="{other}"') :]
    assert "recommended" in row[: row.index("</tr>")]


def test_before_a_recommendation_nothing_is_said(client, viewer, project):
    experiment = make_experiment(project, trials=5)
    html = page(client, viewer, "experiments:detail", experiment.code)
    assert 'data-head="winner" hidden' in html


def test_a_live_page_learns_of_it(client, viewer, project):
    experiment, best, other = experiment_with_another_winner(project)
    client.force_login(viewer)
    store_model(experiment.trials.get(number=other))
    answer = client.get(reverse("chart_data:live", args=[experiment.code])).json()
    found = answer["experiment"]["recommended"]
    assert (found["number"], found["observed"]) == (other, best)
    model = answer["experiment"]["download"]["own"]
    assert (model["code"], model["number"]) == (str(experiment.code), other)


def test_the_list_of_models_offers_the_recommended_one(client, viewer, project):
    experiment, _, other = experiment_with_another_winner(project)
    for trial in experiment.trials.all():
        Artifact.objects.get_or_create(
            trial=trial,
            kind=Artifact.Kind.MODEL,
            defaults={"path": f"m{trial.pk}", "bytes": 1, "sha256": "0" * 64},
        )
    client.force_login(viewer)
    lines = client.get(reverse("models:list", args=[project.slug])).context["lines"]
    assert [line.trial.number for line in lines] == [other]
    assert lines[0].is_recommended and not lines[0].is_best


def test_a_trials_page_tells_what_was_expected(client, viewer, project):
    experiment = make_experiment(project, trials=3)
    trial = experiment.trials.get(number=1)
    experiment.trials.filter(number=1).update(
        kind="explore", why="Little is known here.", predicted=trial.score - 0.5, uncertainty=0.01
    )
    html = page(client, viewer, "trials:detail", experiment.code, 1)
    assert "Why this configuration: explore." in html and "Little is known here." in html
    assert "Predicted" in html and "± 0.01" in html and "more than expected" in html
