"""Room: reports. Which experiments a list shows: filters by state, sampler, person, date and text."""

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from experiments.models import Experiment, SpaceVersion

HYPERPARAMETER_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class ExperimentFilter:
    """Filters of a list; empty fields match everything."""

    text: str = ""
    state: str = ""
    sampler: str = ""
    person: str = ""
    tag: str = ""
    since: str = ""
    until: str = ""
    archived: bool = False

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "ExperimentFilter":
        """Read an address's query; unknown parts are dropped."""

        def text(name: str) -> str:
            return query.get(name, "").replace("\0", "").strip()[:LONGEST_TEXT]

        return cls(
            text=text("q"),
            state=text("state"),
            sampler=text("sampler"),
            person=text("person"),
            tag=text("tag"),
            since=_date_or_nothing(text("since")),
            until=_date_or_nothing(text("until")),
            archived=query.get("archived") == "1",
        )

    @property
    def is_empty(self) -> bool:
        """Whether it matches everything that is not archived."""
        return self == ExperimentFilter()

    def apply(self, experiments: QuerySet[Experiment]) -> QuerySet[Experiment]:
        if not self.archived:
            experiments = experiments.filter(archived=None)
        if self.state:
            experiments = experiments.filter(state=self.state)
        if self.sampler:
            experiments = experiments.filter(sampler=self.sampler)
        if self.person:
            experiments = experiments.filter(created_by__username=self.person)
        if self.since:
            experiments = experiments.filter(created__gte=_start_of(self.since))
        if self.until:
            end = _start_of(self.until) + datetime.timedelta(days=1)
            experiments = experiments.filter(created__lt=end)
        if self.tag:
            experiments = _with_tags_text(experiments).filter(_json_text("tags_text", self.tag))
        return containing(experiments, self.text) if self.text else experiments


def containing(experiments: QuerySet[Experiment], text: str) -> QuerySet[Experiment]:
    """Experiments with every word of `text` in a name, note, tag or hyperparameter's name."""
    experiments = _with_tags_text(experiments)
    for word in text.replace("\0", "").split()[:8]:
        found = Q(name__icontains=word) | Q(notes__icontains=word) | _json_text("tags_text", word)
        if HYPERPARAMETER_NAME.fullmatch(word):
            found |= Q(Exists(_spaces_naming(word)))
        experiments = experiments.filter(found)
    return experiments


def _spaces_naming(word: str) -> QuerySet[SpaceVersion]:
    """Spaces that tune or hold a name with `word` in it; the JSON's other texts don't count."""
    return (
        SpaceVersion.objects.filter(experiment=OuterRef("pk"))
        .annotate(space_text=Cast("space", TextField()))
        .filter(space_text__iregex=rf'"name": ?"[^"]*{re.escape(word)}')
    )


def _with_tags_text(experiments: QuerySet[Experiment]) -> QuerySet[Experiment]:
    return experiments.annotate(tags_text=Cast("tags", TextField()))


def _json_text(field: str, word: str) -> Q:
    """Match a word in stored JSON, which may hold letters beyond ASCII as escapes."""
    escaped = json.dumps(word)[1:-1]
    return Q(**{f"{field}__icontains": word}) | Q(**{f"{field}__icontains": escaped})


def _date_or_nothing(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _start_of(day: str) -> datetime.datetime:
    return timezone.make_aware(
        datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time())
    )
