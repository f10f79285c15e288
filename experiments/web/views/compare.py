"""Room: web. Two to ten trials of a project side by side; the address is the whole view."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Experiment, Purpose, Role
from experiments.reports.compare import FEWEST, MOST, Compared, compared, comparison

PICKABLE = 50


@login_required
@require_safe
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    wanted = read_trials(request.GET.get("trials", ""))
    columns = compared(project.pk, wanted)
    enough = len(columns) >= FEWEST
    pickable = Experiment.objects.filter(
        project=project, purpose=Purpose.SEARCH, archived=None
    ).order_by("-updated")
    return render(
        request,
        "compare/detail.html",
        {
            "project": project,
            "columns": [(column, _links(columns, column)) for column in columns],
            "comparison": comparison(columns) if enough else None,
            "missing": len(dict.fromkeys(wanted)) - len(columns) if wanted else 0,
            "most": MOST,
            "full": len(columns) >= MOST,
            "pickable": pickable[:PICKABLE],
            "keys": ",".join(column.key for column in columns),
            "chart": {"columns": [_chart_column(column) for column in columns]},
            "objective": columns[0].experiment.objective if columns else "",
            "one_experiment": columns[0].experiment
            if columns and len({column.experiment.pk for column in columns}) == 1
            else None,
        },
        status=200,
    )


def read_trials(text: str) -> list[tuple[UUID, int]]:
    """`code:number` pairs of a comma list; what can't be read is left out."""
    pairs = []
    for word in text.split(",")[: 4 * MOST]:
        code, _, number = word.strip().partition(":")
        if number.isascii() and number.isdigit() and len(number) < 10:
            try:
                pairs.append((UUID(code), int(number)))
            except ValueError:
                continue
    return pairs


def _links(columns: tuple[Compared, ...], column: Compared) -> dict[str, str]:
    """Addresses of the same view with this column as the base, and without it."""
    others = [other.key for other in columns if other is not column]
    return {
        "base": "?" + urlencode({"trials": ",".join([column.key, *others])}, safe=":,"),
        "without": "?" + urlencode({"trials": ",".join(others)}, safe=":,"),
    }


def _chart_column(column: Compared) -> dict[str, object]:
    return {
        "code": str(column.experiment.code),
        "number": column.trial.number,
        "label": column.label,
        "colour": column.colour,
    }
