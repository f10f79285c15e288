"""Fetches one commit with `git` and reads its files without a checkout.

Nothing of the repository runs: no hook, no filter, no submodule, no configuration of
this machine's users. What git says is never shown as it is: it may name what an administrator hides.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

LARGEST_LISTING: Final = 4_000_000  # bytes of the names in a tree
MEMORY_BYTES: Final = 2 << 30
WATCH_SECONDS: Final = 0.05
PASSED: Final = (
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "all_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
)  # fmt: skip
OPTIONS: Final = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.bigFileThreshold": "1m",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "20",
    "protocol.version": "2",
}
# A program that takes limits and becomes the one that it is given.
CONFINES: Final = (
    "import os, resource, sys\n"
    "for each in sys.argv[1].split(','):\n"
    "    what, most = map(int, each.split(':'))\n"
    "    resource.setrlimit(what, (most, most))\n"
    "try: os.execv(sys.argv[2], sys.argv[2:])\n"
    "except OSError: os._exit(126)\n"
)
COULD_NOT: Final = "git could not be started on this machine."
NOT_RUN: Final = 126  # what a shell says of a program that can't be run
REGULAR: Final = ("100644", "100755")
# Words of git's own, in the order in which they are looked for, and what a person reads.
ANSWERS: Final = {
    "couldn't find remote ref": "The repository has no such branch or tag.",
    "not our ref": "The repository has no such commit, or doesn't serve commits by "
    "hash. Enter its branch.",
    "unadvertised object": "The repository doesn't serve commits by hash. Enter a branch.",
    "could not read username": "The repository requires a password. Only public "
    "repositories can be fetched.",
    "terminal prompts disabled": "The repository requires a password. Only public "
    "repositories can be fetched.",
    "authentication failed": "The repository requires a password. Only public "
    "repositories can be fetched.",
    "unable to update url base from redirection": "The address redirects. Enter the final address.",
    "error: 30": "The address redirects. Enter the final address.",
    "error: 404": "There is no repository at this address.",
    "not found": "There is no repository at this address.",
    "does not appear to be a git repository": "There is no repository at this address.",
    "could not resolve host": "The host of this address can't be resolved.",
    "shallow capabilities": "The server offers full clones only (dumb HTTP). Use a "
    "Git server with shallow clones.",
    "fsck": "The repository has damaged objects, so it wasn't fetched.",
    "connect": "The host of this address doesn't respond.",
}
BY_BRANCH: Final = (ANSWERS["not our ref"], ANSWERS["unadvertised object"])


class FetchRefused(Exception):
    """Nothing was fetched; the message is for the person, and names no secret."""


class NotGiven(FetchRefused):
    """The repository doesn't give away what was asked for by its digits, though a branch may end in it."""


class GitNotRun(FetchRefused):
    """The program itself could not be started; why is its cause, for a log."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may take: bytes on the disk, seconds from its start."""

    total_bytes: int = 100 << 20
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Commit:
    """A fetched commit: its full hash, and its regular files with their sizes."""

    hash: str
    files: Mapping[str, int]
    _git: "_Git"

    def read(self, path: str, most_bytes: int) -> str:
        """The text of a file. Raises: FetchRefused."""
        if path not in self.files:
            raise FetchRefused(f"The commit {self.hash[:12]} has no file {path}.")
        if self.files[path] > most_bytes:
            raise FetchRefused(f"{path} is larger than {most_bytes // 1000} kB.")
        try:
            text = self._git("cat-file", "blob", f"{self.hash}:{path}").decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FetchRefused(f"{path} isn't UTF-8 text.") from error
        return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def fetched(address: str, revision: str, limits: FetchLimits) -> Iterator[Commit]:
    """Fetch one commit, without its history, into a folder that is gone afterwards. Raises: FetchRefused.

    revision: a branch, a tag or a full hash; empty: what the repository calls HEAD. The caller has asked
    whether the address is allowed.
    """
    program = shutil.which("git")
    if program is None:
        raise FetchRefused(
            "git isn't installed on this machine. Ask the administrator to install it."
        )
    with tempfile.TemporaryDirectory(prefix="fetch-") as name:
        ends = time.monotonic() + limits.seconds
        git = _Git(program, Path(name), address, limits, ends)
        git("init", "--quiet", "--bare", "--template=", str(git.repository))
        wanted = revision or "HEAD"
        git("fetch", "--quiet", "--depth=1", "--no-tags", "--end-of-options", address, wanted)
        found = git("rev-parse", "--verify", "--end-of-options", "FETCH_HEAD^{commit}")
        commit = found.decode("ascii").strip()
        yield Commit(commit, _files(git("ls-tree", "-r", "-l", "-z", "--full-tree", commit)), git)


