"""Runs predict.py of the demo's bundle and checks its predictions."""

import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.ingest.mnist import read_idx
from experiments.stack.progress import StartRefused

PICTURES = 500
# Runs predict.py where importing Django, or anything of this product, fails.
ALONE = """
import runpy, sys
for name in ("django", "django_rq", "rq", "experiments", "tuning_site"):
    sys.modules[name] = None
sys.argv[0] = "predict.py"
runpy.run_path("predict.py", run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Check:
    """How the model did on pictures that no trial saw."""

    pictures: int
    accuracy: float


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack the bundle; return the folder that holds predict.py. Raises StartRefused."""
    with zipfile.ZipFile(archive) as bundle:
        broken = bundle.testzip()
        if broken is not None:
            raise StartRefused(f"{broken} in the bundle is damaged.")
        bundle.extractall(folder)
    found = list(folder.rglob("predict.py"))
    if not found:
        raise StartRefused("The bundle has no predict.py.")
    return found[0].parent


def self_test(bundle: Path) -> None:
    """The bundle compares its files and its predictions with those of the export."""
    _run(bundle, "--self-test")


def check_predictions(bundle: Path, mnist: Path) -> Check:
    """Predict pictures of MNIST's own test part and compare with their labels."""
    pictures = read_idx(mnist / "t10k-images-idx3-ubyte")[:PICTURES]
    labels = read_idx(mnist / "t10k-labels-idx1-ubyte")[:PICTURES]
    rows, answers = bundle.parent / "rows.npy", bundle.parent / "answers.json"
    np.save(rows, pictures, allow_pickle=False)
    _run(bundle, str(rows), "--format", "json", "--output", str(answers))
    said: list[dict[str, Any]] = json.loads(answers.read_text(encoding="utf-8"))
    if len(said) != len(labels):
        raise StartRefused(f"predict.py predicted {len(said)} of {len(labels)} images.")
    right = sum(
        answer["prediction"] == str(label) for answer, label in zip(said, labels, strict=True)
    )
    return Check(len(labels), right / len(labels))


def _run(bundle: Path, *arguments: str) -> None:
    """Run predict.py in its folder, with an environment that knows nothing of this product."""
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ
    }
    finished = subprocess.run(
        [sys.executable, "-c", ALONE, *arguments],
        cwd=bundle,
        env={**environment, "CUDA_VISIBLE_DEVICES": "-1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise StartRefused(f"predict.py {' '.join(arguments)} failed:\n{finished.stderr[-2000:]}")
