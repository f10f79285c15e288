"""The comparison's page: differences first, the base in the address, what a link names and isn't there, three people."""

import re

from django.http import QueryDict
from django.urls import reverse

from experiments.models import Project
from experiments.web.compare_address import Address, changed, read_key
from tests.examples import expect, make_experiment

CODE = "8d8ac610-566d-4ef0-9c22-186b2a5ed793"


def query_of(*keys, **more):
    trials = ",".join(f"{experiment.code}:{number}" for experiment, number in keys)
    parts = {"trials": trials, **more}
    return "?" + "&".join(f"{name}={text}" for name, text in parts.items())


def address(project, *keys, name="detail", **more):
    return reverse(f"compare:{name}", args=[project.slug]) + query_of(*keys, **more)


def page(client, user, project, *keys, **more):
    client.force_login(user)
    return client.get(address(project, *keys, **more)).content.decode()


def heads(html):
    """What the columns are called, in the first table."""
    return re.findall(
        r'class="plain trial-name"[^>]*>.*?(Trial \d+)', html.split("</thead>")[0], re.S
    )


def test_rows_that_differ_are_marked_and_equal_ones_fold_with_their_count(client, viewer, project):
    experiment = make_experiment(project, trials=4)
    html = page(client, viewer, project, (experiment, 0), (experiment, 1))
    assert "Compare 2 trials" in html and "same data, split and protocol" in html
    assert 'data-differs="learning_rate"' in html
    epochs = html[: html.index('title="epochs">epochs', html.index("Configuration"))]
    assert epochs.rstrip().rsplit("<tr", 1)[1].startswith(' class="is-equal"')
    told = re.search(r"(\d+) of (\d+) differ</span>.*?(\d+) equal rows? hidden", html, re.S)
    differing, rows, equal = map(int, told.groups())
    assert differing == html.count("data-differs=") and differing + equal == rows
    assert "only-differences" in html


def test_expected_scores_have_a_row_where_a_trial_has_one(client, viewer, project):
    experiment = make_experiment(project, trials=4)
    both = (experiment, 0), (experiment, 1)
    assert "expected on new rows" not in page(client, viewer, project, *both)
    expect(experiment.trials.get(number=1), value=0.84, low=0.81, high=0.87)
    html = page(client, viewer, project, *both)
    row = html[html.index(">expected on new rows<") :].split("</tr>")[0]
    assert row.index("–") < row.index(">0.8400</span>") and "0.8100 to 0.8700" in row


def test_the_address_may_show_equal_rows_too(client, viewer, project):
    experiment = make_experiment(project, trials=2)
    html = page(client, viewer, project, (experiment, 0), (experiment, 1), equal="shown")
    assert "compare-tables only-differences" not in html and 'aria-pressed="false"' in html


def test_the_base_of_the_address_comes_first_and_links_keep_everything_else(
    client, viewer, project
):
    experiment = make_experiment(project, trials=3)
    base = f"{experiment.code}:2"
    keys = ((experiment, 0), (experiment, 1), (experiment, 2))
    html = page(client, viewer, project, *keys, base=base, first="time,linear,0,val_loss")
    assert heads(html) == ["Trial 2", "Trial 0", "Trial 1"]
    link = re.search(r'<a href="([^"]*)" data-keep title="Compare with trial 1"', html)
    query = QueryDict(link.group(1).removeprefix("?").replace("&amp;", "&"))
    assert query["base"] == f"{experiment.code}:1" and query["first"] == "time,linear,0,val_loss"
    assert [word[-1] for word in query["trials"].split(",")] == ["0", "1", "2"], "order stays"


def test_leaving_the_base_out_drops_it_from_the_address():
    query = QueryDict(f"trials={CODE}:1,{CODE}:2&base={CODE}:2&equal=shown")
    assert changed(query, trials=f"{CODE}:1", base="") == f"?trials={CODE}:1&equal=shown"


def test_trials_judged_differently_are_not_ranked(client, viewer, project):
    once = make_experiment(project, trials=2, name="once")
    thrice = make_experiment(project, trials=1, name="thrice", repeats=3)
    html = page(client, viewer, project, (once, 0), (thrice, 0), (once, 1))
    warning = html.split("scores can't be compared")[1].split("</table>")[0]
    assert "They differ in protocol" in warning and "× 3 seeds" in warning
    assert "once" in warning and "thrice" in warning, "both are called trial 0"
    assert "best-mark" not in html and "apart" not in html and "p, adjusted" not in html
    assert html.count('"plain trial-name"') == 6, "every column still stands in both tables"
    alike = re.search(r'<a href="([^"]*)" data-keep>Keep only trials evaluated', html).group(1)
    assert f"trials={once.code}:0,{once.code}:1" in alike


