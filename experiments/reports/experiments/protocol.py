"""Reports: everything that was decided before the first trial: data, split, space, search, budget."""

from dataclasses import dataclass
from typing import Any

from experiments.data_schema import DataSchema
from experiments.evaluation.keep import stored_keep
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.split_facts import SplitFacts
from experiments.models import Experiment, SpaceVersion
from experiments.reports.experiments.training_summary import training_words


@dataclass(frozen=True, slots=True)
class ProtocolPage:
    """Facts of the experiment's Protocol tab. respecting: empty where a script validates on rows of its own."""

    protocol: Protocol
    schema: DataSchema | None
    space: dict[str, Any]
    space_versions: tuple[SpaceVersion, ...]
    facts: SplitFacts | None
    respecting: str
    test_words: str
    training: dict[str, str]
    keep: dict[str, str]
    clones: tuple[Experiment, ...]


def protocol_page(experiment: Experiment) -> ProtocolPage:
    """Read what the experiment was set up with."""
    protocol = Protocol.from_dict(experiment.protocol)
    version = experiment.dataset_version
    versions = tuple(experiment.space_versions.order_by("-number").select_related("created_by"))
    return ProtocolPage(
        protocol=protocol,
        schema=DataSchema.from_dict(version.schema) if version.schema else None,
        space=versions[0].space if versions else {"hyperparameters": [], "constraints": []},
        space_versions=versions,
        facts=SplitFacts.from_dict(experiment.split_facts) if experiment.split_facts else None,
        respecting=""
        if experiment.hypermodel_version.validates_itself
        else _respecting(protocol, version.task),
        test_words=_test_words(protocol, version.test_rows),
        training=training_words(experiment.fit, experiment.objective, experiment.score_rule),
        keep=stored_keep(experiment.plan).words,
        clones=tuple(experiment.clones.order_by("-created")[:20]),
    )


def _respecting(protocol: Protocol, task: str) -> str:
    if protocol.respecting == "classes":
        return "classes: each keeps its share" if task == "classification" else "nothing"
    return {
        "none": "nothing",
        "groups": f"groups: rows with the same {protocol.column} stay together",
        "stratified_groups": f"groups and classes: rows with the same {protocol.column} stay "
        "together, and each class keeps its share as nearly as that allows",
        "time": f"time: training rows never come after validation rows, by {protocol.column}",
    }[protocol.respecting]


def _test_words(protocol: Protocol, test_rows: int) -> str:
    if protocol.locked_test_share is None:
        return f"the dataset's own test part, {test_rows:,} rows; no trial reads it"
    if protocol.locked_test_share == 0:
        return "none held back"
    newest = "the newest " if protocol.respecting == "time" else ""
    return f"{newest}{protocol.locked_test_share:.0%} of the rows; no trial reads them"
