"""Reports: score distributions of the project's searches that are comparable with this one. Imports models."""

from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Count

from experiments.models import Experiment, Purpose, Trial
from experiments.reports.experiments.head import protocol_words
from experiments.reports.figures import finite_list, thinned
from experiments.search.reading import read_code

MOST_OFFERED: Final = 30  # the newest
MOST_CHOSEN: Final = 5
MOST_POINTS: Final = 500  # of an experiment's distribution


def read_codes(text: str) -> list[UUID]:
    """Codes out of an address; what is none is left out."""
    codes = map(read_code, text.split(",")[:MOST_OFFERED])
    return [code for code in codes if code is not None]


def distribution_report(experiment: Experiment, chosen: list[UUID]) -> dict[str, Any]:
    """Which experiments there are, why some can't be compared, and the scores of the chosen ones.

    Four queries. Scores are sorted, at most 500 of them, at equal steps of their share.
    """
    others = list(
        Experiment.objects.filter(
            project=experiment.project_id,
            purpose=Purpose.SEARCH,
            objective=experiment.objective,
            direction=experiment.direction,
        )
        .exclude(pk=experiment.pk)
        .select_related("dataset_version__dataset")
        .order_by("-created")[:MOST_OFFERED]
    )
    # By an index that holds all that it asks for: rows would grow with the trials of the project.
    counted = Trial.objects.filter(Trial.SCORED, experiment__in=others).order_by()
    counts = dict(counted.values_list("experiment").annotate(Count("pk")))
    unlike = {other.pk: unlike_words(experiment, other) for other in others}
    drawn = [o for o in others if o.code in chosen and not unlike[o.pk]][:MOST_CHOSEN]
    scores: dict[int, list[float]] = {other.pk: [] for other in drawn}
    rows = Trial.objects.filter(Trial.SCORED, experiment__in=drawn)
    for pk, score in rows.order_by("score").values_list("experiment", "score"):
        scores[pk].append(cast(float, score))
    return {
        "others": [
            {
                "code": str(other.code),
                "name": other.name,
                "scored": counts.get(other.pk, 0),
                "unlike": unlike[other.pk],
            }
            for other in others
        ],
        "drawn": [
            {"code": str(each.code), "n": len(scores[each.pk]), "scores": _points(scores[each.pk])}
            for each in drawn
        ],
    }


def unlike_words(one: Experiment, other: Experiment) -> str:
    """Why scores of two experiments can't be ranked; empty where they can.

    The split hash is made of the data, the protocol and the seed of the split: equal hashes mean
    the same rows in the same parts.
    """
    if one.is_elsewhere or other.is_elsewhere:
        return "run elsewhere: data and split not recorded"
    if one.dataset_version_id != other.dataset_version_id:
        return f"different data: {other.training_data.name}"
    are_code = {each.training_data.is_form is not True for each in (one, other)}
    if True in are_code and one.hypermodel_version_id != other.hypermodel_version_id:
        return f"different data: {other.training_data.words}"
    if protocol_words(one) != protocol_words(other):
        return f"different protocol: {protocol_words(other)}"
    if one.split_hash != other.split_hash:
        return "different split"
    if (one.score_rule, one.expression) != (other.score_rule, other.expression):
        return "different trial score or expression"
    return ""


def _points(scores: list[float]) -> list[float]:
    return thinned([score for score in finite_list(scores, 7) if score is not None], MOST_POINTS)
