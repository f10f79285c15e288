"""Template tags of the comparison: differences with their sign, and a test as a small picture."""

import math
from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from experiments import number_words
from experiments.evaluation.paired_differences import Difference

register = template.Library()

WIDTH, HEIGHT, EDGE = 180.0, 22.0, 4.0


@register.filter
def ended(value: float | None) -> str:
    """A difference or an end of its interval with its sign; a zero is 0."""
    if value is None:
        return number_words.NOTHING
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return number_words.figures(value)
    return number_words.signed(value)


@register.simple_tag
def strip(
    apart: Difference, by_part: Iterable[float | None], low: float, high: float
) -> SafeString:
    """The interval as a bar, its middle as a stroke, each part's difference as a dot, 0 as a line.

    The numbers stand beside it: it says nothing to a screen reader.
    """

    def place(value: float) -> str:
        return f"{EDGE + (WIDTH - 2 * EDGE) * (value - low) / (high - low):.1f}"

    dots = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="2.2"></circle>',
        ((place(value), HEIGHT / 2) for value in by_part if value is not None),
    )
    bar: SafeString | str = ""
    if apart.low is not None and apart.high is not None:
        bar = format_html(
            '<line class="strip-bar" x1="{}" x2="{}" y1="{}" y2="{}"></line>',
            *(place(apart.low), place(apart.high), HEIGHT / 2, HEIGHT / 2),
        )
    return format_html(
        '<svg class="strip" viewBox="0 0 {} {}" aria-hidden="true">'
        '<line class="strip-zero" x1="{}" x2="{}" y1="0" y2="{}"></line>{}{}'
        '<line class="strip-mean" x1="{}" x2="{}" y1="4" y2="{}"></line></svg>',
        *(f"{WIDTH:.0f}", f"{HEIGHT:.0f}", place(0.0), place(0.0), f"{HEIGHT:.0f}"),
        *(bar, dots, place(apart.mean), place(apart.mean), f"{HEIGHT - 4:.0f}"),
    )
