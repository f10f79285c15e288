"""A bundle's self-test, run by this product as a person would."""

import datetime
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from experiments.services.bundles.child_programs import ProgramFailed, run_python

TEST_SECONDS = 180
LINES = 40  # of what the self-test says, the last ones

# The bundle must need neither Django nor this product, wherever they are installed.
ALONE = """import runpy, sys
sys.modules.update(django=None, experiments=None, tuning_site=None)
sys.argv = ["predict.py", "--self-test"]
runpy.run_path("predict.py", run_name="__main__")"""


def tested(bundle: Path, prefix: str, *, is_code: bool = False) -> dict[str, Any]:
    """Unpack a zip beside itself, in a folder of that prefix, and run its self-test.

    is_code: its model is custom code, so it runs in the sandbox.
    Returns: `passed`, the `lines` that it said, and when it was `tested` (ISO 8601, UTC).
    Raises: OSError, when the disk is full.
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    with tempfile.TemporaryDirectory(prefix=prefix, dir=bundle.parent) as folder:
        try:
            with zipfile.ZipFile(bundle) as packed:
                packed.extractall(folder)
            passed, lines = _run(Path(folder), is_code=is_code)
        except ProgramFailed as error:
            passed, lines = False, [str(error)]
        except (zipfile.BadZipFile, FileNotFoundError) as error:
            passed, lines = False, [f"The zip is missing or damaged: {error}"]
        except subprocess.TimeoutExpired:
            passed, lines = False, [f"It took longer than {TEST_SECONDS} s."]
    return {"passed": passed, "lines": lines[-LINES:], "tested": now}


def _run(folder: Path, *, is_code: bool) -> tuple[bool, list[str]]:
    arguments = ["-I", "-c", ALONE]
    done = run_python(arguments, folder, seconds=TEST_SECONDS, is_code=is_code, cwd=folder)
    said = done.stdout if done.returncode == 0 else f"{done.stdout}\n{done.stderr}"
    return done.returncode == 0, [line for line in said.splitlines() if line.strip()]
