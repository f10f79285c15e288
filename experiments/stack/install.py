"""`make install`: virtual environment, packages, static files.

Standard library only: it runs on the system's Python before anything is installed.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.stack import assets, bundle
from experiments.stack.progress import StartRefused, say

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
OLDEST_NODE = (20, 19)
# Chromium for the tests, the lightest first: the shell draws the same pages without windows.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
VENDOR_SOURCES = (
    "package-lock.json",
    "static/icons.txt",
    "static/img/logo.svg",
    "experiments/stack/assets.py",
)

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


def is_current(stamp: Path, sources: Sequence[str]) -> bool:
    """Whether the step that wrote `stamp` ran for these files."""
    return stamp.exists() and stamp.read_text(encoding="utf-8") == digest(sources)


def digest(sources: Sequence[str]) -> str:
    """Hash of the files' contents and of the Python that they were installed for."""
    whole = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for name in sources:
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()


def make_environment() -> None:
    """Create .venv, unless its Python runs and is of a supported version."""
    check = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    if PYTHON.exists() and subprocess.run([str(PYTHON), "-c", check], check=False).returncode == 0:
        return
    uv = shutil.which("uv")
    if uv:
        command = [uv, "venv", "--clear", "--python", sys.executable, str(ENVIRONMENT)]
    else:
        command = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    try:
        run_step("Virtual environment", command, folder=ROOT)
    except StartRefused as refusal:
        if "ensurepip" not in str(refusal):
            raise
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise StartRefused(
            "Python's venv module is missing. Install it (on Debian and Ubuntu: "
            f"apt install python{version}-venv), or install uv, then run the command again."
        ) from refusal


def install_packages(files: Sequence[str], title: str) -> None:
    """Install pinned requirements, with uv where there is one."""
    stamp = ENVIRONMENT / f".installed-{files[-1]}"
    if is_current(stamp, files):
        return
    requirements = [part for name in files for part in ("-r", name)]
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--python", str(PYTHON), *requirements]
    else:
        pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
        command = [*pip, "install", *requirements]
    run_step(title, command, folder=ROOT)
    stamp.write_text(digest(files), encoding="utf-8")


def ensure_node() -> None:
    """Node and npm: the machine's where they are new enough, else those of a PyPI package."""
    if shutil.which("npm") and _node_version() >= OLDEST_NODE:
        return
    install_packages(["requirements-node.txt"], "Node.js from PyPI")


def _node_version() -> tuple[int, ...]:
    node = shutil.which("node")
    if node is None:
        return (0,)
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return tuple(int(part) for part in re.findall(r"\d+", said.stdout)[:2])


def install_static(*, development: bool) -> None:
    """npm's packages, with or without those of tests, then the files that the pages use."""
    packages = ROOT / "node_modules"
    stamps = [packages / ".installed", *([packages / ".developed"] if development else [])]
    if not is_current(stamps[-1], ["package-lock.json"]):
        ensure_node()
        command = ["npm", "ci", "--ignore-scripts", *([] if development else ["--omit=dev"])]
        run_step("Static packages", command, folder=ROOT)
        for stamp in stamps:
            stamp.write_text(digest(["package-lock.json"]), encoding="utf-8")
    vendor = ROOT / "static" / "vendor" / ".installed"
    if not is_current(vendor, VENDOR_SOURCES):
        try:
            assets.install(ROOT)
        except (assets.AssetsError, OSError) as error:
            raise StartRefused(f"Static packages: {error}") from error
        vendor.write_text(digest(VENDOR_SOURCES), encoding="utf-8")
    if not bundle.is_current(ROOT):
        ensure_node()
        try:
            bundle.build(ROOT)
        except bundle.BundleError as error:
            raise StartRefused(str(error)) from error


def install_browser() -> None:
    """Chromium for the tests: Debian's for root, else the one that Playwright brings."""
    if any(map(shutil.which, BROWSERS)):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run_step("Package lists", ["apt-get", "update"], folder=ROOT, environment=quiet)
        known = subprocess.run(
            ["apt-cache", "show", BROWSERS[0]], capture_output=True, check=False
        )
        name = BROWSERS[0] if known.returncode == 0 else "chromium"
        command = ["apt-get", "install", "-y", "--no-install-recommends", name]
        run_step("Chromium", command, folder=ROOT, environment=quiet)
        return
    run_step("Chromium", [str(PYTHON), "-m", "playwright", "install", "chromium"], folder=ROOT)


def run_step(
    title: str,
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run to the end, counting seconds; raise StartRefused with the end of its output and the fix."""
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
    """Count seconds on a terminal; print a line every 15 s into a pipe."""
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


def main() -> int:
    """Install what is missing; one line and status 1 when that can't be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--development", action="store_true", help="also install tests and checks")
    parser.add_argument("--static", action="store_true", help="static files only")
    options = parser.parse_args()
    os.environ["PATH"] = f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        if not options.static:
            make_environment()
            install_packages(["requirements.txt", "requirements-code.txt"], "Python packages")
        install_static(development=options.development)
        if options.development:
            install_packages(["requirements.txt", "requirements-dev.txt"], "Test packages")
            ensure_node()
            install_browser()
    except StartRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted; the next run continues with the remaining steps.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
