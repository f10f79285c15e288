"""What the page bench asks of the server without a browser: every address of an experiment, and what an edit would do.

Django must be set up before `ask_server` is called.
"""

import time
from collections.abc import Callable
from functools import partial
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.models import Experiment

NUMBERS = ",".join(str(number) for number in range(10))
REVIEW = "edit/, what it would do"


def addresses(experiment: "Experiment") -> dict[str, str]:
    """Every address of an experiment whose cost could grow with its trials, by what follows its code."""
    base = f"/experiments/{experiment.code}/"
    paths = [
        "", "trials/", "trials/?sort=learning_rate", "trials/?filter=units+%3E+128",
        "trials/?brush=units:100..200;optimizer:=adam", "trials/?metrics=val_loss.best&sort=val_loss.best",
        "analysis/", "winner/", "protocol/", "log/", "trials/17/", "live.json", "history.json",
        f"curves.json?trials={NUMBERS}", f"sparks.json?trials={NUMBERS}",
        "metrics.json?columns=val_loss.best,val_accuracy.last", "trials.csv", "trials.parquet?of=all",
        "all-curves.json", "files/", "findings/", "edit/", "clone/", "shrink/?filter=units+%3E+128",
    ]  # fmt: skip
    found = {each: base + each for each in paths}
    keys = ",".join(f"{experiment.code}:{number}" for number in range(10))
    found["compare/"] = f"/projects/{experiment.project.slug}/compare/?trials={keys}"
    found["experiments/"] = f"/projects/{experiment.project.slug}/experiments/"
    return found


def ask_server(experiment: "Experiment", user: Any) -> dict[str, Any]:
    """CPU, queries and compressed bytes of each address; the least CPU of three."""
    from django.test import Client

    client = Client(headers={"accept-encoding": "gzip", "host": "localhost"})
    client.force_login(user)
    figures = {}
    for name, address in addresses(experiment).items():
        figures[name] = _spent(address, partial(client.get, address))
    edit = f"/experiments/{experiment.code}/edit/"
    plain = Client(headers={"host": "localhost"})
    plain.force_login(user)
    fields = fields_of(plain.get(edit).content.decode())
    narrower = fields | {
        name: "256" for name, value in fields.items() if name.endswith("-max") and value == "512"
    }
    figures[REVIEW] = _spent(edit, lambda: client.post(edit, narrower))
    return figures


def _spent(address: str, ask: Callable[[], Any]) -> dict[str, int]:
    """Raises: SystemExit where the address does not answer 200."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    spent, queries, size = [], 0, 0
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            began, wall = time.process_time(), time.perf_counter()
            answer = ask()
            body = answer.getvalue()
            spent.append((time.process_time() - began, time.perf_counter() - wall))
        queries, size = len(seen), len(body)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}.")
    cpu, wall_least = (min(each) for each in zip(*spent, strict=True))
    return {
        "cpu_ms": round(1000 * cpu),
        "wall_ms": round(1000 * wall_least),
        "queries": queries,
        "bytes": size,
    }


class Fields(HTMLParser):
    """What a browser would send of the form of an edit."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        super().__init__()
        self.found: dict[str, str] = {}
        self._within = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take inputs, chosen options, and where a text area begins."""
        own = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = "edit-plan" in own.get("class", "")
        name = own.get("name", "")
        if not self._within or (tag != "option" and not name):
            return
        if tag == "input" and (own.get("type") not in ("checkbox", "radio") or "checked" in own):
            self.found[name] = own.get("value", "on" if "checked" in own else "")
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area, self.found[name] = name, ""
        elif tag == "option" and ("selected" in own or self._select not in self.found):
            self.found[self._select] = own.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """A form or a text area ends."""
        if tag == "form":
            self._within = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """The text of an area."""
        if self._within and self._area:
            self.found[self._area] += unescape(data)


def fields_of(html: str) -> dict[str, str]:
    """By name."""
    reader = Fields()
    reader.feed(html)
    return {name: value.removeprefix("\n") for name, value in reader.found.items()}
