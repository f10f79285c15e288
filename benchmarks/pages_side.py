"""This product's side of the page bench: fill, ask each address, open each page in Chromium.

A program of its own, since DATA_DIR and DATABASE_URL are read with the settings:
`python -m benchmarks.pages_side FOLDER TRIALS[,TRIALS…] [DATABASE_URL]`. Prints one JSON object last.
"""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from playwright.sync_api import Page, Response, sync_playwright

from benchmarks.pages_browser import Eyes, acted, until

if TYPE_CHECKING:
    from experiments.models import Experiment

FOLDER = Path(__file__).resolve().parent.parent
CHROMIUM = Path("/usr/bin/chromium")
FIELD = "document.querySelector('#trial-filter')"
NUMBERS = ",".join(str(number) for number in range(10))
ROWS = "document.querySelectorAll('[data-rows] tr[data-number]').length > 20"
PARALLEL = "(({ kept, work } = {}) => kept?.length && !work.kept.isBusy)(document.querySelector('parallel-coordinates') ?? {})"
TAKEN_OVER = "document.querySelector('trial-table').store && document.querySelector('trial-table').rows.numbers.length"


def chart(element: str) -> str:
    """An expression that is true once an element's chart is drawn."""
    return f"window.Chart?.getChart(document.querySelector('{element} canvas'))"


def addresses(experiment: "Experiment") -> dict[str, str]:
    """Every address of an experiment whose cost could grow with its trials, by what follows its code."""
    base = f"/experiments/{experiment.code}/"
    asked = [
        "", "trials/", "trials/?sort=learning_rate", "trials/?filter=units+%3E+128",
        "trials/?brush=units:100..200;optimizer:=adam", "trials/?metrics=val_loss.best&sort=val_loss.best",
        "analysis/", "winner/", "protocol/", "log/", "trials/17/", "live.json", "history.json",
        f"curves.json?trials={NUMBERS}", f"sparks.json?trials={NUMBERS}",
        "metrics.json?columns=val_loss.best,val_accuracy.last", "trials.csv", "trials.parquet?of=all",
    ]  # fmt: skip
    found = {each: base + each for each in asked}
    keys = ",".join(f"{experiment.code}:{number}" for number in range(10))
    found["compare/"] = f"/projects/{experiment.project.slug}/compare/?trials={keys}"
    found["experiments/"] = f"/projects/{experiment.project.slug}/experiments/"
    return found


