"""What the browser gets: no inline code, imports that hashed names can follow, whole stamps."""

import re

import pytest

from tests.house.test_files import read, tracked

IMPORT = re.compile(r"^\s*(?:import|export)\b[^;]*?\bfrom\s+\"[^\"]+\"(.?)", re.MULTILINE)
BARE_IMPORT = re.compile(r"^\s*import\s+\"[^\"]+\"(.?)", re.MULTILINE)
# Comments count too: hashed names are looked up for whatever reads like an import.
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


def test_every_import_ends_in_a_semicolon():
    # HashedStaticFiles rewrites only those; without it a browser would load two copies of a module.
    bare = {
        name: match.group(0).strip()
        for name in scripts()
        for pattern in (IMPORT, BARE_IMPORT)
        for match in pattern.finditer(read(name))
        if match.group(1) != ";"
    }
    assert bare == {}


def test_imports_are_relative():
    foreign = {
        name: source
        for name in scripts()
        for source in SOURCE.findall(read(name))
        if not source.startswith("./") and not source.startswith("../")
    }
    assert foreign == {}


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
