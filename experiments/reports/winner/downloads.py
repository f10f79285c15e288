"""Reports: which training run the model of a trial's download is from, and its refit. Imports models.

A fold's model has seen the rows of that fold alone; a refit has seen all but the locked test rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from experiments.models import Artifact, Purpose, Trial
from experiments.models.trained_weights import best_model, origin


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that can be downloaded: experiment and trial of its address, and what it is from.

    words: "fold 3 of 5, epoch 12, 120 training rows". bytes: of the model alone.
    """

    code: str
    number: int
    words: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Download:
    """The models of a trial: its best execution's, and that of its newest refit; None where not kept."""

    own: ModelFile | None = None
    refit: ModelFile | None = None

    @property
    def first(self) -> ModelFile | None:
        """The one to offer: the refit, which trained on all allowed rows, once there is one."""
        return self.refit or self.own


@dataclass(slots=True)
class _Found:
    own: list[Artifact] = field(default_factory=list)
    refits: list[Artifact] = field(default_factory=list)


def downloads(trials: Sequence[Trial]) -> Mapping[int, Download]:
    """The downloads of trials by their keys, in one query."""
    found = {trial.pk: _Found() for trial in trials}
    models = Artifact.objects.filter(trial__in=found, kind=Artifact.Kind.MODEL)
    models |= stored_refits(trial__repeats__in=found)
    records = ("hypermodel_version", "dataset_version__dataset")
    loaded = ("execution", *(f"trial__experiment__{name}" for name in records))
    for each in models.select_related(*loaded).order_by("pk"):
        if each.trial_id in found:
            found[each.trial_id].own.append(each)
        if each.trial.repeats_id in found:
            found[each.trial.repeats_id].refits.append(each)
    return {
        pk: Download(_file(best_model(each.own)), _file(best_model(each.refits[-1:])))
        for pk, each in found.items()
    }


def stored_refits(**of: Any) -> QuerySet[Artifact]:
    """Models of completed refits, by a condition on their records."""
    return Artifact.objects.filter(
        kind=Artifact.Kind.MODEL,
        trial__experiment__purpose=Purpose.REFIT,
        trial__state=Trial.State.COMPLETED,
        **of,
    )


def download_of(trial: Trial) -> Download:
    """The downloads of one trial."""
    return downloads([trial])[trial.pk]


def _file(model: Artifact | None) -> ModelFile | None:
    if model is None or model.execution is None:
        return None
    experiment = model.trial.experiment
    return ModelFile(
        code=str(experiment.code),
        number=model.trial.number,
        words=origin(experiment, model.execution),
        bytes=model.bytes,
    )