def _files(listing: bytes) -> dict[str, int]:
    files = {}
    for line in listing.split(b"\0"):
        facts, _, path = line.partition(b"\t")
        mode, _, rest = facts.decode("ascii").partition(" ")
        if mode in REGULAR:
            with suppress(UnicodeDecodeError):  # a name that no import can say
                files[path.decode("utf-8")] = int(rest.split()[-1])
    return files


@dataclass(frozen=True, slots=True)
class _Git:
    """The program, in a folder of its own and within limits."""

    program: str
    folder: Path
    address: str
    limits: FetchLimits
    ends: float

    @property
    def scheme(self) -> str:
        return self.address.partition(":")[0]

    @property
    def repository(self) -> Path:
        return self.folder / "repository"

    def __call__(self, *arguments: str) -> bytes:
        """What it prints. Raises: FetchRefused."""
        options = [word for pair in OPTIONS.items() for word in ("-c", "=".join(pair))]
        place = [f"--git-dir={self.repository}"] if arguments[0] != "init" else []
        with (
            tempfile.TemporaryFile(dir=self.folder) as answer,
            tempfile.TemporaryFile(dir=self.folder) as words,
        ):
            process = self._started([*options, *place, *arguments], answer, words)
            try:
                self._wait(process)
            finally:
                _end(process)
            if process.returncode == NOT_RUN:
                raise GitNotRun(COULD_NOT)
            words.seek(0)
            if process.returncode:
                said = words.read(20_000).decode("utf-8", "replace")
                raise _refusal(said, self.address)
            answer.seek(0)
            output = answer.read(LARGEST_LISTING + 1)
        if len(output) > LARGEST_LISTING:
            raise FetchRefused("The repository has too many files to list.")
        return output

    def _started(
        self, arguments: list[str], answer: IO[bytes], words: IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        environment = self._environment()
        try:
            return subprocess.Popen(
                [*self._confined(), self.program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=answer,
                stderr=words,
                cwd=self.folder,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise GitNotRun(COULD_NOT) from error

    def _environment(self) -> dict[str, str]:
        # Also for git's own server of a folder, which another user of this machine may own.
        settings = self.folder / "gitconfig"
        settings.write_text("[safe]\n\tdirectory = *\n" if self.scheme == "file" else "")
        return {
            **{name: os.environ[name] for name in PASSED if name in os.environ},
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(settings),
            "GIT_ALLOW_PROTOCOL": self.scheme,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }

    def _confined(self) -> list[str]:
        """The command before a program that is to have limits from its first moment."""
        most = {
            resource.RLIMIT_FSIZE: self.limits.total_bytes,
            resource.RLIMIT_AS: MEMORY_BYTES,
            resource.RLIMIT_CORE: 0,
        }
        limits = ",".join(f"{what}:{limit}" for what, limit in most.items())
        return [sys.executable, "-I", "-S", "-c", CONFINES, limits]

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        while process.poll() is None:
            left = self.ends - time.monotonic()
            if left <= 0:
                seconds = f"{self.limits.seconds:g} seconds"
                raise FetchRefused(f"Fetching exceeded the time limit of {seconds}.")
            if self._bytes() > self.limits.total_bytes:
                raise FetchRefused(self._too_large())
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(WATCH_SECONDS, left))
        if self._bytes() > self.limits.total_bytes or -process.returncode == signal.SIGXFSZ:
            raise FetchRefused(self._too_large())

    def _too_large(self) -> str:
        return f"The commit is larger than the limit of {self.limits.total_bytes >> 20} MB."

    def _bytes(self) -> int:
        total = 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with suppress(FileNotFoundError):
                    total += (Path(folder) / name).lstat().st_size
        return total


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Whatever it started as well, and before its number can be another's."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _refusal(words: str, address: str) -> FetchRefused:
    message = _explained(words, address)
    return NotGiven(message) if message in BY_BRANCH else FetchRefused(message)


def _explained(words: str, address: str) -> str:
    """What git's words mean. It repeats the address, whole or a part of it, whose letters say nothing."""
    parts = urlsplit(address.lower())
    lower = words.lower()
    for repeated in (address.lower(), parts.path.rstrip("/"), parts.netloc):
        if "/" in repeated or "." in repeated:  # a bare word may be one of git's own too
            lower = lower.replace(repeated, "…")
    if "file size" in lower or "sigxfsz" in lower or "signal 25" in lower:
        return "The commit is larger than the limit."
    found = next((answer for sign, answer in ANSWERS.items() if sign in lower), "")
    return found or "Git could not fetch it. Check the address with `git ls-remote`."
