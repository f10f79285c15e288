"""The whole product with a Chromium before it: when epochs end in children, and when they are drawn.

A program of its own, since DATA_DIR is read with the settings:
`python -m benchmarks.live.side FOLDER SAMPLES SLOTS`. As many trials as slots train on MNIST at once;
both ends are read from this machine's clock. Prints one JSON object last.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.installation import running_stack, set_up
from benchmarks.pages.browser import launch, sign_in

if TYPE_CHECKING:
    from experiments.models import Experiment
    from experiments.stack.processes import Program
    from experiments.stack.supervisor import Supervisor

EPOCHS = 400  # no trial ends while it is watched
LONGEST_SECONDS = 900.0
GRACE_SECONDS = 5.0  # for the points of the last epochs
# [trial, epoch, milliseconds] once the frame that shows the point has been painted.
WATCH = """() => {
  window.drawn = [];
  const seen = new Set();
  const look = () => {
    for (const card of document.querySelectorAll("running-trials canvas")) {
      const chart = window.Chart?.getChart(card);
      const link = card.closest(".running-card").querySelector("[data-link]");
      const trial = Number(link.getAttribute("href").match(/trials\\/(\\d+)\\//)[1]);
      for (const { x } of chart?.data.datasets[0]?.data ?? []) {
        if (seen.has(`${trial} ${x}`)) continue;
        seen.add(`${trial} ${x}`);
        window.drawn.push([trial, x, Date.now()]);
      }
    }
    requestAnimationFrame(() => setTimeout(look, 0));
  };
  look();
}"""
Point = tuple[int, int]  # trial, epoch


class Watch:
    """What the page has drawn, and what the children have noted, of one experiment."""

    def __init__(self, page: Page, notes: Path, trials: dict[int, int]) -> None:
        """`trials`: trial number by execution's key."""
        self.page = page
        self.notes = notes
        self.trials = trials
        self.began = 0.0

    def drawn(self) -> dict[Point, float]:
        """Seconds since 1970 at which each point was there."""
        found = self.page.evaluate("window.drawn")
        return {(trial, epoch): at / 1000 for trial, epoch, at in found}

    def ended(self) -> dict[Point, float]:
        """Seconds since 1970 at which each epoch ended in its child."""
        lines = [line.split() for line in self.notes.read_text(encoding="utf-8").splitlines()]
        return {(self.trials[int(key)], int(epoch)): float(at) for key, epoch, at in lines}

    def is_whole(self) -> bool:
        """Whether every trial has its first point: from then on the page is as it stays."""
        drawn = self.drawn()
        if {trial for trial, _ in drawn} != set(self.trials.values()):
            return False
        self.began = max(drawn.values())
        return True

    def waits(self) -> list[float]:
        """Seconds from end to point, of the epochs that ended since the beginning."""
        drawn = self.drawn()
        fresh = {point: at for point, at in self.ended().items() if at > self.began}
        return [drawn[point] - at for point, at in fresh.items() if point in drawn]

    def missing(self, until: float) -> int:
        """How many epochs ended before `until` and never became a point."""
        drawn = self.drawn()
        return sum(
            self.began < at < until and point not in drawn for point, at in self.ended().items()
        )


def prepare(slots: int, password: str) -> "Experiment":
    """An administrator, MNIST, and a search whose trials train for long."""
    from django.contrib.auth.models import User

    from benchmarks.throughput.our_side import make_plan
    from experiments.services.datasets.built_in import load_built_in
    from experiments.services.experiments.lifecycle import create_experiment
    from experiments.services.site.projects import create_project
    from experiments.stack.first_run import prepare_static_files

    prepare_static_files()
    user = User.objects.create_superuser("bench", password=password)
    options = {"executions": 1, "epochs": EPOCHS, "trials": slots, "slots": slots, "seed": 0}
    plan = make_plan(load_built_in("mnist"), options)
    return create_experiment(create_project("Bench", "", by=user), plan, by=user)


def noting(program: "Program", notes: Path) -> "Program":
    """A trial worker whose children note when epochs end; other programs as they are."""
    if not program.name.startswith("trials-"):
        return program
    command = [sys.executable, "-m", "benchmarks.live.worker"]
    environment = {**program.environment, "BENCH_EPOCHS": str(notes)}
    return replace(program, command=command, environment=environment)


def watch(folder: Path, samples: int, slots: int) -> dict[str, Any]:
    """Train, look on, and compare the two clocks' readings."""
    from experiments.models import Execution, Trial
    from experiments.services.experiments.lifecycle import start_experiment
    from experiments.stack import addresses

    password, notes = secrets.token_urlsafe(16), folder / "epochs.txt"
    experiment = prepare(slots, password)
    notes.touch()
    running = Execution.objects.filter(
        trial__experiment=experiment, trial__state=Trial.State.RUNNING
    )
    address = addresses.Address("127.0.0.1", addresses.free_port())
    base = address.url.rstrip("/")
    changed = partial(noting, notes=notes)
    with running_stack(folder / "data", slots, address=address, changed=changed) as supervisor:
        ready = partial(addresses.readiness, address, host_header="localhost")
        wait(supervisor, lambda: not ready(), "The web server gave no page.")
        start_experiment(experiment, by=None)
        wait(supervisor, lambda: running.count() == slots, "Not every slot trains.")
        # Before the browser: Django refuses queries beside Playwright's event loop.
        trials = dict(running.values_list("pk", "trial__number"))
        with sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            sign_in(page, base, password)
            page.goto(f"{base}/experiments/{experiment.code}/")
            page.evaluate(WATCH)
            eyes = Watch(page, notes, trials)
            wait(supervisor, eyes.is_whole, "The page drew no points.")
            wait(supervisor, lambda: len(eyes.waits()) >= samples, "Too few epochs were drawn.")
            until = time.time()
            supervisor.wait(lambda: False, timeout_seconds=GRACE_SECONDS)
            figures = {"waits": eyes.waits(), "missing": eyes.missing(until)}
            browser.close()
    return figures


def wait(supervisor: "Supervisor", done: Callable[[], bool], problem: str) -> None:
    """Look after the stack until `done`. Raises: SystemExit with the problem when it takes too long."""
    if not supervisor.wait(done, timeout_seconds=LONGEST_SECONDS):
        raise SystemExit(problem)


def main() -> None:
    """Read the arguments, watch, print."""
    folder, samples, slots = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    set_up(folder / "data", slots=slots)
    sys.stdout.write(json.dumps(watch(folder, samples, slots)) + "\n")


if __name__ == "__main__":
    main()
