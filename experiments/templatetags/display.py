"""Template tags for numbers, times, states and icons: pure formatting."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from urllib.parse import quote

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from experiments import number_words
from experiments.evaluation.expected_words import estimate_words

register = template.Library()

# state -> (word, icon); shape and word beside the colour, never colour alone
STATES = {
    "draft": ("Draft", "circle"),
    "queued": ("Queued", "circle-dashed"),
    "waiting": ("Waiting", "circle-dashed"),
    "running": ("Running", "circle"),
    "pausing": ("Pausing", "pause"),
    "paused": ("Paused", "pause"),
    "stopping": ("Stopping", "square"),
    "stopped": ("Stopped", "square"),
    "completed": ("Completed", "check"),
    "pruned": ("Pruned", "scissors"),
    "failed": ("Failed", "x"),
    "imported": ("Imported", "download"),
    "uploaded": ("Uploaded", "circle"),
    "preparing": ("Preparing", "circle-dashed"),
    "ready": ("Ready", "check"),
}
PALETTE_SIZE = 8
OWN_SPELLING = {"tensorflow": "TensorFlow", "numpy": "NumPy", "keras_tuner": "KerasTuner"}

register.filter("estimate_words", estimate_words)
register.filter("figures", number_words.figures)
register.filter("plain", number_words.plain)
register.filter("decimals", number_words.decimals)
register.filter("signed", number_words.signed)
register.filter("spread", number_words.spread)
register.filter("compact", number_words.compact)
register.filter("thousands", number_words.thousands)
register.filter("duration", number_words.duration)
register.filter("brief", number_words.brief)
register.filter("size", number_words.size)

ARRAY_TYPES = {"f": "float", "i": "int", "u": "uint"}


@register.filter
def array_type(dtype: str) -> str:
    """NumPy's short code of an array's type as people know it: "<f4" is float32."""
    kind, width = dtype.lstrip("<>|=")[:1], dtype.lstrip("<>|=")[1:]
    if kind in ARRAY_TYPES:
        return f"{ARRAY_TYPES[kind]}{8 * int(width)}"
    return "bool" if kind == "b" else "text"


@register.filter
def breakable(text: str) -> SafeString:
    """A long name that may go on in the next line after an underscore, rather than anywhere."""
    return format_html_join(mark_safe("_<wbr>"), "{}", ((part,) for part in text.split("_")))


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the sprite; it says nothing to a screen reader."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def logo() -> SafeString:
    """The product's mark."""
    return format_html(
        '<svg class="logo" aria-hidden="true" width="20" height="20"><use href="{}#logo"></use></svg>',
        static("vendor/icons.svg"),
    )


@register.simple_tag
@cache
def tab_icon() -> str:
    """The mark as an address that holds it: one request less for each page."""
    drawing = (settings.BASE_DIR / "static" / "img" / "logo.svg").read_text(encoding="utf-8")
    return f"data:image/svg+xml,{quote(drawing.strip())}"


@register.simple_tag
def state(value: str) -> SafeString:
    """A state as icon and word."""
    word, shape = STATES.get(value, (value.capitalize(), "circle"))
    return format_html('<span class="state state-{}">{}{}</span>', value, icon(shape), word)


@register.simple_tag
def state_icon(value: str) -> SafeString:
    """A state as its icon, the word for screen readers and on hover."""
    word, shape = STATES.get(value, (value.capitalize(), "circle"))
    return format_html(
        '<span class="state state-{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
        value,
        word,
        icon(shape),
        word,
    )


@register.simple_tag
def state_shape(value: str) -> SafeString:
    """A state's icon alone, where its word stands beside it."""
    return icon(STATES.get(value, ("", "circle"))[1])


@register.simple_tag
def number(value: float | None) -> SafeString:
    """A score with four significant digits, full precision on hover."""
    if value is None:
        return format_html('<span class="faint">{}</span>', number_words.NOTHING)
    return format_html(
        '<span class="num" title="{}">{}</span>', repr(value), number_words.figures(value)
    )


