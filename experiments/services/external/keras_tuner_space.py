"""The search space of KerasTuner scripts, learned from their trials.

`Experiment.source` keeps their own entries beside the space that samplers search: KerasTuner
identifies hyperparameters by name and conditions together, and its scripts must get theirs back as they are.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from experiments.interop.imported_search import strict
from experiments.interop.keras_tuner.export import entry_of
from experiments.interop.keras_tuner.hyperparameters import ReadSpace, UnknownKind, read_space
from experiments.interop.keras_tuner.message_conversion import Entry, parents_first
from experiments.interop.keras_tuner.space_entries import identity, merged
from experiments.models import Experiment
from experiments.search.problems import SpaceError
from experiments.search.space.space import Space
from experiments.services.experiments.states import lock_experiment
from experiments.services.external.searches import new_version, newest_space

FORMAT = "keras_tuner"


def entries_of(experiment: Experiment, space: Space) -> tuple[Entry, ...]:
    """All entries: as scripts reported them, and those of the space that none reported, in their format."""
    reported = tuple(experiment.source.get("space", ()))
    known = {entry["config"]["name"] for entry in reported}
    there = names_there(experiment)
    mine = [row for row in space.hyperparameters if there.get(row.name, row.name) not in known]
    return parents_first((*reported, *(entry_of(row, space) for row in mine)))


def names_there(experiment: Experiment) -> dict[str, str]:
    """{name here: the script's} of names that a space can't have as scripts write them."""
    return dict(experiment.source.get("names", {}))


def learn_entries(experiment_pk: int, reported: Sequence[Entry]) -> Experiment:
    """Add what scripts reported and the space lacks; what is known stays as it is.

    A space that people edited keeps their edits: a row changes only where a script declares its name
    under further conditions.

    Raises: UnknownKind for entries that no space can hold.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        version, space = newest_space(experiment)
        known = entries_of(experiment, space)
        every = merged(known, reported)
        seen = {identity(entry) for entry in known}
        new = [entry for entry in every if identity(entry) not in seen]
        if not new:
            return experiment
        read = read_space(every)
        experiment.source = _source(experiment, every, read)
        Experiment.objects.filter(pk=experiment.pk).update(source=experiment.source)
        names = {read.names[entry["config"]["name"]] for entry in new}
        grown = _grown(space, read.space, names)
        if grown != space:
            new_version(experiment, version, grown)
    return experiment


def _source(experiment: Experiment, entries: Sequence[Entry], read: ReadSpace) -> dict[str, Any]:
    renamed = {here: there for there, here in read.names.items() if here != there}
    return {
        **experiment.source,
        "format": FORMAT,
        "space": strict(list(entries)),
        "names": renamed,
        "notes": [str(strict(note)) for note in read.notes],
    }


def _grown(space: Space, read: Space, names: set[str]) -> Space:
    """The space with the rows of these names as they were read now."""
    rows = {row.name: row for row in space.hyperparameters}
    rows |= {row.name: row for row in read.hyperparameters if row.name in names}
    try:
        return Space(tuple(rows.values()), space.constraints)
    except SpaceError as error:
        raise UnknownKind(error.problems[0].message) from error
