"""Room: web. Which of the metrics that scripts reported counts; the form saves nothing."""

from typing import Any

from django import forms

from experiments.interop.keras_tuner.directions import direction_by_name
from experiments.search.history import DIRECTIONS
from experiments.web.forms.projects import Dressed


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
