"""The edit page: what saving would do is told first, links fill it in, two people's edits meet."""

import json
import re
from html import unescape

import pytest
from django.urls import reverse

from experiments.models import Activity, Experiment, QueuedConfiguration
from experiments.search.space.space import Space
from experiments.services.trials.queued_configurations import queue_by_hand
from tests.examples import make_experiment
from tests.web.sending import send


def address(experiment):
    return reverse("experiments:edit", args=[experiment.code])


def fields_of(html):
    """What a browser would send of the page's form."""
    form = re.search(r'<form class="plan-form edit-plan".*?</form>', html, re.S).group()
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]*)"', tag)
        if not name or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found[name.group(1)] = unescape(value.group(1)) if value else ""
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S
    ):
        found[name] = unescape(text).removeprefix("\n")
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen.group(1) if chosen else ""
    return found


def open_page(client, experiment, query=""):
    html = client.get(address(experiment) + query).content.decode()
    return html, fields_of(html)


def row_field(fields, name, part):
    index = next(
        key.split("-")[1]
        for key, value in fields.items()
        if key.endswith("-name") and value == name
    )
    return f"space-{index}-{part}"


@pytest.fixture
def running(project, queues):
    return make_experiment(project, trials=12, running=2, state="running", max_trials=20)


def space_of(experiment):
    return Space.from_dict(experiment.space_versions.order_by("-number")[0].space)


def test_a_save_without_changes_makes_no_new_version(client, editor, running):
    client.force_login(editor)
    _, fields = open_page(client, running)
    assert client.post(address(running), fields).status_code == 302
    assert running.space_versions.count() == 1


def test_a_narrowed_space_is_shown_with_its_effect_and_saved_when_confirmed(
    client, editor, running
):
    client.force_login(editor)
    _, fields = open_page(client, running)
    fields[row_field(fields, "units", "max")] = "256"
    answer = client.post(address(running), fields)
    html = answer.content.decode()
    assert answer.status_code == 200 and running.space_versions.count() == 1
    outside = sum(trial.values["units"] > 256 for trial in running.trials.all())
    assert 0 < outside < 12
    assert f"<strong>{12 - outside} of 12</strong>" in html
    assert "int 32 to 512, step 32" in html and "int 32 to 256, step 32" in html
    mark = re.search(r'name="confirmed" value="(\w+)"', html).group(1)
    assert client.post(address(running), fields | {"confirmed": mark}).status_code == 302
    assert space_of(running)["units"].max == 256
    assert running.space_versions.count() == 2
    line = Activity.objects.get(verb="experiment.edited")
    assert line.text == "Changed units from int 32 to 512, step 32 to int 32 to 256, step 32"
    assert line.user == editor
    log = client.get(reverse("experiments:log", args=[running.code])).content.decode()
    assert "Before and after" in log
    assert '<td class="wrap">int 32 to 256, step 32</td>' in log


def test_what_is_changed_after_the_review_is_reviewed_again(client, editor, running):
    client.force_login(editor)
    _, fields = open_page(client, running)
    fields[row_field(fields, "units", "max")] = "256"
    mark = re.search(
        r'name="confirmed" value="(\w+)"', client.post(address(running), fields).content.decode()
    ).group(1)
    fields[row_field(fields, "units", "max")] = "128"
    answer = client.post(address(running), fields | {"confirmed": mark})
    assert answer.status_code == 200 and "Effect of saving" in answer.content.decode()
    assert running.space_versions.count() == 1


def test_a_link_fills_in_and_marks_and_saves_nothing(client, editor, running):
    client.force_login(editor)
    query = "?widen=units:16:1024&slots=8&widen=nothing:1:2&forbid=units+%3E+512"
    html, fields = open_page(client, running, query)
    assert fields[row_field(fields, "units", "max")] == "1024"
    assert fields["parallel"] == "8" and "is-filled" in html
    assert fields["constraints"].splitlines() == ["units * layers <= 2048", "not (units > 512)"]
    assert "The link filled in 3 changes" in html
    assert "This search has no hyperparameter nothing" in html
    assert 'Stored: <span class="mono">int 32 to 512, step 32' in html
    running.refresh_from_db()
    assert (running.parallel, running.space_versions.count()) == (2, 1)


@pytest.mark.parametrize(
    ("name", "part", "value", "message"),
    [
        ("units", "max", "16", "units"),
        ("units", "max", "", "units"),
        ("optimizer", "choices", "", "The list is empty"),
        ("optimizer", "choices", "adam", "momentum"),
        ("units", "step", "-3", "units"),
    ],
)
def test_bad_input_is_told_at_its_row_and_stays_typed(
    client, editor, running, name, part, value, message
):
    client.force_login(editor)
    _, fields = open_page(client, running)
    key = row_field(fields, name, part)
    answer = client.post(address(running), fields | {key: value, "name": "typed too"})
    html = answer.content.decode()
    assert answer.status_code == 422 and "Not saved" in html and message in html
    after = fields_of(html)
    assert after[key] == value and after["name"] == "typed too"
    assert running.space_versions.count() == 1


@pytest.mark.parametrize("rule", ["units > 99999", "unitz > 3", "units >"])
def test_a_rule_that_forbids_everything_or_cant_be_read_is_refused(client, editor, running, rule):
    client.force_login(editor)
    _, fields = open_page(client, running)
    answer = client.post(address(running), fields | {"constraints": rule})
    assert answer.status_code == 422
    assert rule in unescape(answer.content.decode())


