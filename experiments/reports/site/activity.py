"""Room: reports. The timeline of who did what, by day."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from experiments.models import Activity


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that an edit changed, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One act. `person` is empty when the system itself acted. changes: of an edit, what was what."""

    key: int
    verb: str
    text: str
    person: str
    project_name: str
    project_slug: str
    experiment_code: UUID | None
    experiment_name: str
    trial_number: int | None
    moment: datetime.datetime
    changes: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """The acts of one local day, newest first."""

    date: datetime.date
    lines: tuple[ActivityLine, ...]


def activity_lines(activities: QuerySet[Activity], limit: int) -> tuple[ActivityLine, ...]:
    """The newest acts, in one query."""
    found = activities.select_related("user", "project", "experiment", "trial").order_by("-pk")
    return tuple(_line(activity) for activity in found[:limit])


def by_day(lines: tuple[ActivityLine, ...]) -> tuple[Day, ...]:
    """Group lines by the local day on which they happened."""
    days: dict[datetime.date, list[ActivityLine]] = {}
    for line in lines:
        days.setdefault(timezone.localtime(line.moment).date(), []).append(line)
    return tuple(Day(date, tuple(held)) for date, held in days.items())


def _line(activity: Activity) -> ActivityLine:
    experiment, project = activity.experiment, activity.project
    return ActivityLine(
        key=activity.pk,
        verb=activity.verb,
        text=activity.text,
        person=activity.user.get_username() if activity.user else "",
        project_name=project.name if project else "",
        project_slug=project.slug if project else "",
        experiment_code=experiment.code if experiment else None,
        experiment_name=experiment.name if experiment else "",
        trial_number=activity.trial.number if activity.trial else None,
        moment=activity.created,
        changes=tuple(
            Changed(
                str(change["name"]).replace("_", " "),
                _words(change["before"]),
                _words(change["after"]),
            )
            for change in activity.detail.get("changes", ())
        ),
    )


def _words(value: object) -> str:
    """A stored value as the log shows it."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return "" if value is None else str(value)
