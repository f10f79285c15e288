"""What the browser gets: no inline code, what was built for a page and nothing beside it, whole stamps."""

import re

import pytest

from experiments.stack import bundle
from tests.house.test_files import read, tracked

IMPORT = re.compile(r"^\s*(?:import|export)\b[^;]*?\bfrom\s+\"[^\"]+\"(.?)", re.MULTILINE)
BARE_IMPORT = re.compile(r"^\s*import\s+\"[^\"]+\"(.?)", re.MULTILINE)
SOURCE = re.compile(r"(?:\bfrom\s+|\bimport\s+|\bimport\()\"([^\"]+)\"")
INLINE = {
    "style attribute": re.compile(r"<[^>{]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "script without src": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE
    ),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
}


def scripts() -> list[str]:
    return [name for name in tracked(".js") if name.startswith("static/js/")]


def pages() -> list[str]:
    return [name for name in tracked(".html") if name.startswith("templates/")]


def test_there_is_something_to_check():
    assert scripts()
    assert pages()


def test_no_line_of_a_template_is_longer_than_200_characters():
    # A tag of Django's can't go over two lines: a line may hold one that is longer, and nothing else.
    one_tag = re.compile(r"\s*{%(?:(?!%}).)*%}")
    long = [
        f"{name}:{number}"
        for name in pages()
        for number, line in enumerate(read(name).splitlines(), 1)
        if len(line) > 200 and not one_tag.fullmatch(line)
    ]
    assert long == []


def test_every_import_ends_in_a_semicolon():
    bare = {
        name: match.group(0).strip()
        for name in scripts()
        for pattern in (IMPORT, BARE_IMPORT)
        for match in pattern.finditer(read(name))
        if match.group(1) != ";"
    }
    assert bare == {}


def test_imports_are_relative_but_for_libraries_that_one_module_loads_each():
    foreign = {
        name: source
        for name in scripts()
        if not name.startswith("static/js/editor/")  # CodeMirror, which one page loads
        for source in SOURCE.findall(read(name))
        if not source.startswith("./") and not source.startswith("../")
    }
    assert foreign == {
        "static/js/lib/chart-library.js": "chart.js",
        "static/js/lib/chart-svg.js": "svgcanvas/dist/svgcanvas.esm.js",
    }


def test_pages_load_only_what_was_built_for_them():
    # A source beside a built script would be a second copy of every module with a state.
    loads = re.compile(r"<(?:script|link)[^>]*{%\s*static\s+'(?!built/|img/)([^']+)'")
    found = {name: loads.findall(read(name)) for name in pages()}
    assert {name: files for name, files in found.items() if files} == {}


def test_every_script_and_sheet_that_a_page_names_is_built():
    folder = bundle.ROOT / "static" / "built"
    built = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    named = {file for name in pages() for file in re.findall(r"'built/([^']+)'", read(name))}
    assert named - built == set()


@pytest.fixture(autouse=True, scope="module")
def built():
    bundle.ensure()


@pytest.mark.parametrize("kind", INLINE)
def test_templates_hold_nothing_inline(kind):
    # The content security policy would refuse it, and the page would be without it.
    found = [name for name in pages() if INLINE[kind].search(read(name))]
    assert found == []


def test_scripts_write_no_html_with_style_attributes():
    assert [n for n in scripts() if re.search(r"setAttribute\(\s*[\"']style", read(n))] == []


def test_templates_and_scripts_load_nothing_from_elsewhere():
    # A self-hosted site works without the internet; addresses of namespaces are no loads.
    away = re.compile(r"(?:src|href)=\"(?:https?:)?//(?!www\.w3\.org)", re.IGNORECASE)
    assert [
        n for n in pages() if re.search(r"<(script|link|img)[^>]*" + away.pattern, read(n))
    ] == []


def test_every_file_gets_its_hashed_name(tmp_path, settings):
    from django.core.management import call_command

    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "tuning_site.static.HashedStaticFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_every_icon_that_a_page_names_is_drawn():
    listed = set(re.findall(r"^[a-z0-9-]+", read("static/icons.txt"), re.MULTILINE))
    named = {
        icon
        for name in pages()
        for icon in re.findall(r"{%\s*icon\s+[\"']([a-z0-9-]+)[\"']", read(name))
    }
    assert named - listed == set()


CLASSES = (
    (".html", re.compile(r"\bclass=\"((?:{%.*?%}|{{.*?}}|[^\"])*)\"")),
    (".js", re.compile(r"\bclass(?:Name)?\s*[:=]\s*[\"`]([^\"`]*)[\"`]")),
    (".js", re.compile(r"classList\.\w+\(\"([^\"]*)\"")),
    (".py", re.compile(r"\"class\":\s*\"([^\"]*)\"")),
)


def test_bootstraps_classes_that_pages_use_are_kept():
    # bundle.mjs lists them: the rest of Bootstrap's sheet is not built.
    whole = read("node_modules/bootstrap/dist/css/bootstrap.css")
    known = set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", re.sub(r"/\*.*?\*/", "", whole, flags=re.S)))
    built = (bundle.ROOT / "static/built/site.css").read_text(encoding="utf-8")
    kept = set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", built))
    used = {
        word
        for ending, pattern in CLASSES
        for name in tracked(ending)
        if name.startswith(("templates/", "static/js/", "experiments/"))
        for text in pattern.findall(read(name))
        for word in re.sub(r"{%.*?%}|{{.*?}}", " ", text).split()
    }
    assert len(used & known) > 30
    assert (used & known) - kept == set()
