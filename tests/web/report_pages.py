"""Pages of reports, and what a browser would send of the editor's form."""

import re
from html import unescape

from django.urls import reverse


def page(report, name="detail", *more):
    return reverse(f"reports:{name}", args=[report.code, *more])


def fields_of(html):
    """What a browser would send of the editor's form, but for its buttons."""
    form = re.search(r'<form class="report-form".*?</form>', html, re.S).group()
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="radio"' not in tag or " checked" in tag):
            found[name.group(1)] = unescape(value.group(1)) if value else ""
    for name, text in re.findall(
        r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S
    ):
        found[name] = unescape(text).removeprefix("\n")
    for name, options in re.findall(
        r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.S
    ):
        found[name] = unescape(re.search(r'<option value="([^"]*)"', options).group(1))
    return found


def opened(client, report):
    return fields_of(client.get(page(report, "edit")).content.decode())


def send(client, report, fields, act="save", **changes):
    answer = client.post(page(report, "edit"), {**fields, "act": act, **changes})
    return answer, answer.content.decode()


def kinds(fields):
    return [fields[f"b{n}-kind"] for n in range(1, int(fields["count"]) + 1)]
