"""Forms of tokens, and of searches whose trials run elsewhere; they save nothing."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from experiments.external_plan import ExternalPlan, ExternalPlanError
from experiments.interop.keras_tuner.directions import direction_by_name
from experiments.search.declarations import MINUTES
from experiments.search.history import DIRECTIONS
from experiments.search.problems import Problem
from experiments.search.strategies.registry import SAMPLERS
from experiments.web.forms.base import Dressed, StoredText
from experiments.web.forms.plan_field import NUMBERS, plan_fields, put

LASTING: Final = (("30", "30 days"), ("7", "7 days"), ("365", "a year"), ("", "never"))
SPACE_EXAMPLE: Final = """{"hyperparameters": [
  {"name": "lr", "type": "float", "min": 0.0001, "max": 0.1, "scale": "log"},
  {"name": "units", "type": "int", "min": 16, "max": 256, "step": 16},
  {"name": "optimizer", "type": "choice", "choices": ["adam", "sgd"]}
]}"""


class TokenForm(Dressed):
    """What a new token is called and how long it lasts."""

    name = StoredText(
        max_length=80,
        help_text="Where you use it, such as laptop.",
        error_messages={"required": "Type a name, such as laptop."},
    )
    lasts = forms.ChoiceField(choices=LASTING, required=False, label="Expires after", initial="30")

    @property
    def expires(self) -> datetime | None:
        """When it stops working."""
        days = self.cleaned_data["lasts"]
        return timezone.now() + timedelta(days=int(days)) if days else None


OUTSIDE: Final = tuple(plan_fields(ExternalPlan))
FIELDS: Final = {each.name: each for each in OUTSIDE if each.path != "sampler_options"}
NAMES: Final = {each.path: each.name for each in OUTSIDE}


def _labelled(name: str) -> dict[str, Any]:
    each = FIELDS[name].declaration
    unit = f" ({each.unit.name})" if each.unit is MINUTES else ""
    return {"label": each.label + unit, "help_text": each.help, "required": False}


def _input(name: str) -> forms.CharField:
    """The declared value as a line of text; an empty one has the plan's default."""
    each = FIELDS[name].declaration
    hint = {"placeholder": each.unset} if each.unset else {}
    initial = "" if hint or each.required else FIELDS[name].show(None)
    return forms.CharField(initial=initial, widget=forms.TextInput(attrs=hint), **_labelled(name))


class OutsideForm(Dressed):
    """A search that scripts ask for trials; all that is checked is checked by its plan."""

    name = _input("name")
    objective = _input("objective")
    direction = forms.ChoiceField(
        choices=[("", "as the metric's name says"), *zip(DIRECTIONS, DIRECTIONS, strict=True)],
        **_labelled("direction"),
    )
    space = forms.CharField(
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "class": "form-control mono"}
        ),
        **_labelled("space"),
    )
    sampler = forms.ChoiceField(
        choices=[(slug, each.label) for slug, each in SAMPLERS.items()],
        initial="auto",
        **_labelled("sampler"),
    )
    max_trials = _input("max_trials")
    parallel = _input("parallel")
    silence = _input("silence")
    retries = _input("retries")
    epochs = _input("epochs")
    races = forms.BooleanField(
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}), **_labelled("races")
    )

    def plan(self) -> ExternalPlan | None:
        """The plan; None with every problem at its field."""
        self.full_clean()
        body: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name != "space" and (value or FIELDS[name].declaration.required):
                each = FIELDS[name]
                is_number = each.declaration.kind in NUMBERS
                text = str(value).replace(",", "") if is_number else str(value)
                put(body, each.path, each.read(text))
        self._space(body)
        if self.errors:
            return None
        try:
            return ExternalPlan.from_dict(body)
        except ExternalPlanError as error:
            self._place(error.problems)
            return None

    def _space(self, body: dict[str, Any]) -> None:
        text = str(self.cleaned_data.get("space", "")).strip()
        if not text:
            return
        try:
            body["space"] = json.loads(text)
        except (ValueError, RecursionError) as error:
            self.add_error("space", f"This is not JSON: {error}.")

    def _place(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            head, _, rest = problem.path.partition(".")
            name = NAMES.get(head, head)
            message = (
                FIELDS[name].in_its_units(problem.message) if name in FIELDS else problem.message
            )
            words = f"{rest}: {message}" if rest else message
            self.add_error(name if name in self.fields else None, words)


class ObjectiveForm(Dressed):
    """The metric and its direction."""

    objective = forms.ChoiceField(
        label="Metric",
        error_messages={
            "invalid_choice": "No script reported %(value)s. Choose a metric from the list."
        },
    )
    direction = forms.ChoiceField(
        choices=[("", "choose"), *zip(DIRECTIONS, DIRECTIONS, strict=True)],
        required=False,
        help_text="Whether lower or higher is better. Default: from the name of the metric.",
    )

    def __init__(self, *args: Any, names: tuple[str, ...], **kwargs: Any) -> None:
        """`names`: what scripts reported, those of validation first."""
        super().__init__(*args, **kwargs)
        field = self.fields["objective"]
        assert isinstance(field, forms.ChoiceField)
        ordered = sorted(names, key=lambda name: not name.startswith("val_"))
        field.choices = [(name, name) for name in ordered]

    def clean(self) -> dict[str, Any]:
        """Take the direction from the name where it is plain."""
        data = super().clean() or {}
        if not data.get("direction") and "objective" in data:
            data["direction"] = direction_by_name(data["objective"])
            if data["direction"] is None:
                words = f"{data['objective']} has no known direction: choose one."
                self.add_error("direction", words)
        return data
