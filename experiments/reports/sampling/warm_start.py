"""Reports: the warm start of a search, for its sampler and for its page. Imports models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from experiments.models import Experiment, WarmStart
from experiments.number_words import plain
from experiments.search import history
from experiments.search.history import EarlierStudy, Enqueued
from experiments.search.space.changes import fitting_start
from experiments.search.space.space import Space
from experiments.search.space.trial_reuse import reasons_in_words, values_in_words

BY_HAND = "Added manually."


@dataclass(frozen=True, slots=True)
class Source:
    """One study on the page. weight: its transfer weight, 0 to 1; None before a model used it.

    kept: of those that fit, how many the models use.
    """

    label: str
    code: str
    objective: str
    found: int
    fitting: int
    kept: int
    left_out: str
    weight: float | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A configuration of the warm start. number: of its trial here; None = not yet."""

    number: int | None
    words: str


@dataclass(frozen=True, slots=True)
class WarmStartPanel:
    """The panel. trial: number of the trial that the weights are from."""

    sources: tuple[Source, ...]
    by_hand: tuple[Tried, ...]
    portfolio: tuple[Tried, ...]
    trial: int | None

    @property
    def lists(self) -> tuple[tuple[str, tuple[Tried, ...]], ...]:
        """The configurations under their titles, without empty lists."""
        titled = (
            ("Added manually", self.by_hand),
            ("Best configurations of the earlier searches", self.portfolio),
        )
        return tuple(
            (f"{title}: {sum(each.number is not None for each in one)} of {len(one)} run", one)
            for title, one in titled
            if one
        )


def record_of(experiment: Experiment) -> WarmStart | None:
    """The stored warm start; None without one."""
    return WarmStart.objects.filter(experiment=experiment).first()


def warm_start_of(experiment: Experiment, record: WarmStart | None) -> history.WarmStart:
    """What the sampler may know beside the trials."""
    if record is None:
        return history.WarmStart()
    usable = [study for study in record.studies if study["values"]]
    return history.WarmStart(
        studies=studies_of(experiment, record),
        by_hand=tuple(Enqueued(values, BY_HAND) for values in record.by_hand),
        portfolio=tuple(
            Enqueued(pick["values"], _why(usable[pick["study"]], pick["place"]))
            for pick in record.portfolio or ()
        ),
    )


def studies_of(experiment: Experiment, record: WarmStart) -> tuple[EarlierStudy, ...]:
    """The studies of which anything fits, under keys that last as long as the record does."""
    return tuple(
        EarlierStudy(
            label=study["label"],
            values=tuple(study["values"]),
            loss=tuple(study["sign"] * score for score in study["scores"]),
            key=_key(experiment, index),
        )
        for index, study in enumerate(record.studies)
        if study["values"]
    )


def warm_start_panel(experiment: Experiment) -> WarmStartPanel | None:
    """The panel of an experiment's page; None without a warm start."""
    record = record_of(experiment)
    if record is None:
        return None
    space = Space.from_dict(experiment.space_versions.order_by("-number")[0].space)
    warm = warm_start_of(experiment, record)
    trial, weights = _weights(experiment, warm)
    keys = [space.key(each.values) for each in (*warm.by_hand, *warm.portfolio)]
    numbers = dict(
        experiment.trials.filter(values_key__in=keys)
        .order_by("-number")
        .values_list("values_key", "number")
    )

    def tried(each: Enqueued, words: str) -> Tried:
        return Tried(numbers.get(space.key(each.values)), words)

    return WarmStartPanel(
        sources=tuple(
            _source(study, weights.get(_key(experiment, index)))
            for index, study in enumerate(record.studies)
        ),
        by_hand=tuple(tried(each, values_in_words(space, each.values)) for each in warm.by_hand),
        portfolio=tuple(tried(each, each.why) for each in warm.portfolio),
        trial=trial,
    )


def _why(study: Mapping[str, Any], place: int) -> str:
    number, score = study["numbers"][place], study["scores"][place]
    where = f"trial {number}" if study["code"] else f"row {number}"
    return (
        f"Among the best of {study['label']}: {where} there, {study['objective']} {plain(score)}."
    )


def _key(experiment: Experiment, index: int) -> str:
    return f"{experiment.code}:{index}"


def _weights(
    experiment: Experiment, warm: history.WarmStart
) -> tuple[int | None, dict[str, float]]:
    """Transfer weights of the last model, by the key of each study that fitted its space."""
    rows = experiment.trials.filter(saw__has_key="weights").order_by("-number")
    trial = rows.select_related("space_version").first()
    if trial is None:
        return None, {}
    version = trial.space_version
    warm = fitting_start(warm, Space.from_dict(version.space), version.counted_as)
    stored = cast(list[float], trial.saw["weights"])
    return trial.number, dict(zip((s.key for s in warm.studies), stored, strict=False))


def _source(study: Mapping[str, Any], weight: float | None) -> Source:
    return Source(
        label=study["label"],
        code=study["code"],
        objective=study["objective"],
        found=study["found"],
        fitting=study["fitting"],
        kept=len(study["values"]),
        left_out=reasons_in_words(study["left_out"]),
        weight=weight,
    )
