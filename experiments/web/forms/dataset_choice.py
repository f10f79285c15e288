"""Room: web. What is learnt from an uploaded file: one form for each kind of file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from experiments.ingest.checks.columns import INPUTS
from experiments.ingest.columns import MOST_CATEGORIES, ColumnFacts, mixes_units
from experiments.ingest.errors import DataRefused
from experiments.ingest.image_zip import LARGEST_SIDE
from experiments.ingest.readings import MARK_OF
from experiments.ingest.tables import check_input
from experiments.ingest.targets import LEARNT, check_target
from experiments.web.forms.base import Dressed

TASKS = [
    ("classification", "Classification: predict a class"),
    ("regression", "Regression: predict a number"),
]
ARRAYS = ("x", "y", "x_test", "y_test", "x_validation", "y_validation")


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One line of the form's table of columns."""

    index: int
    facts: ColumnFacts
    use: str
    options: list[tuple[str, str]]
    error: str
    parts: tuple[tuple[str, bool], ...] = ()  # of a date, and whether the model gets each

    @property
    def field(self) -> str:
        """The name of its select."""
        return f"use-{self.index}"


class FileChoiceForm(Dressed):
    """What a kind of file needs to be told; opens on the proposal, or on the choice that was refused."""

    def __init__(
        self, inspection: Mapping[str, Any], data: Any = None, previous: Any = None
    ) -> None:
        """inspection: of the file, with its `guess`. previous: the choice that was refused."""
        self.previous = previous or {}
        super().__init__(data, initial={**inspection["guess"], **self.previous})

    def choice(self) -> dict[str, Any]:
        """What a valid form says, as JSON."""
        return dict(self.cleaned_data)


class TableChoiceForm(FileChoiceForm):
    """Target, task and the use of every other column."""

    target = forms.ChoiceField(label="Target", help_text="The column that the model predicts.")
    task = forms.ChoiceField(choices=TASKS, help_text="Type of the target.")

    def __init__(self, inspection: Mapping[str, Any], *given: Any) -> None:
        """Offer every column as the target."""
        super().__init__(inspection, *given)
        self.columns = [ColumnFacts.from_dict(one) for one in inspection["columns"]]
        self.column_errors: dict[str, str] = {}
        names = [(one.name, one.name) for one in self.columns]
        self.fields["target"].choices = names  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check target and columns against what the file holds."""
        cleaned = super().clean() or self.cleaned_data
        target, task = cleaned.get("target"), cleaned.get("task")
        if not target or not task:
            return cleaned
        for facts in self.columns:
            use = self.use_of(facts)
            try:
                if facts.name == target or use in LEARNT:
                    check_target(facts, task if facts.name == target else LEARNT[use])
                else:
                    _check_use(facts, use, self.parts_of(facts))
            except DataRefused as error:
                if facts.name == target:
                    self.add_error("target", str(error))
                else:
                    self.column_errors[facts.name] = str(error)
        if self.column_errors:
            first = next(iter(self.column_errors.values()))
            more = len(self.column_errors) - 1
            tail = f" {more} more columns need a choice below." if more else ""
            self.add_error(None, f"{first}{tail}")
        elif not any(self.use_of(one) in INPUTS for one in self.columns if one.name != target):
            self.add_error(None, "No input column is left. Use at least one besides the target.")
        return cleaned

    def use_of(self, facts: ColumnFacts) -> str:
        """As posted, as refused before, or as proposed."""
        if self.is_bound:
            return str(self.data.get(f"use-{self.columns.index(facts)}", facts.use))
        return str(self.previous.get("uses", {}).get(facts.name, facts.use))

    def parts_of(self, facts: ColumnFacts) -> list[str]:
        """The parts of a date that the model gets: as posted, as chosen before, or all."""
        reading = facts.reading("date")
        if reading is None:
            return []
        if self.is_bound:
            posted = self.data.getlist(  # type: ignore[attr-defined]
                f"parts-{self.columns.index(facts)}"
            )
            return [part for part in reading.parts if part in posted]
        return list(self.previous.get("dates", {}).get(facts.name, reading.parts))

    def rows(self) -> Iterator[ColumnRow]:
        """Lines of the table."""
        for index, facts in enumerate(self.columns):
            error = self.column_errors.get(facts.name, "")
            reading, chosen = facts.reading("date"), self.parts_of(facts)
            parts = tuple((part, part in chosen) for part in reading.parts) if reading else ()
            yield ColumnRow(index, facts, self.use_of(facts), _options(facts), error, parts)

    def choice(self) -> dict[str, Any]:
        """What a valid form says, as JSON."""
        target = self.cleaned_data["target"]
        uses = {one.name: self.use_of(one) for one in self.columns if one.name != target}
        dates = {
            one.name: self.parts_of(one) for one in self.columns if uses.get(one.name) == "date"
        }
        return super().choice() | {"uses": uses} | ({"dates": dates} if dates else {})


class ImageChoiceForm(FileChoiceForm):
    """The size and colour that every image is brought to."""

    width = forms.IntegerField(min_value=1, max_value=LARGEST_SIDE, help_text="Pixels.")
    height = forms.IntegerField(min_value=1, max_value=LARGEST_SIDE, help_text="Pixels.")
    grey = forms.TypedChoiceField(
        coerce=lambda chosen: chosen == "true",
        label="Colour",
        choices=[("true", "Grey: one channel"), ("false", "Colour: red, green and blue")],
    )

    def __init__(self, *given: Any) -> None:
        """Write the flag as the list of choices has it."""
        super().__init__(*given)
        self.initial["grey"] = "true" if self.initial["grey"] else "false"


class ArrayChoiceForm(FileChoiceForm):
    """Which arrays are inputs and targets."""

    x = forms.ChoiceField(label="Inputs", help_text="One row per example.")
    y = forms.ChoiceField(label="Targets", help_text="One value per input row.")
    task = forms.ChoiceField(choices=TASKS)
    x_test = forms.ChoiceField(
        label="Test inputs", required=False, help_text="The dataset's test set, kept locked."
    )
    y_test = forms.ChoiceField(label="Test targets", required=False)
    x_validation = forms.ChoiceField(
        label="Validation inputs", required=False, help_text="The dataset's validation set."
    )
    y_validation = forms.ChoiceField(label="Validation targets", required=False)

    def __init__(self, inspection: Mapping[str, Any], *given: Any) -> None:
        """Offer every array for every role."""
        super().__init__(inspection, *given)
        self.shapes = {one["name"]: one["shape"] for one in inspection["arrays"]}
        named = [
            (one["name"], f"{one['name']}   {' × '.join(str(n) for n in one['shape'])}")
            for one in inspection["arrays"]
        ]
        for name in ARRAYS:
            choices = named if name in ("x", "y") else [("", "none"), *named]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check that lengths agree and no array is named twice."""
        cleaned = super().clean() or self.cleaned_data
        self._check_pair("x", "y")
        for part in ("test", "validation"):
            x, y = f"x_{part}", f"y_{part}"
            if bool(cleaned.get(x)) != bool(cleaned.get(y)):
                self.add_error(y, f"Choose both {part} arrays, or none.")
            elif cleaned.get(x):
                self._check_pair(x, y)
        chosen = [cleaned[name] for name in ARRAYS if cleaned.get(name)]
        if len(set(chosen)) < len(chosen):
            self.add_error(None, "One array is used twice. Each role needs its own array.")
        return cleaned

    def _check_pair(self, inputs: str, targets: str) -> None:
        x, y = self.cleaned_data.get(inputs), self.cleaned_data.get(targets)
        if not x or not y:
            return
        rows = [self.shapes[name][0] if self.shapes[name] else 0 for name in (x, y)]
        if rows[0] != rows[1]:
            self.add_error(
                targets,
                f"{x} has {rows[0]:,} rows, {y} has {rows[1]:,}. Each row needs a target.",
            )


