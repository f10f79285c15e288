"""Reports: the timeline of who did what, by day. Imports models."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from experiments.models import Activity


@dataclass(frozen=True, slots=True)
class Day:
    """The acts of one local day, newest first."""

    date: datetime.date
    lines: tuple[Activity, ...]


def activity_lines(activities: QuerySet[Activity], limit: int) -> tuple[Activity, ...]:
    """The newest acts with their person, experiment and trial, in one query."""
    found = activities.select_related("user", "experiment", "trial").order_by("-pk")
    return tuple(found[:limit])


def by_day(lines: Sequence[Activity]) -> tuple[Day, ...]:
    """Group lines by the local day on which they happened."""
    days: dict[datetime.date, list[Activity]] = {}
    for line in lines:
        days.setdefault(timezone.localtime(line.created).date(), []).append(line)
    return tuple(Day(date, tuple(acts)) for date, acts in days.items())
