"""Reports: the best score so far of several experiments, as small step lines. Imports models."""

from collections.abc import Iterable, Sequence

from django.db.models import Case, F, FloatField, Max, When, Window

from experiments.models import Experiment, Trial

WIDTH, HEIGHT = 120.0, 28.0
LARGEST = 1e300  # PostgreSQL keeps NaN and infinity as scores; neither is ever the best
Step = tuple[int, float]  # the trial's number, and the best score from there on


def improvements(experiments: Iterable[Experiment]) -> dict[int, list[Step]]:
    """Where each experiment's best score became better, by its key; one query."""
    # The larger the better, whichever way the objective points.
    gain = Case(
        When(experiment__direction="maximize", then=F("score")),
        default=-F("score"),
        output_field=FloatField(),
    )
    best = Window(Max(gain), partition_by=F("experiment"), order_by=F("number").asc())
    scored = Trial.objects.filter(
        experiment__in=list(experiments),
        state=Trial.State.COMPLETED,
        score__range=(-LARGEST, LARGEST),
        set_aside="",
    )
    rows = scored.annotate(gain=gain, best=best).filter(gain=F("best")).order_by("number")
    found: dict[int, list[Step]] = {}
    for key, number, score in rows.values_list("experiment", "number", "score"):
        steps = found.setdefault(key, [])
        if score is not None and (not steps or steps[-1][1] != score):
            steps.append((number, score))
    return found


def step_points(steps: Sequence[Step], last: int) -> str:
    """Points of an SVG polyline, the first trial at the left and trial `last` at the right.

    Flat in the middle while nothing became better; empty before a second trial.
    """
    if not steps or (len(steps) == 1 and last <= steps[0][0]):
        return ""
    if len(steps) == 1:
        return f"{steps[0][0] * WIDTH / last:.1f},{HEIGHT / 2:.1f} {WIDTH:.1f},{HEIGHT / 2:.1f}"
    low = min(score for _, score in steps)
    scale = (HEIGHT - 4) / ((max(score for _, score in steps) - low) or 1.0)
    wide = WIDTH / max(last, steps[-1][0], 1)
    points: list[tuple[float, float]] = []
    for number, score in steps:
        height = HEIGHT - 2 - (score - low) * scale
        if points:
            points.append((number * wide, points[-1][1]))
        points.append((number * wide, height))
    points.append((max(last, steps[-1][0]) * wide, points[-1][1]))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
