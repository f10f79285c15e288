"""The scripts and style sheets that the pages load, built out of static/js and static/css.

Standard library only. The building is bundle.mjs's; this knows whether it is needed.
"""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE_PROGRAMS = Path(".venv") / "bin"  # where the Node.js of PyPI is, on a machine that has none
FIX = "Run `make static`."


class BundleError(Exception):
    """The pages' scripts can't be built; the message says what to do."""


def is_current(root: Path = ROOT) -> bool:
    """Whether static/built/ was made of the very sources that are there now."""
    try:
        text = (root / "static" / "built" / "sources.json").read_text(encoding="utf-8")
        sources: dict[str, str] = json.loads(text)
        return all(_digest(root / name) == known for name, known in sources.items())
    except (FileNotFoundError, ValueError):
        return False


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build(root: Path = ROOT) -> None:
    """Fill static/built/ anew. Raises: BundleError."""
    if not (root / "node_modules" / "esbuild").is_dir():
        raise BundleError(f"The static packages are not installed. {FIX}")
    path = f"{os.environ.get('PATH', '')}{os.pathsep}{root / NODE_PROGRAMS}"
    node = shutil.which("node", path=path)
    if node is None:
        raise BundleError(f"The pages' scripts must be built, but Node.js isn't installed. {FIX}")
    script = Path("experiments") / "stack" / "bundle.mjs"
    done = subprocess.run(
        [node, str(script)], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise BundleError(f"{done.stderr.strip()}\nThe pages' scripts were not built. {FIX}")


def ensure(root: Path = ROOT) -> bool:
    """Build unless that is done; return whether it was needed. Raises: BundleError."""
    if is_current(root):
        return False
    build(root)
    return True
