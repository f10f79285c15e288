"""The visitor sends what a browser would send."""

import pytest

from benchmarks.demo.visitor import FormReader, Page, PageRefused

PAGE = """
<form action="/other/"><input name="q"></form>
<form method="post">
  <input type="hidden" name="token" value="abc">
  <input type="hidden" name="tune" value=""><input type="checkbox" name="tune" value="1" checked>
  <input type="checkbox" name="extra" value="1">
  <input type="radio" name="model" value="mlp" checked><input type="radio" name="model" value="cnn">
  <select name="data"><option value="1">Digits</option><option value="2" selected>MNIST v1</option></select>
  <select name="first"><option value="a">A</option><option value="b">B</option></select>
  <textarea name="notes">
two
lines</textarea>
  <button name="action" value="start">Start</button>
</form>
"""


def page(text: str) -> Page:
    return Page("http://localhost/new/", 200, text, headers=None)  # type: ignore[arg-type]


def test_fields_keep_the_values_of_their_page():
    form = page(PAGE).form("token")
    assert form.values == {
        "token": "abc",
        "tune": "1",
        "model": "mlp",
        "data": "2",
        "first": "a",
        "notes": "two\nlines",
    }


def test_choices_are_known_by_their_labels():
    form = page(PAGE).form("data")
    assert form.choices["data"] == {"1": "Digits", "2": "MNIST v1"}
    assert form.choices["model"] == {"mlp": "mlp", "cnn": "cnn"}


def test_a_page_without_the_form_is_named():
    with pytest.raises(PageRefused, match="http://localhost/new/ \\(200\\) has no form with"):
        page("<p>Nothing</p>").form("token")


def test_words_are_the_text_alone():
    reader = FormReader()
    reader.feed("<h1>Not found</h1><p>There is no page here.</p>")
    assert page("<h1>Not found</h1>\n<p>No page.</p>").words() == "Not found No page."
    assert reader.forms == []
