"""What a minute of a search that runs costs an open page, here and in a peer: CPU and bytes.

Both sides are given an epoch every five seconds.
"""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Playwright

from benchmarks.pages.browser import Eyes, Sizes, launch, until
from benchmarks.pages.turns import Served
from benchmarks.programs import cpu_seconds

EPOCH_SECONDS = 5.0
MINUTE = 60.0


def live_minute(
    playwright: Playwright, side: Served, page: str, add_epoch: Callable[[], None]
) -> dict[str, Any]:
    """CPU seconds of browser and server, bytes over the wire with headers, and requests of a minute."""
    browser = launch(playwright)
    eyes = Eyes(browser, [side.process], side.cookies)
    address, drawn = side.pages[page]
    _context, tab = eyes.at_rest()
    sizes = Sizes(tab)
    tab.goto(address, wait_until="commit")
    until(tab, drawn, time.perf_counter())
    tab.wait_for_timeout(3000)
    before, cpu, began = sizes.sums(), cpu_seconds(*eyes.counted), time.perf_counter()
    for epoch in range(round(MINUTE / EPOCH_SECONDS)):
        add_epoch()
        due = began + (epoch + 1) * EPOCH_SECONDS
        tab.wait_for_timeout(1000 * max(0.0, due - time.perf_counter()))
    spent, after = cpu_seconds(*eyes.counted) - cpu, sizes.sums()
    browser.close()
    return {
        "cpu_seconds": round(spent, 2),
        "bytes": round(after["all_bytes"] - before["all_bytes"]),
        "requests": round(after["requests"] - before["requests"]),
    }
