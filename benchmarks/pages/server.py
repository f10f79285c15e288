"""What the page bench asks of the server without a browser: every address of an experiment, and what an edit would do.

Django must be set up before `ask_server` is called.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.demo.visitor import FormReader

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


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of the form of an edit, by name."""
    reader = FormReader()
    reader.feed(html)
    return next((form.values for form in reader.forms if "edit-plan" in form.classes), {})
