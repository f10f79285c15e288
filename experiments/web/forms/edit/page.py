"""The edit page as its template draws it, and as flat text, by which two people's edits are merged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from experiments.models import Experiment
from experiments.search.problems import Problem
from experiments.search.reading import Reader
from experiments.search.space.changes import RowChange, row_words
from experiments.search.space.hyperparameter_json import read_row
from experiments.search.strategies.registry import PRUNERS, SAMPLERS
from experiments.web.forms.edit.search import SearchEdit
from experiments.web.forms.edit.values import ExperimentEdit
from experiments.web.forms.experiment.fields import LABELS, field_views
from experiments.web.forms.experiment.form import ExperimentForm, FieldError
from experiments.web.forms.experiment.page import RowView, row_views
from experiments.web.forms.experiment.space_rows import SpaceRow
from experiments.web.forms.experiment.strategies import StrategyView, choosable, strategy_views
from experiments.web.forms.plan_field import FieldView

PARTS = {
    "tune": "tuned",
    "min": "from",
    "max": "to",
    "only_if": "only if",
}
SEPARATOR = ": "


@dataclass(frozen=True, slots=True)
class EditRow:
    """One row of the space. was: how it is stored, where it is another now; is_new: not in the space."""

    view: RowView
    was: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class EditPage:
    """The part of the page about the search itself. was: stored sampler and pruner, where others stand now."""

    fields: dict[str, FieldView]
    rows: tuple[EditRow, ...]
    samplers: tuple[StrategyView, ...]
    pruners: tuple[StrategyView, ...]
    was: Mapping[str, str]


def edit_page(search: SearchEdit | None, errors: tuple[FieldError, ...]) -> EditPage | None:
    """Shape the form for its template; None for what is no search."""
    if search is None:
        return None
    at: dict[str, str] = {}
    for error in errors:
        at.setdefault(error.field, error.message)
    changed = search.changed_rows()
    was = {
        name: search.stored.fields[name] or "none"
        for name in ("constraints", "sampler", "pruner")
        if search.stored.fields[name] != search.form.fields[name]
    }
    own = search.own
    samplers = choosable(SAMPLERS, own.samplers, search.form.fields["sampler"])
    pruners = choosable(PRUNERS, own.pruners, search.form.fields["pruner"])
    choices = {
        role: tuple((slug, kind.label) for slug, kind in kinds.items())
        for role, kinds in (("sampler", samplers), ("pruner", pruners))
    }
    fields = field_views(search.form.fields, at, choices)
    fields["space"] = FieldView("space", "", at.get("space", ""))
    return EditPage(
        fields=fields,
        rows=tuple(
            EditRow(
                view=view,
                was=_words(changed.get(view.fields["name"])),
                is_new=view.fields["name"] in search.new,
            )
            for view in row_views(search.form, at, {})
        ),
        samplers=strategy_views(search.form, at, "sampler", samplers),
        pruners=strategy_views(search.form, at, "pruner", pruners),
        was=was,
    )


def _words(row: SpaceRow | None) -> str:
    if row is None:
        return ""
    problems: list[Problem] = []
    found = read_row(Reader(row.to_json(), problems=problems))
    return "" if found is None else row_words(found)


def flat(plain: ExperimentEdit, search: SearchEdit | None) -> dict[str, str]:
    """Everything on the page by its name; a row's fields bear the row's name."""
    found = dict(plain.fields)
    if search is not None:
        found |= search.form.fields
        for row in search.form.rows:
            for part, value in row.fields.items():
                if part not in ("name", "help", "unit"):
                    found[_row_name(row, part)] = value
    return found


def plain_changes(experiment: Experiment, plain: ExperimentEdit) -> tuple[RowChange, ...]:
    """The fields beside the search's own settings that differ from what is stored."""
    before = ExperimentEdit.of(experiment).fields
    return tuple(
        RowChange(LABELS[name], before[name], text)
        for name, text in plain.fields.items()
        if before[name] != text
    )


def unflat(
    fields: Mapping[str, str], plain: ExperimentEdit, stored: SearchEdit | None
) -> tuple[ExperimentEdit, SearchEdit | None]:
    """The forms that hold this text."""
    plain = plain.with_fields(fields)
    if stored is None:
        return plain, None
    others = {
        name: text
        for name, text in fields.items()
        if SEPARATOR not in name and name not in plain.fields
    }
    rows = [
        SpaceRow(
            row.index,
            {part: fields.get(_row_name(row, part), text) for part, text in row.fields.items()},
        )
        for row in stored.stored.rows
    ]
    return plain, replace(stored, form=ExperimentForm(stored.stored.fields | others, rows))


def read_base(text: str) -> dict[str, str]:
    """The page as it was opened; empty where a script sent none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def _row_name(row: SpaceRow, part: str) -> str:
    return f"{row.fields['name']}{SEPARATOR}{PARTS.get(part, part)}"


@dataclass(frozen=True, slots=True)
class Merged:
    """fields: the form to go on with. taken: names that only the other one changed; both: that both did."""

    fields: dict[str, str]
    taken: tuple[str, ...]
    both: tuple[str, ...]


def merge(base: Mapping[str, str], typed: Mapping[str, str], stored: Mapping[str, str]) -> Merged:
    """What was typed, with what only the other one changed since `base`, which both began from.

    A name without a base counts as changed by both where the two differ.
    """
    fields, taken, both = dict(stored), [], []
    for name, mine in typed.items():
        theirs, began = stored.get(name, mine), base.get(name)
        fields[name] = mine
        if mine == theirs:
            continue
        if mine == began:
            fields[name] = theirs
            taken.append(name)
        elif theirs != began:
            both.append(name)
    return Merged(fields, tuple(taken), tuple(both))
