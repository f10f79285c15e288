"""Placeholders for the data, model and protocol of external searches."""

from typing import Final

from django.utils import timezone

from experiments.evaluation.protocol import Protocol
from experiments.models import Dataset, DatasetVersion, HyperModel, HyperModelVersion, Project

ELSEWHERE: Final = Dataset.ELSEWHERE
# One mean of whatever its script does inside.
NO_PROTOCOL: Final = Protocol(repeats=1, locked_test_share=0.0, racing=False)


def no_data(project: Project) -> DatasetVersion:
    """The version that stands for data elsewhere. Inside a transaction."""
    dataset, _ = Dataset.objects.get_or_create(
        project=project,
        slug=ELSEWHERE,
        defaults={
            "name": "External data",
            "description": "Placeholder for the data of external and imported searches.",
            "built_in": ELSEWHERE,
            "archived": timezone.now(),
        },
    )
    version, _ = DatasetVersion.objects.get_or_create(
        dataset=dataset,
        number=1,
        defaults={
            "state": DatasetVersion.State.FAILED,
            "error": "The data of external searches isn't on this site.",
        },
    )
    return version


def no_model(project: Project) -> HyperModelVersion:
    """The version that stands for a model elsewhere. Inside a transaction."""
    recipe, _ = HyperModel.objects.get_or_create(
        project=project,
        name="External model",
        defaults={"kind": HyperModel.Kind.ELSEWHERE, "slug": ELSEWHERE},
    )
    version, _ = HyperModelVersion.objects.get_or_create(
        hypermodel=recipe, number=1, defaults={"digest": "0" * 64}
    )
    return version
