"""What the page bench does in Chromium: open cold, wait for the drawn thing, count.

Imports Playwright and psutil, nothing of the house.
"""

import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from benchmarks.programs import cpu_seconds

CHROMIUM = Path("/usr/bin/chromium")

WATCH = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""
PATIENCE = 120.0
SETTLE = 0.4  # what a page does right after its picture stands belongs to it
IDLE_MS = 300  # a browser at rest spends next to nothing for so long, twice
IDLE_SECONDS = 0.02
AFTER_PAINT = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def is_driver(process: psutil.Process) -> bool:
    """Whether a child of ours is Playwright's driver, and not a server."""
    return "playwright" in " ".join(process.cmdline())


class Eyes:
    """Opens pages in fresh profiles and reads what they cost. servers: processes that count as the server."""

    def __init__(self, browser: Browser, servers: list[psutil.Process], cookies: Any) -> None:
        self.browser = browser
        self.cookies = cookies
        # The browser is a child of Playwright's driver, which is one of ours; so may a server be.
        self.browsers = [each for each in psutil.Process().children() if is_driver(each)]
        self.counted = [*servers, *self.browsers]

    def context(self) -> BrowserContext:
        """A profile without a cache; who signed in stays signed in."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies(self.cookies)
        context.add_init_script(WATCH)
        return context

    def at_rest(self) -> tuple[BrowserContext, Page]:
        """A profile and its second page, both at rest.

        With the first page of a profile Chromium opens a window, and the script of its own address bar takes
        0.7 s of CPU. None of that belongs to a page that is looked at.
        """
        context = self.context()
        first = context.new_page()
        self.rest(first)
        page = context.new_page()
        self.rest(page)
        return context, page

    def rest(self, page: Page) -> None:
        """Wait until the browser has nothing to do, half a minute at most."""
        quiet, began = 0, time.perf_counter()
        while quiet < 2 and time.perf_counter() - began < 30:
            cpu = cpu_seconds(*self.browsers)
            page.wait_for_timeout(IDLE_MS)
            quiet = quiet + 1 if cpu_seconds(*self.browsers) - cpu <= IDLE_SECONDS else 0

    def visit(self, address: str, drawn: str, patience: float = PATIENCE) -> dict[str, float]:
        """One cold visit. drawn: an expression that is true once the page shows what it is for."""
        context, page = self.at_rest()
        sizes = Sizes(page)
        cpu, began = cpu_seconds(*self.counted), time.perf_counter()
        page.goto(address, wait_until="commit")
        seconds = until(page, drawn, began, patience)
        page.wait_for_timeout(1000 * SETTLE)
        spent = cpu_seconds(*self.counted) - cpu
        figures = {"seconds": seconds, "cpu_seconds": spent, **memory(page), **sizes.sums()}
        context.close()
        return figures


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium where there is one, else Playwright's."""
    program = str(CHROMIUM) if CHROMIUM.exists() else None
    return playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])


def sign_in(page: Page, base: str, password: str) -> None:
    """Sign in as the user "bench" through the form."""
    page.goto(f"{base}/sign-in/")
    page.fill("[name=username]", "bench")
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{base}/")


class Sizes:
    """Bytes over the wire of one page, as the browser's own network log tells them."""

    def __init__(self, page: Page) -> None:
        self.kinds: dict[str, str] = {}
        self.bytes: dict[str, float] = {}
        self.coming: dict[str, float] = {}  # of answers that have not ended: what came so far
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.on("Network.responseReceived", self._received)
        self.session.on("Network.dataReceived", self._arrived)
        self.session.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        if event["response"]["url"].startswith("data:"):
            return  # a picture within a sheet: nothing is asked
        self.kinds[event["requestId"]] = event["type"]
        self.coming[event["requestId"]] = event["response"]["encodedDataLength"]  # its head

    def _arrived(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.coming:
            self.coming[event["requestId"]] += event["encodedDataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.kinds:
            self.bytes[event["requestId"]] = event["encodedDataLength"]
            self.coming.pop(event["requestId"])

    def sums(self) -> dict[str, float]:
        """Requests; bytes of scripts and styles, of documents and data, of all."""
        of = {kind: 0.0 for kind in ("Script", "Stylesheet", "Document", "Fetch", "XHR")}
        for key, size in (self.bytes | self.coming).items():
            kind = self.kinds.get(key, "")
            of[kind] = of.get(kind, 0.0) + size
        return {
            "requests": len(self.bytes) + len(self.coming),
            "script_bytes": of["Script"] + of["Stylesheet"],
            "data_bytes": of["Document"] + of["Fetch"] + of["XHR"],
            "all_bytes": sum(self.bytes.values()) + sum(self.coming.values()),
        }


def memory(page: Page) -> dict[str, float]:
    """Heap after a collection, nodes, and the longest task so far."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    longest = page.evaluate("Math.max(0, ...window.longTasks)")
    session.send("HeapProfiler.collectGarbage")
    found = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return {
        "heap_mb": found["JSHeapUsedSize"] / 1e6,
        "nodes": found["Nodes"],
        "longest_task_ms": longest,
    }


def until(page: Page, drawn: str, began: float, patience: float = PATIENCE) -> float:
    """Seconds until the expression holds. Raises: TimeoutError after `patience` seconds."""
    while time.perf_counter() - began < patience:
        if page.evaluate(
            f"() => {{ try {{ return Boolean({drawn}); }} catch {{ return false; }} }}"
        ):
            page.evaluate(AFTER_PAINT)
            return time.perf_counter() - began
        page.wait_for_timeout(15)
    raise TimeoutError(f"Not drawn within {patience:.0f} s: {drawn}")


def acted(page: Page, act: str, drawn: str) -> float:
    """Milliseconds, by the page's clock, from an act to the frame after which `drawn` holds."""
    found = page.evaluate(
        f"""async () => {{
          const paint = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const began = performance.now();
          {act};
          do await paint(); while (!({drawn}));
          return performance.now() - began;
        }}"""
    )
    return round(float(found), 1)
