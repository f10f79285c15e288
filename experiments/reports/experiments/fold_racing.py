"""Reports: what fold racing has spared an experiment. Imports models."""

from django.db.models import Count, Exists, OuterRef

from experiments.evaluation.protocol import Protocol
from experiments.models import Execution, Experiment, Trial


def raced_words(experiment: Experiment, settled: int) -> str:
    """In a sentence; empty where trials don't race or none was spared a fit. settled: trials so far.

    A trial that was pruned after its first execution lost the race: pruners look at that one only.
    """
    protocol = Protocol.from_dict(experiment.protocol)
    if not protocol.races or not settled:
        return ""
    first = Execution.objects.filter(
        trial=OuterRef("trial"), index=0, state=Execution.State.COMPLETED
    )
    spared = (
        Execution.objects.filter(trial__experiment=experiment, trial__state=Trial.State.PRUNED)
        .exclude(state=Execution.State.COMPLETED)
        .filter(Exists(first))
        .aggregate(fits=Count("pk"), trials=Count("trial", distinct=True))
    )
    if not spared["fits"]:
        return ""
    fits, trials = settled * protocol.executions, spared["trials"]
    who = "1 trial" if trials == 1 else f"{trials:,} trials"
    return f"Fold racing skipped {spared['fits']:,} of {fits:,} executions of {who} that could not win."
