"""The form that puts configurations into a running search, and what it refuses."""

import pytest
from django.urls import reverse

from experiments.models import Activity, Experiment
from experiments.web.forms.experiment.configurations import space_of
from tests.examples import make_experiment

pytestmark = pytest.mark.usefixtures("queues")
TYPED = {
    "value-layers": "2",
    "value-units": "416",
    "value-dropout": "0.2",
    "value-optimizer": "sgd",
    "value-learning_rate": "0.01",
    "value-momentum": "0.9",
    "value-batch_size": "128",
}


@pytest.fixture
def search(project, owner):
    """A running search whose momentum counts with sgd alone."""
    return make_experiment(project, trials=4, max_trials=20, state="running", by=owner)


def address(experiment, name="queue", *more):
    return reverse(f"experiments:{name}", args=[experiment.code, *more])


def send(client, experiment, action="one", **changed):
    fields = TYPED | {f"value-{name}": value for name, value in changed.items()}
    return client.post(address(experiment), fields | {"action": action})


def fields_of(response):
    return {field.row.name: field for field in response.context["fields"]}


def test_the_form_opens_with_defaults_and_says_what_does_not_count(client, editor, search):
    client.force_login(editor)
    response = client.get(address(search))
    fields = fields_of(response)
    assert list(fields) == [name.removeprefix("value-") for name in TYPED]
    assert fields["units"].value == "288"
    assert [label for _, label in fields["optimizer"].choices] == ["adam", "sgd", "rmsprop"]
    assert not fields["momentum"].is_active
    assert fields["momentum"].hint.split(" · ")[-1] == "only if optimizer is sgd"
    html = response.content.decode()
    assert "32 to 512 in steps of 32" in html
    assert "units * layers &lt;= 2048" in html


def test_what_is_queued_waits_on_the_page_and_stands_in_the_log(client, editor, search):
    client.force_login(editor)
    response = client.post(address(search), TYPED | {"action": "one"}, follow=True)
    assert response.redirect_chain == [(address(search, "detail"), 302)]
    queued = search.queued.get()
    assert queued.values == {
        "layers": 2, "units": 416, "dropout": 0.2, "optimizer": "sgd", "learning_rate": 0.01,
        "momentum": 0.9, "batch_size": 128, "epochs": 20,
    }  # fmt: skip
    html = response.content.decode()
    assert "Queued 1 configuration, which runs as soon as a slot is free" in html
    assert "Queued manually" in html
    assert "units 416, dropout 0.2, optimizer sgd" in html
    assert "by editor" in html
    assert Activity.objects.get(verb="trial.queued").user == editor


def test_what_is_not_active_is_left_out_whatever_its_field_says(client, editor, search):
    client.force_login(editor)
    assert send(client, search, optimizer="adam", momentum="nonsense").status_code == 302
    assert "momentum" not in search.queued.get().values


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("units", "many", "Expected a whole number"),
        ("units", "33", "Nearest: 32"),
        ("units", "100000", ""),
        ("units", "", "The value is missing."),
        ("momentum", "1.5", ""),
        ("learning_rate", "nan", "Expected a finite number"),
        ("learning_rate", "0x1", "Expected a number"),
        ("optimizer", "lion", "isn't one of its choices"),
        ("batch_size", "100", "isn't one of its choices"),
    ],
)
def test_a_wrong_value_is_named_at_its_field_and_nothing_is_lost(
    client, editor, search, name, text, words
):
    client.force_login(editor)
    response = send(client, search, **{name: text})
    assert response.status_code == 422
    fields = fields_of(response)
    assert words in fields[name].error
    assert fields[name].error
    assert [each.row.name for each in fields.values() if each.error] == [name]
    assert fields[name].value == text
    assert fields["dropout"].value == "0.2"
    assert not search.queued.exists()


def test_a_broken_rule_is_told_above_the_fields(client, editor, search):
    client.force_login(editor)
    version = search.space_versions.get()
    version.space["constraints"] = ["units * layers <= 512"]
    version.save()
    response = send(client, search)
    assert response.status_code == 422
    assert "Not met: units * layers &lt;= 512" in response.content.decode()


def test_another_is_filled_with_the_last_one(client, editor, search):
    client.force_login(editor)
    response = client.post(address(search), TYPED | {"action": "another"}, follow=True)
    assert response.status_code == 200
    assert fields_of(response)["units"].value == "416"
    assert "Queued manually" in response.content.decode()


def test_several_are_queued_together_or_not_at_all(client, editor, search):
    client.force_login(editor)
    text = "units,optimizer\n64,adam\n96,lion\n"
    response = client.post(address(search), {"several": text, "action": "several"})
    assert response.status_code == 422
    assert response.context["refused"].several.startswith("Row 2: optimizer: ")
    assert "96,lion" in response.content.decode()
    assert not search.queued.exists()
    text = '{"units": 64}\n{"units": 96, "optimizer": "sgd"}'
    client.post(address(search), {"several": text, "action": "several"})
    queued = list(search.queued.all())
    assert [each.values["units"] for each in queued] == [64, 96]
    assert ["momentum" in each.values for each in queued] == [False, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expected at least one configuration"),
        ("units,score\n64,0.9", "Remove the score"),
        ("units\n" + "64\n" * 101, "at most 100"),
        ('{"unit": 64}', "There is no hyperparameter"),
        ("[" * 2000, "Row 1: "),
    ],
)
def test_a_list_that_cannot_be_queued_says_why(client, editor, search, text, words):
    client.force_login(editor)
    response = client.post(address(search), {"several": text, "action": "several"})
    assert response.status_code == 422
    assert words in response.context["refused"].several


