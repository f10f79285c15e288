"""DEVELOPING.md says where a change goes: the files are there, and what stands in a folder is registered."""

import re
from collections.abc import Iterator

import pytest

from experiments.catalog.registry import CATALOG
from experiments.reports.analysis.charts import CHARTS
from tests.house.test_files import ROOT, read, tracked


def rows() -> Iterator[tuple[str, list[list[str]]]]:
    """What is new, and the paths of each column."""
    section = read("DEVELOPING.md").split("## Where a change goes")[1].split("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "New":
            yield cells[0], [re.findall(r"`([\w./-]+/[\w./-]*)`", cell) for cell in cells[1:]]


ROWS = dict(rows())


@pytest.mark.parametrize("change", ROWS)
def test_every_place_is_there(change):
    named = [path for column in ROWS[change] for path in column]
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


def test_the_kinds_of_change_that_are_asked_for_are_listed():
    first = {change.split()[0] for change in ROWS}
    assert first >= {
        "Sampler",
        "Pruner",
        "Chart",
        "Template",
        "Metric",
        "Value",
        "Endpoint",
        "Page",
    }


@pytest.mark.parametrize("change", ["Sampler", "Pruner", "Page", "Endpoint of the API"])
def test_what_a_folder_holds_is_registered(change):
    (folder, *_), (registry, *_), _ = ROWS[change]
    used = set(re.findall(r"\w+", read(registry)))
    modules = {
        path.removeprefix(folder)[:-3] for path in tracked(".py") if path.startswith(folder)
    }
    marks = {"Page": "def .*request: HttpRequest", "Endpoint of the API": "^@endpoint"}
    wanted = [
        name
        for name in modules - {"__init__"}
        if re.search(marks.get(change, ""), read(f"{folder}{name}.py"), re.MULTILINE)
    ]
    assert wanted
    assert not [name for name in wanted if name not in used]


def test_every_template_is_registered():
    found = [
        path
        for path in tracked(".py")
        if path.startswith("experiments/catalog/")
        and re.search(r"^TEMPLATE\b", read(path), re.MULTILINE)
    ]
    assert len(found) == len(CATALOG)


def test_every_chart_is_drawn_by_a_module():
    script = read("static/js/analysis.js")
    drawn = {chart.tag for chart in CHARTS.values() if chart.tag}
    assert not [tag for tag in drawn if f'"{tag}"' not in script and f"/{tag}.js" not in script]
