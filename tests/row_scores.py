"""Row scores beside a replayed execution, as training stores them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments import storage
from experiments.digests import sha256_of
from experiments.evaluation.row_scores import METRIC
from experiments.models import Artifact, Execution


def store_rows(
    execution: Execution,
    rows: Any,
    scores: Any,
    crossed: Any = None,
    metrics: Mapping[str, Any] | None = None,
) -> None:
    """rows, scores, crossed: (n,); without `crossed` nobody followed the epochs. metrics: others, (n,) by name."""
    path = storage.absolute(f"rows-{execution.pk}.npz")
    arrays = {"rows": rows, "scores": np.asarray(scores, "float32")}
    if crossed is not None:
        arrays["cross_scores"] = np.asarray(crossed, "float32")
    for name, each in (metrics or {}).items():
        arrays[f"{METRIC}{name}"] = np.asarray(each, "float32")
    np.savez(path, **arrays)
    Artifact.objects.create(
        trial=execution.trial,
        execution=execution,
        kind=Artifact.Kind.PREDICTIONS,
        path=path.name,
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
    )
