"""Whether the custom code that a search needs can run on this site."""

from experiments.models import Experiment, HyperModel, HyperModelVersion
from experiments.search.strategies.custom import version_of
from experiments.services.code.sandbox_status import runs_nowhere
from experiments.services.code.versions import READ
from experiments.services.experiments.states import NotAllowed


def refuse_code(experiment: Experiment) -> None:
    """Raise NotAllowed where code of a search couldn't be read, or no worker may run it."""
    named = {version_of(experiment.sampler), version_of(experiment.pruner)} - {None}
    versions = HyperModelVersion.objects.filter(
        pk__in={*named, experiment.hypermodel_version_id}, hypermodel__kind__in=HyperModel.WRITTEN
    ).select_related("hypermodel")
    for version in versions:
        if version.reading.get("state") != READ:
            why = version.reading.get("problem") or "It hasn't been read yet."
            raise NotAllowed(f"The code {version} can't be used: {why} See the Code page.")
    if versions and runs_nowhere():
        raise NotAllowed(
            "No worker may run custom code: SANDBOX is “required”, and none can isolate it. "
            "See “SANDBOX” in docs/guide/settings.md."
        )
