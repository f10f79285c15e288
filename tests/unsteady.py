"""Tests that watch a browser or whole processes: one that fails on a busy machine is tried once more, alone.

It stays in the summary by name, so that it is mended. All other tests have one attempt.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

WATCHERS: Final = ("tests/browser/", "tests/stack/", "tests/faults/")
MOST: Final = 3  # more that fail at once are no accident


def failed_tests(root: Path) -> list[str]:
    """The ids that the last run of pytest in `root` left as failed; files that did not even load are ids too."""
    cache = root / ".pytest_cache" / "v" / "cache" / "lastfailed"
    return sorted(json.loads(cache.read_text())) if cache.exists() else []


def may_be_tried_again(failed: Sequence[str]) -> bool:
    """Whether all of these depend on how fast other programs were, and are few."""
    watching = all(name.startswith(WATCHERS) and "::" in name for name in failed)
    return 0 < len(failed) <= MOST and watching


def tried_again(
    pytest: Sequence[str], root: Path, environment: Mapping[str, str]
) -> tuple[str, ...]:
    """The tests that failed in the last run of pytest and pass alone; empty where the failure stands.

    pytest: the command without what chooses tests, for instance ["pytest", "--database=postgres"].
    """
    failed = failed_tests(root)
    if not may_be_tried_again(failed):
        return ()
    command = [*pytest, "-n", "0", "-rfEsx", *failed]
    finished = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, env=environment)
    return tuple(failed) if finished.returncode == 0 else ()
