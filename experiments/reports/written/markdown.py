"""Reports: what people write in Markdown, as HTML that can do no harm. Imports nothing of the house.

No HTML of the author's passes, no picture is loaded, and a link leads to the web, to a mail address
or into this site. Every tag and attribute in the answer is one that the renderer itself writes.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

SCHEMES: Final = ("http", "https", "mailto")
BELOW: Final = 1  # the page's title is its only first heading
DEEPEST: Final = 6


class Renderer(RendererHTML):
    """Headings below the page's, links without referrer, tables that scroll."""

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Markdown's first heading is the page's second."""
        return f"<h{_level(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"</h{_level(tokens[idx])}>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A link, without referrer and without a hold on this page."""
        tokens[idx].attrSet("rel", "noopener noreferrer nofollow")
        return self.renderToken(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A table in a box that can be scrolled, also by keys."""
        return (
            '<div class="table-scroll" tabindex="0" role="region" aria-label="Table">'
            '<table class="table-dense">'
        )

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A column's head; alignment is a class, as the policy refuses style attributes."""
        return f'<th scope="col"{_aligned(tokens[idx])}>'

    def td_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<td{_aligned(tokens[idx])}>"


def leads_somewhere_safe(address: str) -> bool:
    """Whether a link may lead there: the web, mail, or a page of this site."""
    try:
        scheme = urlsplit(address.strip()).scheme.lower()
    except ValueError:
        return False
    if scheme:
        return scheme in SCHEMES
    # Without a scheme: a path or a part of the page. A colon before the first slash would be one.
    return ":" not in address.split("/", 1)[0].split("#", 1)[0].split("?", 1)[0]


class Markdown(MarkdownIt):
    """CommonMark with tables and strikethrough; HTML is text, and a picture is a link to it."""

    def __init__(self) -> None:
        options = {"html": False, "linkify": False, "typographer": False, "maxNesting": 20}
        super().__init__("commonmark", options, renderer_cls=Renderer)
        self.enable(["table", "strikethrough"]).disable(["image", "html_block", "html_inline"])

    def validateLink(self, url: str) -> bool:
        """Links to anywhere else stay text."""
        return leads_somewhere_safe(url)


_MARKDOWN: Final = Markdown()


def rendered(text: str) -> SafeString:
    """Markdown as HTML: CommonMark with tables and strikethrough, without HTML and pictures."""
    # The renderer escapes all text and attributes; tests/reports/written/test_markdown.py attacks it.
    html: str = _MARKDOWN.render(text)
    return SafeString(html)


def _level(token: Token) -> int:
    return min(DEEPEST, int(token.tag[1:]) + BELOW)


def _aligned(token: Token) -> str:
    return ' class="num"' if "right" in str(token.attrGet("style") or "") else ""