FORMS: dict[str, type[FileChoiceForm]] = {
    "table": TableChoiceForm,
    "images": ImageChoiceForm,
    "arrays": ArrayChoiceForm,
}


def _check_use(facts: ColumnFacts, use: str, parts: Sequence[str]) -> None:
    if use not in (*INPUTS, "skip"):
        raise DataRefused(f"Choose a use for column {facts.name}: {_unclear(facts)}.")
    if use in ("date", *MARK_OF) and facts.reading(use) is None:
        raise DataRefused(f"Column {facts.name} can't be read as a {use.partition('_')[0]}.")
    if use == "date" and not parts:
        raise DataRefused(f"Choose at least one part of the date {facts.name}, or don't use it.")
    if use != "skip":
        check_input(facts, use)
    if use == "number" and facts.holds not in ("number", "mixed"):
        raise DataRefused(f"Column {facts.name} holds text. Use it as a category or exclude it.")


def _unclear(facts: ColumnFacts) -> str:
    numbers = [one for one in facts.readings if one.use in MARK_OF]
    return " or ".join(one.example for one in numbers) if len(numbers) > 1 else _odd(facts)


def _odd(facts: ColumnFacts) -> str:
    cells = "1 cell is" if facts.odd == 1 else f"{facts.odd:,} cells are"
    where = f"line {facts.odd_line:,}: " if facts.odd_line else ""
    return f"{cells} not a number ({where}“{facts.odd_text}”)"


def _options(facts: ColumnFacts) -> list[tuple[str, str]]:
    options = [] if facts.use else [("", "choose …")]
    if facts.holds in ("number", "mixed"):
        label = f"number, {facts.odd:,} become missing" if facts.odd else "number"
        options.append(("number", label))
    for reading in facts.readings:
        if facts.reading(reading.use) and not mixes_units(reading):
            label = "date" if reading.use == "date" else f"number: {reading.example}"
            lost = f", {reading.unread:,} become missing" if reading.unread else ""
            options.append((reading.use, f"{label}{lost}"))
    if 0 < facts.unique <= MOST_CATEGORIES:
        options.append(("category", "category"))
    options.append(("skip", "not used"))
    if facts.unique > 1 and facts.number_use:
        options.append(("learn_number", "target: regression"))
    if 1 < facts.unique <= MOST_CATEGORIES:
        options.append(("learn_class", "target: classification"))
    return options
