"""Template tags of live pages."""

from django import template
from django.http import HttpRequest
from django.urls import reverse

from experiments.models import Experiment
from experiments.stack.open_pages.connection import place_of

register = template.Library()


@register.simple_tag
def follow_address(request: HttpRequest, experiment: Experiment) -> str:
    """The address of the event stream; empty where the web server keeps no page open, and the page polls."""
    if place_of(request.META) is None:
        return ""
    return reverse("chart_data:follow", args=[experiment.code])
