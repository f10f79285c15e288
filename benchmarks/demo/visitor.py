"""An HTTP client that loads pages and submits their forms.

Standard library only. It sends what a browser would send: every field of the form as the page has it,
changed only where the caller typed something.
"""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path

CHUNK = 1 << 20


class PageRefused(Exception):
    """A page did not say what the visitor needs; the message names the page."""


@dataclass(slots=True)
class Form:
    """A form as its page sends it: the values of its fields, and the choices of its lists."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    classes: str = ""  # of style sheets


class FormReader(HTMLParser):
    """Collects the forms of a page with the values that a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._name = ""  # of the textarea or list that is open
        self._option: tuple[str, bool] | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), classes=given.get("class", ""))
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(self._form, given)
        elif tag in ("textarea", "select"):
            self._name, self._text = given.get("name", ""), []
            self._form.choices.setdefault(self._name, {})
        elif tag == "option":
            self._option, self._text = (given.get("value", ""), "selected" in given), []

    def _input(self, form: Form, given: Mapping[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if not name or kind in ("submit", "button", "file"):
            return
        value = given.get("value", "on" if kind in ("checkbox", "radio") else "")
        if kind in ("checkbox", "radio"):
            form.choices.setdefault(name, {})[value] = value
            if "checked" not in given:
                return
        form.values[name] = value

    def handle_data(self, data: str) -> None:
        self._text.append(data)
        self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._form.values[self._name] = "".join(self._text).removeprefix("\n")
        elif tag == "option" and self._option is not None:
            value, selected = self._option
            entries = self._form.choices[self._name]
            if selected or not entries:
                self._form.values[self._name] = value
            entries[value] = "".join(self._text).strip()
            self._option = None


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    url: str
    status: int
    text: str
    headers: Message

    def form(self, field_name: str) -> Form:
        """The form that holds the field. Raises PageRefused."""
        reader = FormReader()
        reader.feed(self.text)
        for form in reader.forms:
            if field_name in form.values or field_name in form.choices:
                return form
        raise PageRefused(f"{self.url} ({self.status}) has no form with the field {field_name}.")

    def words(self) -> str:
        reader = FormReader()
        reader.feed(self.text)
        return " ".join(" ".join(reader.words).split())


class Visitor:
    """Keeps cookies from page to page."""

    def __init__(self, base: str) -> None:
        """`base`: the site's address."""
        self.base = base.rstrip("/")
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # No proxy of the environment lies between this machine and itself.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(f"{self.base}/", path)))

    def submit(self, page: Page, form: Form, typed: Mapping[str, str]) -> Page:
        """Send the form with what was typed; an empty action is the page itself."""
        address = urllib.parse.urljoin(page.url, form.action or page.url)
        body = urllib.parse.urlencode({**form.values, **typed}).encode()
        request = urllib.request.Request(address, data=body, headers={"Referer": page.url})
        return self._open(request)

    def save(self, path: str, target: Path) -> int:
        """Write what an address sends into a file; return its status."""
        with self._opener.open(f"{self.base}{path}", timeout=60) as answer:
            with target.open("wb") as file:
                while piece := answer.read(CHUNK):
                    file.write(piece)
            return int(answer.status)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=60) as answer:
                text = answer.read().decode("utf-8")
                return Page(answer.url, answer.status, text, answer.headers)
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            return Page(error.url or request.full_url, error.code, text, error.headers)
