"""Reports: whether trials were judged alike, and if not, what differs. Imports models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.text import get_text_list

from experiments.evaluation.protocol import Protocol
from experiments.models import Experiment
from experiments.reports.experiments.head import protocol_words

Judged = tuple[Experiment, str]  # an experiment, and the hash of the split that was judged by
SPLIT_BY: Final = {
    "none": "not stratified",
    "classes": "stratified",
    "groups": "grouped",
    "stratified_groups": "grouped and stratified",
    "time": "time-ordered",
}


@dataclass(frozen=True, slots=True)
class Unlike:
    """Something that columns do not share. values: what each has, in words, in their order.

    like_first: of each column, whether it has what the first has.
    """

    what: str
    values: tuple[str, ...]
    like_first: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Comparability:
    """What stands in the way of ranking, and whether scores can be paired part by part.

    is_other_parts: some were judged on other parts of the same rows by the same protocol. Their
    means may be compared where a protocol draws several parts.
    is_known: how they were judged is on record; of imported ones it isn't.
    """

    unlike: tuple[Unlike, ...]
    is_other_parts: bool
    is_known: bool = True

    @property
    def may_rank(self) -> bool:
        """Same data, protocol and objective: differences mean something."""
        return not self.unlike

    @property
    def words(self) -> str:
        """What differs: "data and protocol"."""
        return get_text_list([each.what.lower() for each in self.unlike], "and")


def comparability(judged: Sequence[Judged]) -> Comparability:
    """Compare every column with the first."""
    protocols = [experiment.protocol for experiment, _ in judged]
    rules = [
        _rules(experiment, protocol) + (", elsewhere" if experiment.is_elsewhere else "")
        for protocol, (experiment, _) in zip(protocols, judged, strict=True)
    ]
    splits = ["" if _judges_itself(experiment) else split for experiment, split in judged]
    other_parts = len(set(splits)) > 1
    aspects = [
        ("Data", [_data_key(e) for e, _ in judged], [data_words(e) for e, _ in judged]),
        ("Protocol", rules, [rule_words(e) for e, _ in judged]),
        ("Objective", [_objective(e) for e, _ in judged], [_objective(e) for e, _ in judged]),
    ]
    # The means of several parts hold how much parts differ; that of one part does not.
    resampled = all(protocol.overlap > 0 for protocol in protocols)
    same_rules = all(len(set(values)) == 1 for _, values, _ in aspects[:2])
    if other_parts and same_rules and not resampled:  # else it follows from data or protocol
        aspects.insert(2, ("Split", splits, [f"hash {split[:8]}" for split in splits]))
    unlike = tuple(
        Unlike(what, _distinct(values, words), tuple(value == values[0] for value in values))
        for what, values, words in aspects
        if len(set(values)) > 1
    )
    return Comparability(
        unlike,
        is_other_parts=other_parts and not unlike,
        is_known=not any(experiment.is_elsewhere for experiment, _ in judged),
    )


def data_words(experiment: Experiment) -> str:
    """The dataset and its version, or the arrays of the code."""
    if experiment.is_elsewhere:
        return f"not recorded: {experiment.name} ran elsewhere"
    data = experiment.training_data
    return data.name if data.is_form else data.words


def _data_key(experiment: Experiment) -> str:
    """What tells data apart. Searches that ran elsewhere share a stand-in: nobody knows whether it was the same.

    The same version of code provides the same arrays.
    """
    if experiment.is_elsewhere:
        return f"elsewhere {experiment.pk}"
    if not experiment.training_data.is_form:
        return f"code {experiment.hypermodel_version_id}"
    return str(experiment.dataset_version_id)


def rule_words(experiment: Experiment) -> str:
    """How its trials are judged, short enough for a chip."""
    if experiment.is_elsewhere:
        return "not recorded: run elsewhere"
    return protocol_words(experiment)


def _judges_itself(experiment: Experiment) -> bool:
    """Whether its code brings the rows that validate, whatever the split holds."""
    return not experiment.is_elsewhere and bool(experiment.training_data.validation)


def _rules(experiment: Experiment, protocol: Protocol) -> str:
    """All that decides who is judged on what; racing only ends a trial sooner."""
    if _judges_itself(experiment):
        return f"{protocol_words(experiment)}, validation rows of version {experiment.hypermodel_version_id}"
    split_by = SPLIT_BY[protocol.respecting]
    share = protocol.locked_test_share
    test = (
        "the dataset's test set"
        if share is None
        else f"{share:.0%} locked test set"
        if share
        else "no test set"
    )
    return f"{protocol.words}, {split_by}, {test}"


def _objective(experiment: Experiment) -> str:
    direction = "higher" if experiment.direction == "maximize" else "lower"
    return f"{experiment.objective_words}, {direction} is better, {experiment.score_words}"


def _distinct(values: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """The short words where they are distinct, else longer ones."""
    if len(set(words)) == len(set(values)):
        return tuple(words)
    if all(value.isdigit() for value in values):  # datasets of one name
        return tuple(f"{word} (no. {value})" for word, value in zip(words, values, strict=True))
    return tuple(values)
