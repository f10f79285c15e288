"""Room: web. The split that a form asks for, dealt out as it would be, and what is told of it."""

from dataclasses import dataclass

from experiments.evaluation.protocol import Protocol, ProtocolError
from experiments.evaluation.split_facts import SplitFacts
from experiments.models import DatasetVersion
from experiments.search.problems import Problem
from experiments.services.datasets.split_facts import facts_of
from experiments.services.datasets.splits import split_of
from experiments.web.forms.split_picture import SplitPicture, split_picture

GONE = "The files of this dataset are missing from the data folder. Prepare it again."


@dataclass(frozen=True, slots=True)
class SplitMeaning:
    """facts and picture are None while the rows can't be dealt out so; `problems` say why."""

    facts: SplitFacts | None = None
    picture: SplitPicture | None = None
    problems: tuple[Problem, ...] = ()


def split_meaning(version_pk: int, protocol: Protocol, seed: int) -> SplitMeaning:
    """Deal the rows of a dataset version out; nothing is written."""
    version = DatasetVersion.objects.get(pk=version_pk)
    try:
        facts = facts_of(version, protocol, split_of(version, protocol, seed))
    except ProtocolError as error:
        problems = tuple(problem.below("protocol") for problem in error.problems)
        return SplitMeaning(problems=problems)
    except FileNotFoundError:
        return SplitMeaning(problems=(Problem("dataset_version", GONE),))
    return SplitMeaning(facts, split_picture(protocol, facts))
