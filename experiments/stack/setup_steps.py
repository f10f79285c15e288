"""Runs another program as a set-up step."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.stack.progress import StartRefused, say

NO_NETWORK = (
    "name resolution",
    "Name or service not known",
    "dns error",
    "Network is unreachable",
    "Connection refused",
    "NewConnectionError",
    "error sending request",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "ConnectTimeoutError",
    "(from versions: none)",  # all that pip says of an index that refuses at once
)
NO_SPACE = ("No space left on device", "ENOSPC", "Disk quota exceeded")


def run_step(
    title: str,
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run to the end, counting seconds; raise StartRefused with the end of its output and the mend."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except FileNotFoundError as error:
            raise StartRefused(f"{title}: the program {command[0]} is missing.") from error
        try:
            status = _follow(title, process, started)
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise
        output.seek(0)
        said = output.read()
    if status != 0:
        say(f"\r  {title} … failed")
        raise StartRefused(_explain(title, said, status))
    say(f"\r  {title} … {time.monotonic() - started:.1f} s")


def _follow(title: str, process: "subprocess.Popen[bytes]", started: float) -> int:
    """A terminal sees the seconds count; a pipe gets a line each quarter of a minute."""
    terminal = sys.stdout.isatty()
    say(f"  {title} …", end="" if terminal else "\n")
    next_line = started + 15
    while True:
        try:
            return process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - started
            if terminal:
                say(f"\r  {title} … {seconds:.0f} s", end="")
            elif time.monotonic() >= next_line:
                next_line += 15
                say(f"  {title} … {seconds:.0f} s")


def _explain(title: str, said: str, status: int) -> str:
    if any(sign in said for sign in NO_NETWORK):
        return (
            f"{title}: the package index can't be reached. Connect this machine to the network "
            "(or set HTTPS_PROXY), then run the command again."
        )
    if any(sign in said for sign in NO_SPACE):
        return f"{title}: the disk is full. Free about 3 GB, then run the command again."
    tail = "\n".join(said.strip().splitlines()[-15:])
    return f"{tail}\n{title} failed with status {status}; see the lines above."
