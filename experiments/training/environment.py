"""Environment variables of the training host: an allow list without secrets."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the package `experiments`
PASSED = frozenset(
    {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "LD_LIBRARY_PATH",
        "VIRTUAL_ENV",
        "CUDA_VISIBLE_DEVICES",
        "NVIDIA_VISIBLE_DEVICES",
        "KERAS_HOME",
        "XLA_FLAGS",
    }
)
PASSED_PREFIXES = ("TF_",)
COPIED = "OUTPUT_IS_COPIED"  # set in the sandbox: files are copied out, and the copy is synced
GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg")  # the second: Windows' Linux


def child_environment(source: dict[str, str] | None = None) -> dict[str, str]:
    """Return what a host may see of `source` (default: this process's environment)."""
    everything = dict(os.environ) if source is None else source
    passed = {
        name: value
        for name, value in everything.items()
        if name in PASSED or name.startswith(PASSED_PREFIXES)
    }
    return {
        # Without a GPU every child would warn in its trial's log.
        "TF_CPP_MIN_LOG_LEVEL": "2" if has_gpu() else "3",
        **passed,
        "KERAS_BACKEND": "tensorflow",
        "PYTHONPATH": str(ROOT),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": everything.get("PYTHONDONTWRITEBYTECODE", ""),
    }


def has_gpu() -> bool:
    """Tell whether this machine shows a GPU's device file."""
    return any(Path(path).exists() for path in GPU_DEVICES)