def test_one_trial_is_shown_alone_and_may_be_set_beside_the_best(client, viewer, project):
    experiment = make_experiment(project, trials=4)
    other = next(n for n in range(4) if n != experiment.best_trial.number)
    html = page(client, viewer, project, (experiment, other))
    assert "One more trial is needed" in html and heads(html) == [f"Trial {other}"]
    both = f"trials={experiment.code}:{experiment.best_trial.number},{experiment.code}:{other}"
    assert both in html
    alone = page(client, viewer, project, (experiment, experiment.best_trial.number))
    assert "Compare it with the best" not in alone


def test_no_trial_asks_for_some(client, viewer, project):
    assert "Select 2 to 20 trials" in page(client, viewer, project)


def test_a_twenty_first_trial_is_left_out_and_told(client, viewer, project):
    experiment = make_experiment(project, trials=22)
    html = page(client, viewer, project, *((experiment, number) for number in range(21)))
    assert "Compare 20 trials" in html and "1 more than the limit of 20." in html
    assert "20 trials is the limit" in html


def test_deleted_trials_and_broken_words_are_told_and_the_rest_stays(client, viewer, project):
    experiment = make_experiment(project, trials=3)
    client.force_login(viewer)
    query = f"{query_of((experiment, 0), (experiment, 7), (experiment, 2))},x,{CODE}&base={CODE}:9"
    html = client.get(reverse("compare:detail", args=[project.slug]) + query).content.decode()
    assert "Compare 2 trials" in html
    assert "1 not in this project, or deleted: trial 7." in html and "2 not readable." in html
    assert "The base of this link was left out: Trial 0 is the base now." in html


def test_trials_of_another_project_stay_unseen(client, viewer, project):
    other = Project.objects.create(slug="other", name="Other")
    hidden = make_experiment(other, trials=2, name="secret-search")
    mine = make_experiment(project, trials=1)
    html = page(client, viewer, project, (mine, 0), (hidden, 0), (hidden, 1))
    assert "secret-search" not in html and "2 not in this project, or deleted" in html
    file = client.get(address(project, (hidden, 0), name="download"))
    assert file.status_code == 200 and file.content == b""


def test_a_name_with_html_and_other_scripts_stays_a_name(client, viewer, project):
    odd = make_experiment(project, trials=1, name="<script>alert(1)</script> مرحبا 🎉" + "x" * 60)
    mine = make_experiment(project, trials=1)
    html = page(client, viewer, project, (odd, 0), (mine, 0))
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html


def test_the_owner_may_confirm_a_viewer_may_not_and_strangers_learn_nothing(
    client, owner, viewer, stranger, project
):
    experiment = make_experiment(project, trials=2, repeats=3)
    keys = ((experiment, 0), (experiment, 1))
    assert "confirm them with fresh seeds" in page(client, owner, project, *keys)
    assert "confirm them with fresh seeds" not in page(client, viewer, project, *keys)
    client.force_login(stranger)
    assert client.get(address(project, *keys)).status_code == 404
    assert client.get(address(project, *keys, name="download")).status_code == 404


def test_the_file_is_a_table_with_a_name(client, viewer, project):
    experiment = make_experiment(project, trials=2)
    client.force_login(viewer)
    file = client.get(address(project, (experiment, 0), (experiment, 1), name="download"))
    assert file["Content-Type"].startswith("text/csv")
    assert "vision-team-comparison.csv" in file["Content-Disposition"]
    assert file.content.splitlines()[0] == b",Trial 0,Trial 1"


def test_what_cant_be_read_in_the_address_is_counted():
    asked = Address.of(
        QueryDict(f"trials=x,{CODE}:3,{CODE},{CODE}:-1,,:4,zz:5,{CODE}:99999999999,{CODE}:3")
    )
    assert asked.keys == (read_key(f"{CODE}:3"),) and asked.unreadable == 6 and asked.base == ""


def test_no_inline_script_or_style_stands_on_it(client, viewer, project):
    experiment = make_experiment(project, trials=2, repeats=3)
    html = page(client, viewer, project, (experiment, 0), (experiment, 1))
    assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
    assert not re.search(r"\s(style|on[a-z]+)=", html)


def test_twenty_trials_of_three_searches_cost_as_many_queries_as_two(
    client, viewer, project, django_assert_max_num_queries
):
    searches = [make_experiment(project, trials=10, repeats=3, name=name) for name in "abc"]
    client.force_login(viewer)
    few = [(searches[0], 0), (searches[0], 1)]
    many = [(search, number) for search in searches for number in range(7)][:20]
    counts = []
    for keys in (few, many):
        with django_assert_max_num_queries(12) as queries:
            client.get(address(project, *keys))
        counts.append(len(queries))
        assert not any('"history"' in query["sql"] for query in queries)
    assert counts[0] == counts[1]
