"""Reports: what an edit of a search would do to its trials, before it is saved. Imports models."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.models import Activity, Experiment, SpaceVersion, Trial
from experiments.reports.trials.all_trials import read_columns
from experiments.search.space.changes import (
    RowChange,
    SearchSettings,
    counted,
    counted_as,
    row_changes,
    standing,
)
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import reasons_in_words

State = Trial.State
WAITING = (State.WAITING, State.PAUSED)


@dataclass(frozen=True, slots=True)
class EditEffect:
    """Counts of trials and of configurations that wait. outside: why, in words.

    scored, scored_staying: trials with a score, and those of them that still teach the sampler.
    size, new_size: configurations of the space before and after; None without an end.
    """

    rows: tuple[RowChange, ...]
    others: tuple[RowChange, ...]
    total: int
    staying: int
    scored: int
    scored_staying: int
    outside: str
    running_outside: int
    held_outside: int
    queued: int
    queued_outside: int
    paused: int
    older_count_with: tuple[tuple[str, str], ...]
    new_size: int | None
    space_changes: bool

    @property
    def leaving(self) -> int:
        """Trials that no longer teach."""
        return self.total - self.staying

    @property
    def nothing_left(self) -> bool:
        """Whether every configuration of the new space was tried."""
        return self.new_size is not None and self.staying >= self.new_size

    @property
    def pruner_changes(self) -> bool:
        """Whether paused trials get another pruner."""
        return any(change.name.startswith("pruner") for change in self.others)


def edit_effect(
    experiment: Experiment, version: SpaceVersion, search: SearchSettings
) -> EditEffect:
    """Work it out; two queries, whatever the number of trials."""
    old = Space.from_dict(version.space)
    older = counted_as(old, search.space, version.counted_as)
    read = read_columns(experiment.trials.order_by(), ("pk", "state", "score", "values"))
    trials = {
        pk: (state, score is not None, counted(values, older))
        for pk, state, score, values in zip(*read.values(), strict=True)
    }
    found = standing(search.space, ((pk, values) for pk, (_, _, values) in trials.items()))
    states = [trials[pk][0] for pk in found.outside]
    queued = experiment.queued.filter(trial=None, withdrawn=None).values_list("pk", "values")
    waiting = standing(search.space, ((pk, counted(values, older)) for pk, values in queued))
    rows = row_changes(old, search.space)
    return EditEffect(
        rows=rows,
        others=_others(experiment, search),
        total=len(trials),
        staying=len(found.fitting),
        scored=sum(scored for _, scored, _ in trials.values()),
        scored_staying=sum(trials[pk][1] for pk in found.fitting),
        outside=reasons_in_words(found.reasons),
        running_outside=states.count(State.RUNNING),
        held_outside=sum(state in WAITING for state in states),
        queued=len(waiting.fitting) + len(waiting.outside),
        queued_outside=len(waiting.outside),
        paused=sum(state == State.PAUSED for state, _, _ in trials.values()),
        older_count_with=tuple(
            (name, str(value)) for name, value in older.items() if name not in old
        ),
        new_size=search.space.size(),
        space_changes=bool(rows),
    )


def _others(experiment: Experiment, search: SearchSettings) -> tuple[RowChange, ...]:
    """Sampler and pruner, each with its options."""
    changes = []
    for role in ("sampler", "pruner"):
        before, after = getattr(experiment, role), getattr(search, role)
        changes.append(RowChange(role, before, after))
        old, new = getattr(experiment, f"{role}_options"), getattr(search, f"{role}_options")
        changes.append(RowChange(f"{role} options", _options(old), _options(new)))
    return tuple(change for change in changes if change.before != change.after)


def _options(options: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(options.items()))


def last_edit(experiment: Experiment) -> Activity | None:
    """The newest edit, with who made it."""
    found = Activity.objects.filter(experiment=experiment, verb="experiment.edited")
    return found.select_related("user").order_by("-pk").first()