def test_a_trial_fills_the_form_and_is_not_run_again_by_mistake(client, editor, search):
    client.force_login(editor)
    trial = search.trials.get(number=1)
    trial.values_key = space_of(search).key(trial.values)
    trial.save()
    page = client.get(reverse("trials:detail", args=[search.code, 1])).content.decode()
    link = f"{address(search)}?trial=1"
    assert link in page
    opened = client.get(link)
    assert "Filled with the values of" in opened.content.decode()
    posted = {field.key: field.value for field in opened.context["fields"]} | {"from": "1"}
    assert posted["value-learning_rate"] == repr(trial.values["learning_rate"])
    refused = client.post(address(search), posted | {"action": "one"})
    assert refused.status_code == 422
    assert "Trial 1 already has these values." in refused.content.decode()
    assert "Allow duplicates" in refused.content.decode()
    assert not search.queued.exists()
    client.post(address(search), posted | {"action": "one", "again": "1"})
    queued = search.queued.get()
    assert (queued.values_key, queued.taken_from) == (trial.values_key, 1)


def test_the_budget_is_raised_with_a_tick(client, editor, search):
    client.force_login(editor)
    Experiment.objects.filter(pk=search.pk).update(max_trials=4)
    refused = send(client, search)
    assert refused.status_code == 422
    assert "Raise the budget to 5 trials" in refused.content.decode()
    client.post(address(search), TYPED | {"action": "one", "raise_budget": "1"})
    search.refresh_from_db()
    assert (search.max_trials, search.queued.count()) == (5, 1)


def test_the_tick_to_raise_the_budget_stands_beside_the_button_that_was_pressed(
    client, editor, search
):
    client.force_login(editor)
    Experiment.objects.filter(pk=search.pk).update(max_trials=4)
    html = send(client, search).content.decode()
    assert html.index('name="raise_budget"') < html.index('value="one"')
    listed = {"several": '{"units": 96}', "action": "several"}
    html = client.post(address(search), TYPED | listed).content.decode()
    assert html.index('value="another"') < html.index('name="raise_budget"')
    assert html.index('name="several"') < html.index('name="raise_budget"')


@pytest.mark.parametrize("state", ["completed", "stopping", "failed"])
def test_a_search_that_is_over_answers_409_and_keeps_what_was_typed(client, editor, search, state):
    client.force_login(editor)
    Experiment.objects.filter(pk=search.pk).update(state=state)
    response = send(client, search)
    assert response.status_code == 409
    html = response.content.decode()
    assert "accepts no configurations" in html
    assert 'value="416"' in html
    assert not search.queued.exists()
    opened = client.get(address(search))
    assert opened.status_code == 200
    assert "accepts no configurations" in opened.content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "next, in this order"),
        ("running", "next, in this order"),
        ("pausing", "waiting until the search is resumed"),
        ("paused", "waiting until the search is resumed"),
        ("stopping", "waiting until the search is resumed"),
        ("stopped", "waiting until the search is resumed"),
    ],
)
def test_what_waits_is_called_next_only_while_the_search_takes_it(
    client, editor, search, state, words
):
    client.force_login(editor)
    send(client, search)
    Experiment.objects.filter(pk=search.pk).update(state=state)
    html = client.get(address(search, "detail")).content.decode()
    assert words in html


def test_it_is_withdrawn_once(client, editor, search):
    client.force_login(editor)
    send(client, search)
    queued = search.queued.get()
    page = client.get(address(search, "detail")).content.decode()
    assert address(search, "withdraw", queued.pk) in page
    done = client.post(address(search, "withdraw", queued.pk), follow=True).content.decode()
    assert "Withdrawn." in done
    assert "Queued manually" not in done.split("<main")[1].split("Events")[0]
    again = client.post(address(search, "withdraw", queued.pk), follow=True).content.decode()
    assert "It is already withdrawn." in again


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("stranger", 404)])
def test_others_queue_and_withdraw_nothing(client, request, editor, search, who, status):
    client.force_login(editor)
    send(client, search)
    queued = search.queued.get()
    client.force_login(request.getfixturevalue(who))
    assert send(client, search, units="64").status_code == status
    assert client.post(address(search, "withdraw", queued.pk)).status_code == status
    assert search.queued.get().withdrawn is None
    page = client.get(address(search, "detail"))
    html = page.content.decode()
    assert ("Queued manually" in html) is (who == "viewer")
    assert "Withdraw<" not in html
    assert "Add configuration" not in html


@pytest.mark.parametrize(
    "query", ["?trial=99", "?trial=9" * 30, f"?trial={'9' * 5000}", "?queued=x"]
)
def test_an_address_that_names_nothing_opens_with_defaults(client, editor, search, query):
    client.force_login(editor)
    response = client.get(address(search) + query)
    assert response.status_code == 200
    assert fields_of(response)["units"].value == "288"


def test_another_searchs_queue_is_not_shown(client, editor, search, project):
    client.force_login(editor)
    other = make_experiment(project, name="other", state="running", max_trials=9)
    send(client, other, units="96")
    response = client.get(f"{address(search)}?queued={other.queued.get().pk}")
    assert fields_of(response)["units"].value == "288"
    client.post(address(search, "withdraw", other.queued.get().pk))
    assert other.queued.get().withdrawn is None
