"""Reports: everything that was decided before the first trial: data, split, space, search, budget."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from experiments import storage
from experiments.data_schema import DataSchema
from experiments.evaluation.keep import stored_keep
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.split_facts import SplitFacts
from experiments.external_plan import ExternalPlan
from experiments.models import Experiment, HyperModel, SpaceVersion
from experiments.models.seen_rows import SeenSplit, seen_split
from experiments.plan import ExperimentPlan
from experiments.reports.experiments.head import protocol_words
from experiments.reports.experiments.training_summary import training_words
from experiments.reports.site.code_versions import isolation_words
from experiments.search.declarations import declaration_of, rows_of
from experiments.search.strategies.custom import strategy_label
from experiments.search.strategies.registry import PRUNERS, SAMPLERS
from experiments.training.sandbox import NOT_ISOLATED

OPEN_TO_CODE = (
    "not locked from the code: workers of this site don’t isolate it, so it can read them"
)
Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ProtocolPage:
    """Facts of the experiment's Protocol tab, most as rows of a label and its words."""

    protocol: Protocol
    schema: DataSchema | None
    space: dict[str, Any]
    space_versions: tuple[SpaceVersion, ...]
    facts: SplitFacts | None
    seen: SeenSplit | None
    judging: Rows
    search: Rows
    budget: Rows
    keep: Rows
    clones: tuple[Experiment, ...]


def protocol_page(experiment: Experiment) -> ProtocolPage:
    """Read what the experiment was set up with."""
    protocol = experiment.protocol
    version = experiment.dataset_version
    versions = tuple(experiment.space_versions.order_by("-number").select_related("created_by"))
    return ProtocolPage(
        protocol=protocol,
        schema=DataSchema.from_dict(version.schema) if version.schema else None,
        space=versions[0].space if versions else {"hyperparameters": [], "constraints": []},
        space_versions=versions,
        facts=SplitFacts.from_dict(facts) if (facts := experiment.known_split) else None,
        seen=seen_in(experiment),
        judging=tuple(_judging(experiment, protocol)),
        search=tuple(_search(experiment)),
        budget=(*rows_of(experiment.budget), *_outside(experiment)),
        keep=tuple(rows_of(stored_keep(experiment.plan))),
        clones=tuple(experiment.clones.order_by("-created")[:20]),
    )


def seen_in(experiment: Experiment) -> SeenSplit | None:
    """Which rows of its split reveals showed; None where they are unknown or its code has others."""
    if not experiment.split_hash or experiment.training_data.why_not_locked:
        return None
    digest, own_test = experiment.dataset_version.digest, experiment.locks_own_test
    try:
        locked = storage.load_locked(experiment.split_hash)
        content = storage.split_content(digest, locked, own_test=own_test)
    except FileNotFoundError:
        return None
    return seen_split(experiment.project, *content)


def _judging(experiment: Experiment, protocol: Protocol) -> Iterator[tuple[str, str]]:
    version, own = experiment.dataset_version, experiment.training_data.validation
    yield _label("protocol.kind"), protocol_words(experiment)
    if own:
        yield "Split of the form", "not used"
    else:
        yield _label("protocol.respecting"), _split_by(protocol, version.task)
    fewer = ", fewer for a trial that can’t win" if protocol.races else ""
    yield "Executions per trial", f"{protocol.executions}{fewer}"
    yield _label("objective"), f"{experiment.objective_words}, {experiment.direction}"
    yield _label("score_rule"), experiment.score_words
    if experiment.further:
        each = "; ".join(f"{one.name}, {one.direction}" for one in experiment.further)
        yield _label("more_objectives"), each
    yield "Locked test set", _test_words(experiment)
    yield from training_words(experiment).items()
    yield _label("seed"), str(experiment.seed)
    if not own:
        yield "Split hash", experiment.split_hash


def _search(experiment: Experiment) -> Iterator[tuple[str, str]]:
    version = experiment.dataset_version
    task = f", {version.task}" if version.task else ""
    data = experiment.training_data
    yield _label("dataset_version"), f"{data.words}{task if data.is_form else ''}"
    if data.is_form:
        yield "Content hash", version.digest or "none"
    else:
        yield "Dataset of the form", f"{version}, {data.of_form}"
    yield _label("model"), str(experiment.hypermodel_version)
    yield _label("sampler"), strategy_label(SAMPLERS, experiment.sampler)
    yield _label("pruner"), strategy_label(PRUNERS, experiment.pruner)


def _outside(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """What else limits a search whose trials external scripts run."""
    if experiment.runs_elsewhere:
        timeout = declaration_of(ExternalPlan, "silence_seconds")
        yield timeout.label, f"{timeout.words(experiment.silence_seconds)} without contact"
        yield _label("seed"), str(experiment.seed)


def _label(path: str) -> str:
    return declaration_of(ExperimentPlan, path).label


def _split_by(protocol: Protocol, task: str) -> str:
    if protocol.respecting == "classes" and task != "classification":
        return declaration_of(Protocol, "respecting").choices["none"]
    words = declaration_of(Protocol, "respecting").choices[protocol.respecting]
    return f"{words} by {protocol.column}" if protocol.keyed else words


def _test_words(experiment: Experiment) -> str:
    protocol, share = experiment.protocol, declaration_of(Protocol, "locked_test_share")
    if experiment.training_data.why_not_locked:
        return f"none. {experiment.training_data.why_not_locked}"
    is_code = experiment.hypermodel_version.hypermodel.kind == HyperModel.Kind.CODE
    is_open = is_code and NOT_ISOLATED in isolation_words()
    if protocol.locked_test_share is None:
        read = OPEN_TO_CODE if is_open else "no trial reads it"
        read = read if experiment.locks_own_test else "not locked: the script reads it"
        return f"{share.unset}, {experiment.dataset_version.test_rows:,} rows; {read}"
    if protocol.locked_test_share == 0:
        return "none"
    newest = "newest " if protocol.respecting == "time" else ""
    read = OPEN_TO_CODE if is_open else "no trial reads them"
    return f"{newest}{share.words(protocol.locked_test_share)} of the rows; {read}"
