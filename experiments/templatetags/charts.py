"""Template tags that draw a chart of the registry: as a panel, or its box within another's panel."""

from typing import Any

from django import template
from django.urls import reverse

from experiments.models import Experiment
from experiments.reports.analysis.charts import CHARTS, Chart

register = template.Library()


@register.simple_tag
def chart_words(name: str) -> Chart:
    """What the chart says of itself."""
    return CHARTS[name]


@register.inclusion_tag("partials/_chart_box.html")
def chart_box(name: str, *, opens: bool = True) -> dict[str, Any]:
    """Where it is drawn, how to read it, and the place of its table. opens: a click opens a trial."""
    return {"chart": CHARTS[name], "opens": opens}


@register.inclusion_tag("partials/_chart.html")
def chart(name: str, experiment: Experiment) -> dict[str, Any]:
    """A whole panel; its element gets the addresses that it reads."""
    found = CHARTS[name]
    code = [experiment.code]
    attributes = {
        "src": reverse("chart_data:history", args=code),
        "page": reverse("experiments:detail", args=code),
    }
    if found.data:
        attributes["data"] = reverse(f"chart_data:{name}", args=code)
    if found.choosers:
        attributes["importance"] = reverse("chart_data:importance", args=code)
        attributes["address"] = name
    return {"name": name, "chart": found, "attributes": attributes}
