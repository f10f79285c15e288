"""Charts saved as SVG in Chromium: whole files that show what the canvas shows, under the page's policy."""

import base64
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.browser.waiting import gate, until
from tests.examples import make_experiment

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.needs("first run", why="tests/web asks the same pages on every database"),
]
SVG = "{http://www.w3.org/2000/svg}"
# How many pixels of a picture are about as blue as the best line is.
BLUE = """async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [600, 300];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0, 600, 300);
  const { data } = pen.getImageData(0, 0, 600, 300);
  let n = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 2] - data[at] > 60) n += 1;
  return n;
}"""


@pytest.fixture
def page(sign_in, editor) -> Iterator[Page]:
    page: Page = sign_in(editor)
    yield page
    page.goto("about:blank")  # nothing is asked while the server ends


def saved(page: Page, chart: Locator, kind: str) -> bytes:
    chart.locator("[data-save]").click()
    with page.expect_download() as download:
        chart.locator(f"[data-chart={kind}]").click()
    assert download.value.suggested_filename.endswith(f".{kind}")
    return Path(download.value.path()).read_bytes()


def words_of(file: bytes) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(file).iter(f"{SVG}text")]


def test_a_chart_is_saved_as_the_svg_that_its_canvas_shows(page, live_server, project, editor):
    refused: list[str] = []
    page.on("console", lambda each: refused.append(each.text) if each.type == "error" else None)
    experiment = make_experiment(project, trials=20, by=editor)
    page.goto(live_server.url + reverse("experiments:detail", args=[experiment.code]))
    chart = page.locator("best-so-far")
    expect(chart.locator("[data-chart-empty]")).to_be_hidden()
    file = saved(page, chart, "svg")

    drawing = ElementTree.fromstring(file)
    assert drawing.tag == f"{SVG}svg" and drawing.get("viewBox")
    assert drawing.findtext(f"{SVG}title") == "Score of each trial, and the best so far"
    assert {"Trial", "val_accuracy"} <= set(words_of(file))
    assert len(list(drawing.iter(f"{SVG}path"))) > 20, "a mark for each trial"
    pictures = {"svg+xml": file, "png": saved(page, chart, "png")}
    addresses = (
        f"data:image/{kind};base64,{base64.b64encode(each).decode()}"
        for kind, each in pictures.items()
    )
    page.goto("about:blank")  # the site's policy lets no page read pictures of data addresses
    as_svg, as_png = (page.evaluate(BLUE, address) for address in addresses)
    assert as_png > 100
    assert 0.6 < as_svg / as_png < 1.7
    assert refused == []


WORDS = {
    "hyperparameter-importance": {"learning_rate"},
    "score-slice": {"val_accuracy"},
    "score-surface": set(),
    "choice-boxes": {"val_accuracy"},
    "rank-plot": set(),
    "duration-score": {"val_accuracy"},
    "score-distribution": {"val_accuracy"},
    "worker-timeline": {"Time since the first attempt (s)"},
    "all-curves": {"Epoch"},
    "parallel-coordinates": set(),
}


def test_every_chart_of_the_analysis_is_saved_as_svg(page, live_server, project, editor):
    experiment = make_experiment(project, trials=60, by=editor)
    page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
    missing = {}
    for element, words in WORDS.items():
        chart = page.locator(element)
        chart.scroll_into_view_if_needed()
        expect(chart.locator("[data-chart-empty]"), element).to_be_hidden()
        missing[element] = words - set(words_of(saved(page, chart, "svg")))
    assert missing == {element: set() for element in WORDS}


def test_a_chart_of_any_width_has_every_trial_on_its_own_ground(
    page, live_server, project, editor
):
    """Chart.js took points in the order of their trials for sorted, and left some out."""
    experiment = make_experiment(project, trials=30, by=editor)
    completed = experiment.trials.filter(state="completed").count()
    page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
    chart = page.locator("duration-score")
    chart.scroll_into_view_if_needed()
    expect(chart.locator("[data-chart-empty]")).to_be_hidden()
    chart.locator("canvas").locator("xpath=..").evaluate("box => { box.style.width = '500.5px' }")
    chart.evaluate("chart => chart.chart.resize()")
    file = saved(page, chart, "svg").decode()
    assert "#FFFFFF" not in file, "what clears the canvas is no white ground"
    drawn = chart.evaluate(
        """({ chart }) => {
          const { left, right } = chart.chartArea;
          return chart.data.datasets.slice(0, 2).flatMap((_, at) => chart.getDatasetMeta(at).data)
            .filter(({ x }) => x >= left - 1 && x <= right + 1).length;
        }"""
    )
    assert drawn == completed


def test_what_is_asked_while_the_chart_is_on_its_way_is_saved_then(
    page, live_server, project, editor
):
    experiment = make_experiment(project, trials=5, by=editor)
    with gate(page, "**/built/chart-library.js") as held:
        page.goto(live_server.url + reverse("experiments:detail", args=[experiment.code]))
        held.wait()
        chart = page.locator("best-so-far")
        until(page, "document.querySelector('best-so-far').report")
        chart.locator("[data-save]").click()
        chart.locator("[data-chart=svg]").click()
        with page.expect_download() as download:
            held.open()
    assert b"<svg" in Path(download.value.path()).read_bytes()


def test_a_chart_without_data_says_that_there_is_no_file(page, live_server, project, editor):
    experiment = make_experiment(project, trials=5, by=editor)
    with gate(page, "**/history.json*"):
        page.goto(live_server.url + reverse("experiments:analysis", args=[experiment.code]))
        chart = page.locator("duration-score")
        chart.scroll_into_view_if_needed()
        chart.locator("[data-save]").click()
        chart.locator("[data-chart=csv]").click()
        note = chart.locator("[data-chart-note]")
        expect(note).to_have_text("Nothing to save: the chart is empty.")
