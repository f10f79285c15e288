"""Imports everything that children need before the fork.

Importing only: an operation here would start
thread pools and open a GPU, and neither survives a fork.
"""

import gc
import importlib
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Loaded by Keras and TensorFlow on the first fit, save or load, at 0.1 to 0.4 s for every child.
LAZY_MODULES = (
    "h5py",
    "tensorflow.python.data.ops.concatenate_op",
    "tensorflow.python.data.ops.flat_map_op",
    "tensorflow.python.data.ops.from_tensors_op",
    "tensorflow.python.data.ops.from_tensor_slices_op",
    "tensorflow.python.data.ops.from_generator_op",
    "tensorflow.python.data.ops.range_op",
    "tensorflow.python.data.ops.zip_op",
    "tensorflow.python.data.ops.prefetch_op",
    "tensorflow.python.data.ops.take_op",
    "keras",
    "experiments.catalog.registry",
    "experiments.data_schema",
    "experiments.training.child.process",
)
# Keras imports these where they are installed, for inputs that no trial has: 130 MB and 1.2 s of CPU.
BALLAST = ("pandas", "pyarrow", "scipy", "sklearn")


def load() -> None:
    """Import everything, then keep the collector from touching it: pages stay shared."""
    # Python 3.12 warns when a process with native threads forks; ours sleep until a first operation.
    warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork\\(\\).*")
    with _without(BALLAST):
        for name in LAZY_MODULES:
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """Let these look as if they were not installed; a model's own code may import them later."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