def test_two_people_s_edits_meet_in_one_form(client, owner, editor, running):
    client.force_login(editor)
    _, mine = open_page(client, running)
    client.force_login(owner)
    _, theirs = open_page(client, running)
    theirs |= {"name": "theirs", "parallel": "4", "max_trials": "40"}
    assert client.post(address(running), theirs).status_code == 302
    client.force_login(editor)
    units = row_field(mine, "units", "max")
    mine["constraints"] = mine["constraints"].replace("\n", "\r\n")  # as browsers send it
    mine |= {"name": "mine", "notes": "What I typed", units: "256"}
    answer = client.post(address(running), mine)
    html = answer.content.decode()
    assert answer.status_code == 409 and "owner changed this" in html
    form = fields_of(html)
    assert (form["name"], form["notes"], form[units]) == ("mine", "What I typed", "256")
    assert (form["parallel"], form["max_trials"]) == ("4", "40")
    assert re.search(r"<th scope=\"row\">Name</th>\s*<td class=\"wrap\">theirs</td>", html)
    mark = re.search(
        r'name="confirmed" value="(\w+)"', client.post(address(running), form).content.decode()
    ).group(1)
    assert client.post(address(running), form | {"confirmed": mark}).status_code == 302
    running.refresh_from_db()
    assert (running.name, running.parallel, running.notes) == ("mine", 4, "What I typed")
    assert space_of(running)["units"].max == 256


def test_queued_configurations_outside_are_counted_and_withdrawn(client, owner, editor, running):
    values = dict(running.trials.first().values)
    inside = values | {"units": 64, "layers": 1, "batch_size": 64}
    outside = values | {"units": 512, "layers": 1, "batch_size": 64}
    queue_by_hand(running, [inside, outside], by=owner, again=True)
    client.force_login(editor)
    _, fields = open_page(client, running)
    fields[row_field(fields, "units", "max")] = "256"
    html = client.post(address(running), fields).content.decode()
    assert "1 of 2 queued configurations will be withdrawn" in html
    mark = re.search(r'name="confirmed" value="(\w+)"', html).group(1)
    client.post(address(running), fields | {"confirmed": mark})
    kept = QueuedConfiguration.objects.get(withdrawn=None)
    assert kept.values["units"] == 64 and kept.space_version.number == 2


def test_fewer_trials_than_were_made_are_told_before_they_are_saved(client, editor, running):
    client.force_login(editor)
    _, fields = open_page(client, running)
    html = client.post(address(running), fields | {"max_trials": "5"}).content.decode()
    assert "12 trials exist already: the budget becomes 12" in html
    mark = re.search(r'name="confirmed" value="(\w+)"', html).group(1)
    client.post(address(running), fields | {"max_trials": "5", "confirmed": mark})
    running.refresh_from_db()
    assert (running.max_trials, running.space_versions.count()) == (12, 1)


def test_a_follow_up_has_no_search_to_edit(client, editor, running):
    Experiment.objects.filter(pk=running.pk).update(purpose="baseline")
    client.force_login(editor)
    html, fields = open_page(client, running)
    assert "Search space" not in html
    assert client.post(address(running), fields | {"notes": "kept"}).status_code == 302


def test_the_page_asks_as_much_of_three_trials_as_of_thirteen(
    client, editor, project, django_assert_max_num_queries
):
    counts = []
    client.force_login(editor)
    for trials in (3, 13):
        experiment = make_experiment(project, trials=trials, state="stopped")
        _, fields = open_page(client, experiment)
        fields[row_field(fields, "units", "max")] = "256"
        with django_assert_max_num_queries(24) as queries:
            client.post(address(experiment), fields)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_form_that_is_no_form_is_answered(client, editor, running):
    client.force_login(editor)
    for sent in ({}, {"base": "[1"}, {"space-0-name": "\0", "revision": "1"}):
        assert client.post(address(running), sent).status_code == 422
    bad = {"revision": "0", "base": json.dumps([1]), "name": "x", "max_trials": 3, "parallel": 1}
    assert client.post(address(running), bad).status_code == 409


@pytest.mark.usefixtures("by_editor")
def test_fewer_trials_than_twice_the_re_evaluated_ones_are_refused_at_their_field(
    client, project, version
):
    new = reverse("experiments:new", args=[project.slug])
    send(client, new, version, max_trials="40", confirm="10")
    experiment = Experiment.objects.get(name="First")
    _, fields = open_page(client, experiment)
    assert fields["confirm"] == "10"
    answer = client.post(address(experiment), fields | {"max_trials": "15"})
    html = answer.content.decode()
    assert answer.status_code == 422 and "Re-evaluate top trials</span>: At most 7 of 15" in html
    assert 'id="error-confirm" role="alert">At most 7 of 15' in html
    client.post(address(experiment), fields | {"max_trials": "15", "confirm": "7"})
    experiment.refresh_from_db()
    assert (experiment.max_trials, experiment.plan["confirm"]) == (15, 7)
    line = Activity.objects.get(verb="experiment.edited").text
    assert "re-evaluate top trials from 10 trials to 7 trials" in line
    clone = client.get(reverse("experiments:clone", args=[experiment.code])).content.decode()
    assert "can re-evaluate top trials" not in clone
    assert re.search(r'name="confirm"[^>]*value="7"', clone)


def test_runs_without_a_plan_of_their_own_have_no_top_trials_to_re_evaluate(
    client, editor, running
):
    client.force_login(editor)
    html, fields = open_page(client, running, "?reevaluate=3")
    assert "confirm" not in fields
    assert "This experiment has no such setting" in html
