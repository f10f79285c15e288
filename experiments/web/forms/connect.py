"""Room: web. Forms of tokens and of searches whose trials run elsewhere; they save nothing."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from experiments.external_plan import LONGEST_METRIC, ExternalPlan, ExternalPlanError
from experiments.search.problems import Problem
from experiments.search.reading import text_problem
from experiments.search.strategies.registry import SAMPLERS
from experiments.web.forms.projects import Dressed

LASTING: Final = (("30", "30 days"), ("7", "7 days"), ("365", "a year"), ("", "never"))
DIRECTIONS: Final = (
    ("", "as the metric's name says"),
    ("minimize", "minimize: lower is better"),
    ("maximize", "maximize: higher is better"),
)
SPACE_EXAMPLE: Final = """{"hyperparameters": [
  {"name": "lr", "type": "float", "min": 0.0001, "max": 0.1, "scale": "log"},
  {"name": "units", "type": "int", "min": 16, "max": 256, "step": 16},
  {"name": "optimizer", "type": "choice", "choices": ["adam", "sgd"]}
]}"""


class TokenForm(Dressed):
    """What a new token is called and how long it lasts."""

    name = forms.CharField(
        max_length=80,
        help_text="Where you use it, such as laptop.",
        error_messages={"required": "Type a name, such as laptop."},
    )
    lasts = forms.ChoiceField(choices=LASTING, required=False, label="Expires after", initial="30")

    def clean_name(self) -> str:
        """Refuse what no database keeps."""
        name = str(self.cleaned_data["name"]).strip()
        problem = text_problem(name, lines=False)
        if problem:
            raise forms.ValidationError(problem)
        return name

    @property
    def expires(self) -> datetime | None:
        """When it stops working."""
        days = self.cleaned_data["lasts"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class OutsideForm(Dressed):
    """A search that scripts ask for trials; all that is checked is checked by its plan."""

    name = forms.CharField(
        required=False, help_text="Scripts refer to the experiment by this name."
    )
    objective = forms.CharField(
        required=False,
        help_text="The metric that ranks trials, as named in your script, such as val_accuracy. "
        "Default: from the first finished run; for KerasTuner scripts you choose it then.",
        widget=forms.TextInput(attrs={"maxlength": LONGEST_METRIC}),
    )
    direction = forms.ChoiceField(required=False, choices=DIRECTIONS)
    space = forms.CharField(
        required=False,
        label="Search space",
        widget=forms.Textarea(
            attrs={"rows": 8, "spellcheck": "false", "class": "form-control mono"}
        ),
        help_text="As JSON. Default: read from the KerasTuner script, or widened by the values "
        "of reported runs.",
    )
    sampler = forms.ChoiceField(
        required=False,
        choices=[(slug, each.label) for slug, each in SAMPLERS.items()],
        initial="auto",
        help_text="Proposes the trials.",
    )
    max_trials = forms.CharField(
        required=False,
        initial="100",
        label="Trials",
        help_text="The search ends after this number of trials.",
    )
    parallel = forms.CharField(
        required=False,
        initial="8",
        label="Parallel trials",
        help_text="Further scripts wait until a trial ends.",
    )
    silence = forms.CharField(
        required=False,
        initial="60",
        label="Timeout (min)",
        help_text="A trial is taken from a script after this time without contact. The client "
        "reports every 30 s, a KerasTuner script only when a trial ends.",
    )

    retries = forms.CharField(
        required=False,
        initial="0",
        label="Retries",
        help_text="Retries of a trial after an error in its KerasTuner script.",
    )
    epochs = forms.CharField(
        required=False,
        label="Epochs of kt.Hyperband",
        help_text="Only for the Hyperband tuner of KerasTuner. Default: set by the scripts.",
    )
    races = forms.BooleanField(
        required=False,
        label="Hyperband",
        help_text="Trials start with few epochs; the best third is trained again with more.",
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def plan(self) -> ExternalPlan | None:
        """The plan; None with every problem at its field."""
        self.full_clean()
        body: dict[str, Any] = {
            name: self.cleaned_data.get(name, "") for name in ("name", "objective")
        }
        body["sampler"] = self.cleaned_data.get("sampler") or "auto"
        if self.cleaned_data.get("direction"):
            body["direction"] = self.cleaned_data["direction"]
        body["races"] = bool(self.cleaned_data.get("races"))
        for name in ("max_trials", "parallel", "retries", "epochs"):
            self._number(body, name, name, 1)
        self._number(body, "silence", "silence_seconds", 60)
        self._space(body)
        if self.errors:
            return None
        try:
            return ExternalPlan.from_dict(body)
        except ExternalPlanError as error:
            self._place(error.problems)
            return None

    def _number(self, body: dict[str, Any], field: str, name: str, factor: int) -> None:
        text = str(self.cleaned_data.get(field, "")).strip().replace(",", "")
        if not text:
            return
        try:
            body[name] = int(text) * factor
        except ValueError:
            self.add_error(field, "Expected a whole number, such as 60.")

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
            field = {"silence_seconds": "silence", "sampler_options": "sampler"}.get(head, head)
            words = f"{rest}: {problem.message}" if rest else problem.message
            if head == "silence_seconds":
                words = "Must be from 1 minute to 43,200 (30 days)."
            self.add_error(field if field in self.fields else None, words)
