"""Reports: what an experiment's files take of the disk, by what they hold. Imports models."""

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import Length

from experiments import storage
from experiments.models import Artifact, Execution, Experiment

LABELS = {"model": "Models", "predictions": "Predictions", "bundle": "Zips for download"}


@dataclass(frozen=True, slots=True)
class FilesLine:
    """One kind of file: how many, and their bytes."""

    label: str
    files: int
    bytes: int


def files_lines(experiment: Experiment) -> tuple[FilesLine, ...]:
    """Models, predictions, zips, checkpoints, and logs, which are in the database."""
    sums = Artifact.objects.filter(trial__experiment=experiment).order_by().values("kind")
    found = {row["kind"]: row for row in sums.annotate(files=Count("pk"), size=Sum("bytes"))}
    executions = Execution.objects.filter(trial__experiment=experiment).order_by()
    logs = executions.exclude(log="").aggregate(files=Count("pk"), size=Sum(Length("log")))
    names = executions.exclude(checkpoint_path="").values_list("checkpoint_path", flat=True)
    folders = list(names)
    return (
        *(
            FilesLine(label, found[kind]["files"], found[kind]["size"])
            if kind in found
            else FilesLine(label, 0, 0)
            for kind, label in LABELS.items()
        ),
        FilesLine("Checkpoints", len(folders), sum(map(storage.folder_bytes, folders))),
        FilesLine("Logs", logs["files"], logs["size"] or 0),
    )


def models_line(experiment: Experiment) -> FilesLine:
    """The models alone, for the Protocol tab."""
    models = Artifact.objects.filter(trial__experiment=experiment, kind=Artifact.Kind.MODEL)
    sums = models.aggregate(files=Count("pk"), size=Sum("bytes"))
    return FilesLine(LABELS["model"], sums["files"], sums["size"] or 0)
