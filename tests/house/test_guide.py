"""The guide names what the product has: a new sampler, pruner or command fails here until it is described."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from experiments.search.strategies.registry import PRUNERS, SAMPLERS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
COMMANDS = ROOT / "experiments" / "management" / "commands"


def headings(page: str) -> set[str]:
    text = (GUIDE / page).read_text(encoding="utf-8")
    return set(re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE))


@pytest.mark.parametrize("slug", sorted({**SAMPLERS, **PRUNERS}))
def test_every_strategy_has_a_heading(slug: str):
    assert slug in headings("search.md")


@pytest.mark.parametrize("name", sorted(path.stem for path in COMMANDS.glob("[!_]*.py")))
def test_every_command_has_a_heading(name: str):
    assert name in headings("commands.md")


@pytest.mark.parametrize("page", sorted(path.name for path in GUIDE.glob("*.md")))
def test_every_link_of_the_guide_leads_somewhere(page: str):
    text = (GUIDE / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (GUIDE / link).exists()] == []


@pytest.mark.parametrize(
    "variable",
    sorted(
        set(
            re.findall(
                r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "tuning_site" / "settings.py").read_text()
            )
        )
    ),
)
def test_every_setting_is_described(variable: str):
    assert f"`{variable}`" in (GUIDE / "settings.md").read_text(encoding="utf-8")


def test_the_tables_of_plan_values_are_those_that_the_declarations_make():
    """`manage.py plan_values` prints them: put its output below the page's first paragraphs."""
    printed = StringIO()
    call_command("plan_values", stdout=printed)
    page = (GUIDE / "plan.md").read_text(encoding="utf-8")
    assert page[page.index("## ") :] == printed.getvalue()
