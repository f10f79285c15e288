"""The scripts and sheets of the pages: built of the sources that are there, small, and each module once."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from experiments.stack import bundle
from tests.stack.site import ROOT

BUILT = ROOT / "static" / "built"


@pytest.fixture(autouse=True, scope="module")
def built():
    bundle.ensure()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What a build reads, to be changed."""
    shutil.copytree(ROOT / "static" / "js", tmp_path / "static" / "js")
    shutil.copytree(ROOT / "static" / "css", tmp_path / "static" / "css")
    (tmp_path / "experiments" / "stack").mkdir(parents=True)
    for script in (ROOT / "experiments" / "stack").glob("*.mjs"):
        shutil.copyfile(script, tmp_path / "experiments" / "stack" / script.name)
    shutil.copyfile(ROOT / "package-lock.json", tmp_path / "package-lock.json")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def sources_of(script: str) -> set[str]:
    """Our modules in a built script, as its source map tells."""
    told = json.loads((BUILT / f"{script}.map").read_text(encoding="utf-8"))
    return {name.removeprefix("../js/") for name in told["sources"] if name.startswith("../js/")}


def test_a_changed_source_is_built_again(copy):
    assert bundle.ensure(copy)
    assert not bundle.ensure(copy)
    source = copy / "static" / "js" / "theme.js"
    source.write_text(source.read_text(encoding="utf-8").replace("rail-folded", "rail-narrow"))
    assert bundle.ensure(copy)
    assert "rail-narrow" in (copy / "static" / "built" / "theme.js").read_text(encoding="utf-8")


def test_a_build_throws_away_what_no_page_loads(copy):
    bundle.build(copy)
    stray = copy / "static" / "built" / "stray.js"
    stray.write_text("1")
    bundle.build(copy)
    assert not stray.exists()


def test_a_fault_in_a_script_is_named(copy):
    (copy / "static" / "js" / "theme.js").write_text("const = 1;")
    with pytest.raises(bundle.BundleError, match=r"static/js/theme\.js:1:6"):
        bundle.build(copy)


def test_without_packages_it_says_what_to_do(copy):
    (copy / "node_modules").unlink()
    with pytest.raises(bundle.BundleError, match="Run `make static`"):
        bundle.ensure(copy)


def test_without_node_it_says_what_to_do(copy, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(bundle.BundleError, match=r"Node\.js isn't installed\. Run `make static`"):
        bundle.ensure(copy)


def test_style_sheets_name_only_fonts_that_are_there():
    text = (BUILT / "site.css").read_text(encoding="utf-8")
    fonts = set(re.findall(r"url\(\"?\./(fonts/[\w./-]+)", text))
    assert len(fonts) >= 8
    assert [font for font in fonts if not (BUILT / font).exists()] == []


def test_no_page_holds_a_module_with_a_state_twice():
    # The pages of the queue and of the edit form load both.
    twice = sources_of("experiment.js") & sources_of("forms.js")
    assert twice & {"lib/feed.js", "lib/selection.js", "lib/history.js", "shell.js"} == set()


def test_every_element_is_in_a_script():
    held = {name for path in BUILT.glob("*.js") for name in sources_of(path.name)}
    elements = {f"elements/{path.name}" for path in (ROOT / "static/js/elements").glob("*.js")}
    assert elements - held == set()


def test_the_leaderboard_and_the_history_load_at_most_130_kb():
    names = ("theme.js", "experiment.css", "experiment.js", "chart-library.js")
    sizes = {name: len(gzip.compress((BUILT / name).read_bytes())) for name in names}
    assert sum(sizes.values()) <= 130_000, sizes
