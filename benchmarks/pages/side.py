"""This product's side of the page bench: fill, ask each address, open each page in Chromium.

A program of its own, since DATA_DIR and DATABASE_URL are read with the settings:
`python -m benchmarks.pages.side FOLDER SCOPE`, the scope in JSON. Prints one JSON object last.
"""

import json
import secrets
import subprocess
import sys
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from playwright.sync_api import Page, Playwright, sync_playwright

from benchmarks.installation import set_up
from benchmarks.pages import peer_optuna
from benchmarks.pages.browser import Eyes, Sizes, acted, launch, sign_in, until
from benchmarks.pages.live import live_minute
from benchmarks.pages.server import addresses, ask_server
from benchmarks.pages.targets import FLOOR, Scope
from benchmarks.pages.turns import Served, Serving, in_turn
from benchmarks.programs import FOLDER, wait_for_page

if TYPE_CHECKING:
    from experiments.models import Experiment

FIELD = "document.querySelector('#trial-filter')"
ROWS = "document.querySelectorAll('[data-rows] tr[data-number]').length > 20"
PARALLEL = "(({ kept, work } = {}) => kept?.length && !work.kept.isBusy)(document.querySelector('parallel-coordinates') ?? {})"
TAKEN_OVER = "document.querySelector('trial-table').store && document.querySelector('trial-table').rows.numbers.length"


def chart(element: str) -> str:
    """An expression that is true once an element's chart is drawn."""
    return f"window.Chart?.getChart(document.querySelector('{element} canvas'))"


