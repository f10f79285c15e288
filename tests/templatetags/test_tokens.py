"""Colours of text stand out from what they lie on, in both themes (WCAG AA: 4.5 to 1)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "static/css/tokens.css").read_text()
TEXT = (
    "ink",
    "ink-2",
    "accent",
    "running",
    "completed",
    "failed",
    "pruned",
    "paused",
    "stopped",
    "waiting",
    "draft",
)


def colours(theme):
    block = TOKENS.split(f'[data-bs-theme="{theme}"] {{')[1].split("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "panel", "hover"])
@pytest.mark.parametrize("name", TEXT)
def test_text_can_be_read(theme, ground, name):
    found = colours(theme)
    assert contrast(found[name], found[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_best_row_and_the_accent_button_can_be_read(theme):
    found = colours(theme)
    assert contrast(found["ink"], found["best-row"]) >= 4.5
    assert contrast(found["ink-2"], found["best-row"]) >= 4.5
    assert contrast(found["accent-ink"], found["accent"]) >= 4.5
    assert contrast(found["accent"], found["accent-soft"]) >= 4.5