@register.simple_tag
def score(value: float | None, spread: float | None = None, n: int | None = None) -> SafeString:
    """A score ± its spread; the hover says of what."""
    if value is None or spread is None:
        return number(value)
    return format_html(
        '{} <span class="quiet num" title="standard deviation{}: {}">± {}</span>',
        number(value),
        f" over {n} executions" if n else "",
        repr(spread),
        number_words.spread(spread),
    )


@register.simple_tag
def swatch(trial_number: int) -> SafeString:
    """The square in a trial's colour, the same on every page and chart."""
    return format_html(
        '<span class="swatch trial-c{}" aria-hidden="true"></span>', trial_number % PALETTE_SIZE
    )


@register.simple_tag
def when(moment: datetime | None) -> SafeString:
    """How long ago, the moment itself on hover."""
    if moment is None:
        return format_html('<span class="faint">{}</span>', number_words.NOTHING)
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        local.strftime("%d %b %Y, %H:%M:%S %Z"),
        ago(moment),
    )


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago in one unit; the date when it is more than a week."""
    if moment is None:
        return number_words.NOTHING
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 5:
        return "just now"
    if seconds < 7 * 86_400:
        return f"{number_words.duration(seconds).split(' ', 2)[0]} {_unit(seconds)} ago"
    return timezone.localtime(moment).strftime("%d %b %Y")


def _unit(seconds: float) -> str:
    return number_words.duration(seconds).split(" ")[1]


@register.filter
def stamp(moment: datetime | None) -> str:
    """Day and time to the second."""
    if moment is None:
        return number_words.NOTHING
    return timezone.localtime(moment).strftime("%d %b %Y, %H:%M:%S")


@register.filter
def short_stamp(moment: datetime | None) -> str:
    """Day and time to the minute, where there is little room."""
    if moment is None:
        return number_words.NOTHING
    return timezone.localtime(moment).strftime("%d %b, %H:%M")


@register.filter
def clock(moment: datetime | None) -> str:
    """The time of day."""
    return number_words.NOTHING if moment is None else timezone.localtime(moment).strftime("%H:%M")


@register.filter
def percent(share: float | None) -> str:
    """A share as whole percents."""
    return number_words.NOTHING if share is None else f"{share * 100:.0f} %"


@register.filter
def shares(bounds: tuple[float, float]) -> str:
    """The lowest and highest of some shares, in percent; once where they are alike."""
    low, high = (f"{bound * 100:.1f}" for bound in bounds)
    return low if low == high else f"{low}–{high}"


@register.filter
def signed_percent(share: float | None) -> str:
    """A relative difference: +32 %."""
    if share is None or round(share * 100) == 0:
        return number_words.NOTHING
    return f"{'+' if share > 0 else number_words.MINUS}{abs(share) * 100:.0f} %"


@register.filter
def duration_range(bounds: tuple[float, float]) -> str:
    """Two lengths of time as one range; its unit only once where both share it."""
    low, high = (number_words.duration(bound) for bound in bounds)
    if bounds[0] == 0:  # nothing is known yet but the budget
        return f"up to {high}"
    if low == high:
        return high
    low_words, high_words = low.split(" "), high.split(" ")
    if len(low_words) == len(high_words) == 2 and low_words[1] == high_words[1]:
        return f"{low_words[0]}–{high}"
    return f"{low} – {high}"


@register.filter
def colour(trial_number: int) -> int:
    """The trial's place in the palette."""
    return trial_number % PALETTE_SIZE


@register.filter
def at(found: Mapping[str, object], key: str) -> object:
    """One value of a mapping whose key is a variable; None where it has no such key."""
    return found.get(key)


@register.filter
def words(slug: str) -> str:
    """A closed set's value as words: out_of_memory → out of memory, nan → diverged (NaN)."""
    return "diverged (NaN)" if slug == "nan" else slug.replace("_", " ")


@register.filter
def listed(value: object) -> str:
    """A stored value as the log shows it: lists and mappings with commas."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return "" if value is None else str(value)


@register.filter
def software(name: str) -> str:
    """A package as its makers write it: tensorflow → TensorFlow."""
    return OWN_SPELLING.get(name, name.capitalize())
