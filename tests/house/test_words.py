"""Texts that a person sees use the words of docs/glossary.md, and none of its retired ones."""

import ast
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {"alt", "aria-description", "aria-label", "label", "placeholder", "title"}  # attributes
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)  # of Django's templates
BLOCK_COMMENT = re.compile(r"\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
# Comments first, so that an apostrophe in one begins no string.
SCRIPT = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL
)


def retired() -> dict[str, str]:
    """Each retired phrase with the term that replaces it: what is in backticks in the third column."""
    rows = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    cells = [row.strip("|").split("|") for row in rows if row.startswith("|")]
    return {
        phrase: term.strip()
        for term, _, unused in cells
        for phrase in re.findall(r"`(.+?)`", unused)
    }


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def is_text(value: str) -> bool:
    """Whether a string may be shown: keys, slugs and names of files have no space and no capital."""
    return " " in value.strip() or value[:1].isupper()


def of_markdown(source: str) -> Iterator[str]:
    """Paragraphs without code and without the targets of links."""
    prose = re.sub(r"^```.*?^```", "", source, flags=re.DOTALL | re.MULTILINE)
    yield re.sub(r"`[^`]*`|\]\([^)]*\)", " … ", prose)


def of_python(source: str) -> Iterator[str]:
    """String constants but docstrings; the expressions of an f-string are left out."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {id(part) for f in ast.walk(tree) if isinstance(f, ast.JoinedStr) for part in f.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            values = [str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values]
            yield "".join(values)
        elif isinstance(node, ast.Constant) and id(node) not in docstrings | parts:
            yield node.value if isinstance(node.value, str) else ""


class Visible(HTMLParser):
    """Collects the text of a page and the attributes that browsers show."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style")
        self.texts += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts.append(data)


def of_template(source: str) -> Iterator[str]:
    """Visible text of a template, and the texts that its includes are given."""
    source = BLOCK_COMMENT.sub("", source)
    for tag in TAG.findall(source):
        if tag.startswith("{%"):
            yield from re.findall(r'"([^"]*)"', tag)
    page = Visible()
    page.feed(TAG.sub("…", source))
    yield " ".join(page.texts)


def of_script(source: str) -> Iterator[str]:
    """String and template literals of JavaScript; what a template literal computes is left out."""
    for token in SCRIPT.findall(source):
        if not token.startswith(("//", "/*")):
            yield re.sub(r"\$\{[^}]*\}", "…", token[1:-1])


READERS = {".md": of_markdown, ".py": of_python, ".html": of_template, ".js": of_script}
ROOMS = (
    "README.md",
    "docs/guide/",
    "experiments/",
    "static/js/",
    "templates/",
)
NOT_SHOWN = ("experiments/migrations/", "static/vendor/", "static/built/")


def shown() -> list[str]:
    """Tracked files of the rooms, those not yet added included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *ROOMS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    names = [name for name in sorted(listed) if name.endswith(tuple(READERS))]
    return [name for name in names if not name.startswith(NOT_SHOWN) and (ROOT / name).is_file()]


def found_in(name: str) -> list[str]:
    """Each retired phrase in the texts of a file, with its term and the text around it."""
    words = retired()
    pattern = re.compile(
        r"(?<![\w-])("
        + "|".join(sorted(map(re.escape, words), key=len, reverse=True))
        + r")(?![\w-])",
        re.IGNORECASE,
    )
    lines = []
    for text in READERS[Path(name).suffix](read(name)):
        if is_text(text):
            flat = " ".join(text.split())
            for hit in pattern.finditer(flat):
                around = flat[max(0, hit.start() - 40) : hit.end() + 40]
                lines.append(f"“{hit[0]}” in “…{around}…”: say {words[hit[0].lower()]}")
    return lines


def test_the_glossary_names_retired_words():
    assert {"leaders again", "respecting", "told"} <= set(retired())


@pytest.mark.parametrize(
    ("reader", "source"),
    [
        (of_markdown, "It was told.\n"),
        (of_python, "raise ValueError(f'{x} was told.')"),
        (of_template, "<p>It was <b>told</b>.</p>"),
        (of_template, '{% include "a.html" with help="It was told." %}'),
        (of_template, '<input aria-label="It was told">'),
        (of_script, "const words = `It was told ${told}`;"),
    ],
)
def test_a_retired_word_is_found(reader, source):
    assert any("told" in text and is_text(text) for text in reader(source))


@pytest.mark.parametrize(
    ("reader", "source"),
    [
        (of_markdown, "See `told`.\n\n```\ntold\n```\n[x](told.md)\n"),
        (of_python, '"""It was told."""\ntold = x["told"]  # it was told'),
        (of_template, '{# told #}{% if told %}<p class="told">{{ told }}</p>{% endif %}'),
        (of_script, "// it was told\nconst told = own['told']; /* was told */"),
    ],
)
def test_identifiers_and_comments_are_no_texts(reader, source):
    assert not any("told" in text and is_text(text) for text in reader(source))


def test_no_text_has_a_retired_word():
    left = {name: found for name in shown() if (found := found_in(name))}
    assert left == {}, "\n".join(
        f"{name}: {line}" for name, found in left.items() for line in found
    )
