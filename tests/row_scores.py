"""Row scores beside a replayed execution, as training stores them."""

from typing import Any

import numpy as np

from experiments import storage
from experiments.models import Artifact, Execution


def store_rows(execution: Execution, rows: Any, scores: Any, crossed: Any = None) -> None:
    """rows, scores, crossed: (n,); without `crossed` nobody followed the epochs."""
    path = storage.absolute(f"rows-{execution.pk}.npz")
    arrays = {"rows": rows, "scores": np.asarray(scores, "float32")}
    if crossed is not None:
        arrays["cross_scores"] = np.asarray(crossed, "float32")
    np.savez(path, **arrays)
    Artifact.objects.create(
        trial=execution.trial,
        execution=execution,
        kind=Artifact.Kind.PREDICTIONS,
        path=path.name,
        bytes=1,
        sha256="0",
    )