def ask_server(experiment: "Experiment", user: Any) -> dict[str, Any]:
    """CPU, queries and compressed bytes of each address, without a browser; the least CPU of three."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"accept-encoding": "gzip", "host": "localhost"})
    client.force_login(user)
    figures = {}
    for name, address in addresses(experiment).items():
        spent, queries, size = [], 0, 0
        for _ in range(3):
            with CaptureQueriesContext(connection) as seen:
                began, wall = time.process_time(), time.perf_counter()
                answer = client.get(address)
                body = answer.getvalue()
                spent.append((time.process_time() - began, time.perf_counter() - wall))
            queries, size = len(seen), len(body)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}.")
        cpu, wall_least = (min(each) for each in zip(*spent, strict=True))
        figures[name] = {
            "cpu_ms": round(1000 * cpu),
            "wall_ms": round(1000 * wall_least),
            "queries": queries,
            "bytes": size,
        }
    return figures


def look(eyes: Eyes, base: str, experiment: "Experiment") -> dict[str, Any]:
    """Every page cold."""
    of = {name: base + address for name, address in addresses(experiment).items()}
    return {
        "list": eyes.open(of["experiments/"], "document.querySelector('main table tbody tr')"),
        "leaderboard": eyes.open(of["trials/"], ROWS),
        "leaderboard, all trials there": eyes.open(of["trials/"], TAKEN_OVER),
        "history": eyes.open(of[""], chart("best-so-far")),
        "parallel": eyes.open(of["analysis/"], PARALLEL),
        "compare 10": eyes.open(of["compare/"], chart("compared-curves")),
        "trial": eyes.open(of["trials/17/"], chart("learning-curves")),
    }


def _one(selector: str) -> str:
    return f"document.querySelector('{selector}')"


def _press(selector: str) -> str:
    return f"{_one(selector)}.click()"


def click(eyes: Eyes, base: str, experiment: "Experiment") -> dict[str, float]:
    """Milliseconds from an act in the table to the frame that shows what came of it."""
    context = eyes.context()
    page = context.new_page()
    page.goto(base + addresses(experiment)["trials/"])
    until(page, TAKEN_OVER, time.perf_counter())
    page.wait_for_timeout(800)
    found = {
        "sort": acted(
            page, _press("th[data-key=units] .sort"), f"{_one('th[data-key=units]')}.ariaSort"
        ),
        "filter": acted(
            page,
            f"{FIELD}.value = 'units > 400'; {FIELD}.dispatchEvent(new Event('input', {{bubbles: true}}))",
            f"/ of /.test({_one('[data-shown]')}.textContent)",
        ),
    }
    page.fill("#trial-filter", "")
    page.wait_for_timeout(300)
    drawn = "document.querySelectorAll('.row-chart canvas').length >= 4"
    found["open a row"] = acted(page, _press("[data-rows] [data-open]"), drawn)
    found["scroll"] = _scroll(page)
    context.close()
    return found


def _scroll(page: Page) -> float:
    """The 95th percentile of frames while 40 screens of rows go by."""
    waits = page.evaluate(
        """async () => {
          const place = document.querySelector(".trial-scroll");
          const waits = [];
          for (let step = 0; step < 40; step += 1) {
            place.scrollTop += 700;
            const began = performance.now();
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            waits.push(performance.now() - began);
          }
          return waits.sort((a, b) => a - b);
        }"""
    )
    return round(float(waits[37]), 1)


TIME_NEWS = """
window.redraws = [];
const send = EventTarget.prototype.dispatchEvent;
EventTarget.prototype.dispatchEvent = function (event) {
  if (event.type !== "news") return send.call(this, event);
  const began = performance.now();
  const answer = send.call(this, event);
  window.redraws.push(performance.now() - began);
  return answer;
};
"""


def follow(eyes: Eyes, base: str, experiment: "Experiment", epochs: int = 6) -> dict[str, float]:
    """What one epoch of the running trial ships to an open page, and how long the page draws."""
    from benchmarks.pages_fill import add_epoch

    context = eyes.context()
    context.add_init_script(TIME_NEWS)
    page = context.new_page()
    page.goto(base + addresses(experiment)[""])
    until(page, chart("running-trials"), time.perf_counter())
    page.wait_for_timeout(1500)
    trial = experiment.trials.get(state="running")
    sizes: list[int] = []
    drawn: list[float] = []
    bodies: list[int] = []  # compressed, of this epoch's answers
    page.on("response", lambda answer: bodies.append(_body_bytes(answer)))
    for _ in range(epochs):
        bodies.clear()
        before = page.evaluate("window.redraws.length")
        add_epoch(trial)
        until(page, f"window.redraws.length > {before}", time.perf_counter())
        page.wait_for_timeout(300)
        drawn.append(page.evaluate(f"Math.max(...window.redraws.slice({before}))"))
        sizes.append(sum(bodies))
    context.close()
    middle = epochs // 2
    return {"bytes": sorted(sizes)[middle], "redraw_ms": round(sorted(drawn)[middle], 1)}


def _body_bytes(answer: Response) -> int:
    return int(answer.headers.get("content-length", 0))


def serve(port: int) -> subprocess.Popen[bytes]:
    """The web server as the site runs it."""
    command = [sys.executable, "-m", "gunicorn", "tuning_site.wsgi", "--bind", f"127.0.0.1:{port}"]
    settings = ["--config", "python:experiments.stack.gunicorn_settings"]
    server = subprocess.Popen([*command, *settings], cwd=FOLDER, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return server
    server.terminate()
    raise SystemExit("The web server gave no page.")


def prepare(sizes: list[int], password: str) -> tuple[Any, list["Experiment"]]:
    """An administrator and an experiment of each size."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from benchmarks.pages_fill import fill
    from experiments.services.projects import create_project

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    user = User.objects.create_superuser("bench", password=password)
    project = create_project("Bench", "", by=user)
    return user, [fill(project, trials, user) for trials in sizes]


def watch(sizes: list[int]) -> dict[str, Any]:
    """Every figure, by number of trials."""
    from experiments.stack.addresses import free_port

    password = secrets.token_urlsafe(16)
    user, experiments = prepare(sizes, password)
    figures = {
        str(n): {"server": ask_server(e, user)} for n, e in zip(sizes, experiments, strict=True)
    }
    server = serve(port := free_port())
    base = f"http://127.0.0.1:{port}"
    try:
        with sync_playwright() as playwright:
            program = str(CHROMIUM) if CHROMIUM.exists() else None
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"{base}/sign-in/")
            page.fill("[name=username]", "bench")
            page.fill("[name=password]", password)
            page.click("main button[type=submit]")
            page.wait_for_url(f"{base}/")
            eyes = Eyes(browser, [psutil.Process(server.pid)], page.context.cookies())
            for trials, experiment in zip(sizes, experiments, strict=True):
                figures[str(trials)] |= {
                    "pages": look(eyes, base, experiment),
                    "clicks": click(eyes, base, experiment),
                    "epoch": follow(eyes, base, experiment),
                }
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=30)
    return figures


def main() -> None:
    """Read the arguments, watch, print."""
    folder, sizes = Path(sys.argv[1]), [int(word) for word in sys.argv[2].split(",")]
    os.environ |= {
        "DATA_DIR": str(folder / "data"),
        "SECRET_KEY": "bench",
        "DJANGO_SETTINGS_MODULE": "tuning_site.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # an epoch is stored while the page is open
    }
    (folder / "data").mkdir(parents=True)
    os.environ.pop("DATABASE_URL", None)
    if len(sys.argv) > 3 and sys.argv[3]:
        os.environ["DATABASE_URL"] = sys.argv[3]
    import django

    django.setup()
    sys.stdout.write(json.dumps(watch(sizes)) + "\n")


if __name__ == "__main__":
    main()
