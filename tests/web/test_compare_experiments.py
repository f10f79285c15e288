"""The page of whole experiments: from a form or a link, what is left out, three people, and its queries."""

from uuid import uuid4

from django.urls import reverse

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment, Project
from tests.examples import expect, make_experiment, replan
from tests.reports.written.test_snapshot import crowned


def address(project, *experiments, name="experiments"):
    codes = ",".join(str(each.code) for each in experiments)
    return reverse(f"compare:{name}", args=[project.slug]) + f"?experiments={codes}"


def page(client, user, project, *experiments, more=""):
    client.force_login(user)
    return client.get(address(project, *experiments) + more).content.decode()


def test_experiments_stand_side_by_side_and_lead_to_their_winners(client, viewer, project):
    one = make_experiment(project, name="narrow", trials=3, repeats=3)
    two = make_experiment(project, name="wide", trials=4, repeats=3)
    html = page(client, viewer, project, one, two)
    assert "Compare 2 experiments" in html and "narrow" in html and "wide" in html
    winners = f"{one.code}:{one.best_trial.number},{two.code}:{two.best_trial.number}"
    assert f"?trials={winners}" in html and "search-lines" in html
    assert "A winner's score is optimistic" in html
    turned = page(client, viewer, project, one, two, more=f"&base={two.code}")
    assert turned.index("head-name", turned.index("<thead>")) < turned.index(">wide</bdi>")


def test_winners_and_best_scores_stand_beside_the_expected_ones(client, viewer, project):
    one, two = make_experiment(project, trials=4), make_experiment(project, trials=4)
    assert "expected on new rows" not in page(client, viewer, project, one, two)
    lucky, steady = one.best_trial, one.trials.exclude(pk=one.best_trial_id).first()
    crowned(one)
    Experiment.objects.filter(pk=one.pk).update(recommended_trial=steady)
    expect(lucky, value=0.81, low=0.8, high=0.82)
    for trial in (steady, two.best_trial):
        expect(trial, value=0.84, low=0.81, high=0.87)
    html = page(client, viewer, project, one, two)
    row = html[html.index(">expected on new rows<") :].split("</tr>")[0]
    assert ">0.8400</span>" in row and row.count("0.8100 to 0.8700") == 2
    best = html[html.index(">best search score<") :].split("</tr>")[0]
    assert best.count("expected 0.") == 1, "the other's is the winner's"
    assert "expected 0.8100 (0.8000 to 0.8200)" in best


def test_the_form_sends_a_field_for_each_and_a_link_a_list(client, viewer, project):
    one, two = make_experiment(project, trials=1), make_experiment(project, trials=1)
    client.force_login(viewer)
    fields = {"experiments": [str(one.code), str(two.code)]}
    html = client.get(reverse("compare:experiments", args=[project.slug]), fields).content.decode()
    assert "Compare 2 experiments" in html and html.count("checked") >= 2


def test_unlike_experiments_have_no_chart_and_no_best(client, viewer, project):
    one, two = make_experiment(project, trials=2), make_experiment(project, trials=2)
    replan(two, protocol=Protocol(repeats=3))
    html = page(client, viewer, project, one, two)
    assert "They differ in protocol" in html
    assert "<search-lines" not in html and "best-mark" not in html
    data = client.get(address(project, one, two, name="scores")).json()
    assert data == {"unlike": "protocol", "experiments": []}


def test_what_is_missing_broken_or_beyond_ten_is_told(client, viewer, project):
    many = [make_experiment(project, trials=1, name=f"e{n}") for n in range(12)]
    html = page(client, viewer, project, *many, more=f",nonsense,{uuid4()}")
    assert "Compare 10 experiments" in html and "2 more than the limit of 10." in html
    assert "1 not in this project, or deleted." in html and "1 not readable." in html
    assert "One more experiment is needed" in page(client, viewer, project, many[0])
    assert "Select 2 to 10 experiments" in page(client, viewer, project)


def test_another_project_stays_unseen_and_strangers_learn_nothing(
    client, viewer, stranger, project
):
    hidden = make_experiment(Project.objects.create(slug="o", name="O"), trials=1, name="secret")
    html = page(client, viewer, project, hidden)
    assert "secret" not in html and "1 not in this project" in html
    assert client.get(address(project, hidden, name="scores")).json()["experiments"] == []
    client.force_login(stranger)
    for name in ("experiments", "scores"):
        assert client.get(address(project, name=name)).status_code == 404


def test_ten_experiments_cost_as_many_queries_as_two(
    client, viewer, project, django_assert_max_num_queries
):
    some = [make_experiment(project, trials=3 + n, repeats=2, name=f"e{n}") for n in range(10)]
    client.force_login(viewer)
    for name, most in (("experiments", 14), ("scores", 8)):
        counts = []
        for chosen in (some[:2], some):
            with django_assert_max_num_queries(most) as queries:
                assert client.get(address(project, *chosen, name=name)).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


def test_the_list_of_experiments_leads_there_from_two_on(client, viewer, project):
    client.force_login(viewer)
    door = reverse("compare:experiments", args=[project.slug])
    make_experiment(project, trials=1)
    assert door not in client.get(reverse("projects:detail", args=[project.slug])).content.decode()
    make_experiment(project, trials=1)
    assert door in client.get(reverse("projects:detail", args=[project.slug])).content.decode()