def page_table(base: str, experiment: "Experiment") -> dict[str, tuple[str, str]]:
    """Page -> address, and an expression that is true once it shows what it is for."""
    of = {name: base + address for name, address in addresses(experiment).items()}
    return {
        FLOOR: (f"{base}/healthz", "document.body"),
        "list": (of["experiments/"], "document.querySelector('main table tbody tr')"),
        "leaderboard": (of["trials/"], ROWS),
        "leaderboard, all trials there": (of["trials/"], TAKEN_OVER),
        "history": (of[""], chart("best-so-far")),
        "parallel": (of["analysis/"], PARALLEL),
        "compare 10": (of["compare/"], chart("compared-curves")),
        "trial": (of["trials/17/"], chart("learning-curves")),
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
    from benchmarks.pages.fill import add_epoch

    context = eyes.context()
    context.add_init_script(TIME_NEWS)
    page = context.new_page()
    came = Sizes(page)
    page.goto(base + addresses(experiment)[""])
    until(page, chart("running-trials"), time.perf_counter())
    page.wait_for_timeout(1500)
    trial = experiment.trials.get(state="running")
    sizes: list[int] = []
    drawn: list[float] = []
    for _ in range(epochs):
        bytes_before = came.sums()["all_bytes"]
        before = page.evaluate("window.redraws.length")
        add_epoch(trial)
        until(page, f"window.redraws.length > {before}", time.perf_counter())
        page.wait_for_timeout(300)
        drawn.append(page.evaluate(f"Math.max(...window.redraws.slice({before}))"))
        sizes.append(round(came.sums()["all_bytes"] - bytes_before))
    context.close()
    middle = epochs // 2
    return {"bytes": sorted(sizes)[middle], "redraw_ms": round(sorted(drawn)[middle], 1)}


def serve(port: int) -> subprocess.Popen[bytes]:
    """The web server as the site runs it."""
    command = [sys.executable, "-m", "gunicorn", "tuning_site.wsgi", "--bind", f"127.0.0.1:{port}"]
    settings = ["--config", "python:experiments.stack.gunicorn_settings"]
    server = subprocess.Popen([*command, *settings], cwd=FOLDER, stderr=subprocess.DEVNULL)
    try:
        wait_for_page(f"http://127.0.0.1:{port}/healthz")
    except SystemExit:
        server.terminate()
        raise
    return server


def prepare(sizes: list[int], password: str) -> tuple[Any, list["Experiment"]]:
    """An administrator and an experiment of each size."""
    from django.contrib.auth.models import User

    from benchmarks.pages.fill import fill
    from experiments.services.site.projects import create_project
    from experiments.stack.first_run import prepare_static_files

    prepare_static_files()
    user = User.objects.create_superuser("bench", password=password)
    project = create_project("Bench", "", by=user)
    return user, [fill(project, trials, user) for trials in sizes]


def watch(scope: Scope, folder: Path) -> dict[str, Any]:
    """Every figure in scope, by side and number of trials."""
    from experiments.stack.addresses import free_port

    password = secrets.token_urlsafe(16)
    user, experiments = prepare(scope.trials, password)
    figures: dict[str, Any] = {"ours": {}, "peer": {}}
    for trials, experiment in zip(scope.trials, experiments, strict=True):
        figures["ours"][str(trials)] = (
            {"server": ask_server(experiment, user)} if scope.wants("server") else {}
        )
    server = serve(port := free_port())
    base = f"http://127.0.0.1:{port}"
    try:
        with sync_playwright() as playwright:
            process = psutil.Process(server.pid)
            browser = launch(playwright)
            page = browser.new_page()
            sign_in(page, base, password)
            cookies = page.context.cookies()
            browser.close()
            for trials, experiment in zip(scope.trials, experiments, strict=True):
                served = Served(process, page_table(base, experiment), cookies)
                ours, theirs = _sides(
                    playwright, scope, served, experiment, folder / f"{trials}.optuna"
                )
                figures["ours"][str(trials)] |= ours
                figures["peer"][str(trials)] = theirs
                figures["ours"][str(trials)] |= _acts(playwright, scope, served, base, experiment)
    finally:
        server.terminate()
        server.wait(timeout=30)
    return figures


def _sides(
    playwright: Playwright, scope: Scope, served: Served, experiment: "Experiment", file: Path
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pages and the live minute of both sides, in turn."""
    from benchmarks.pages.fill import add_epoch

    peer = Path(scope.peer) if scope.peer else None
    sides: dict[str, Serving] = {"ours": lambda: nullcontext(served)}
    if peer:
        peer_optuna.fill(peer, file, experiment.trials.count())
        sides["peer"] = partial(peer_optuna.serve, peer, file)
    found: dict[str, dict[str, Any]] = {"ours": {"pages": {}}, "peer": {"pages": {}}}
    for page in [page for page in served.pages if scope.wants(page)]:
        for name, seen in in_turn(playwright, sides, page, scope.times).items():
            found[name]["pages"][page] = seen
    if scope.wants("live"):
        running = experiment.trials.get(state="running")
        feeds = {
            "ours": partial(add_epoch, running),
            "peer": partial(peer_optuna.add_epoch, file),
        }
        for name, serving in sides.items():
            with serving() as side:
                found[name]["live"] = live_minute(playwright, side, "history", feeds[name])
    return found["ours"], found["peer"]


def _acts(
    playwright: Playwright, scope: Scope, served: Served, base: str, experiment: "Experiment"
) -> dict[str, Any]:
    """What is done on pages that are open."""
    browser = launch(playwright)
    eyes = Eyes(browser, [served.process], served.cookies)
    found = {}
    if scope.wants("clicks"):
        found["clicks"] = click(eyes, base, experiment)
    if scope.wants("epoch"):
        found["epoch"] = follow(eyes, base, experiment)
    browser.close()
    return found


def main() -> None:
    """Read the arguments, watch, print."""
    folder, scope = Path(sys.argv[1]), Scope(**json.loads(sys.argv[2]))
    # An epoch is stored while the page is open.
    set_up(folder / "data", database=scope.database, DJANGO_ALLOW_ASYNC_UNSAFE="1")
    sys.stdout.write(json.dumps(watch(scope, folder)) + "\n")


if __name__ == "__main__":
    main()
