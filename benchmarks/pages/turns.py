"""Cold visits of this product's pages and of a peer's, in turn, each in a browser of its own.

On a shared machine only what is measured side by side can be compared. Nothing of the house is imported.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

import psutil
from playwright.sync_api import Error, Playwright

from benchmarks.pages.browser import PATIENCE, Eyes, launch
from benchmarks.programs import cpu_seconds

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs. pages: by name the address, and an expression that is true once the page is drawn."""

    process: psutil.Process
    pages: dict[str, tuple[str, str]]
    cookies: Any = ()


Serving = Callable[
    [], AbstractContextManager[Served]
]  # a server that runs on, or is begun for the page


def in_turn(
    playwright: Playwright, sides: dict[str, Serving], page: str, times: int
) -> dict[str, Figures]:
    """By side that has the page, the medians of so many visits."""
    with ExitStack() as begun:
        served = {name: begun.enter_context(serving()) for name, serving in sides.items()}
        wanted = {name: side for name, side in served.items() if page in side.pages}
        visits: dict[str, list[Figures]] = {name: [] for name in wanted}
        for _ in range(times):
            for name, side in wanted.items():
                if all(visit["is_drawn"] for visit in visits[name]):
                    visits[name].append(visit(playwright, side, *side.pages[page]))
        return {name: _medians(seen) for name, seen in visits.items()}


def _medians(visits: list[Figures]) -> Figures:
    """Of a page that was not drawn, what the last visit cost."""
    if not visits[-1]["is_drawn"]:
        return visits[-1]
    found = {key: round(statistics.median(v[key] for v in visits), 3) for key in visits[0]}
    return found | {
        "is_drawn": True,
        "each_cpu_seconds": [round(v["cpu_seconds"], 2) for v in visits],
    }


def visit(playwright: Playwright, side: Served, address: str, drawn: str) -> Figures:
    """What a page costs; its browser is ended when it draws nothing."""
    browser = launch(playwright)
    eyes = Eyes(browser, [side.process], side.cookies)
    spent: list[float] = []
    before, began = cpu_seconds(*eyes.counted), time.perf_counter()

    def give_up() -> None:
        # A tab that computes answers nobody: only ending it does.
        spent.append(cpu_seconds(*eyes.counted) - before)
        for process in _chromium(eyes):
            process.kill()

    timer = threading.Timer(PATIENCE + 30, give_up)
    timer.start()
    try:
        figures: Figures = {"is_drawn": True, **eyes.visit(address, drawn)}
    except (Error, TimeoutError):
        figures = {
            "is_drawn": False,
            "seconds": round(time.perf_counter() - began, 1),
            "cpu_seconds": round(spent[0] if spent else cpu_seconds(*eyes.counted) - before, 1),
        }
    finally:
        timer.cancel()
    figures["server_mb"] = _server_mb(side.process)
    if browser.is_connected():
        browser.close()
    return figures


def _chromium(eyes: Eyes) -> Iterator[psutil.Process]:
    for driver in eyes.browsers:
        yield from driver.children(recursive=True)


def _server_mb(server: psutil.Process) -> int:
    """Pages that processes share count once (PSS)."""
    processes = [server, *server.children(recursive=True)]
    return round(sum(each.memory_full_info().pss for each in processes) / 1e6)
