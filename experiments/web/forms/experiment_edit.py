"""Web: the form that changes an experiment's name, notes, tags, budget and slots. It never saves."""

from typing import Any

from django import forms

from experiments.models import Experiment
from experiments.services.experiments.edits import Changes


class ExperimentEditForm(forms.Form):
    """What may change of any experiment; `search_edit.py` has what a search is asked with."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(max_length=120)
    notes = forms.CharField(
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What this search is for, and what you learnt. Searchable.",
    )
    tags = forms.CharField(
        max_length=400, required=False, help_text="Separated by commas: baseline, q4"
    )
    max_trials = forms.IntegerField(
        min_value=1, max_value=100_000, label="Trials", help_text="The search ends after these."
    )
    max_minutes = forms.FloatField(
        min_value=0.01,  # a second, which the form that made it may have given
        max_value=1_000_000,
        required=False,
        label="Minutes",
        help_text="Wall-clock time while it runs. Empty: no limit.",
    )
    max_epochs = forms.IntegerField(
        min_value=1,
        max_value=10**12,
        required=False,
        label="Epochs in all",
        help_text="Over all trials. Empty: no limit.",
    )
    max_slot_hours = forms.FloatField(
        min_value=0.001,
        max_value=500_000,
        required=False,
        label="Slot-hours",
        help_text="Slots times hours in use. Empty: no limit.",
    )
    least_gain = forms.FloatField(
        min_value=0,
        required=False,
        label="Least gain",
        help_text="The search ends when 20 more trials would gain less. Empty: never.",
    )
    target_score = forms.FloatField(
        required=False, label="Target score", help_text="The search ends when a trial reaches it."
    )
    parallel = forms.IntegerField(
        min_value=1,
        max_value=256,
        label="Trials at once",
        help_text="Lower takes effect as trials end.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Dress the fields in the product's controls."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    @staticmethod
    def values_of(experiment: Experiment) -> dict[str, Any]:
        """The stored values in the form's own units."""
        seconds = experiment.max_seconds
        return {
            "revision": experiment.revision,
            "name": experiment.name,
            "notes": experiment.notes,
            "tags": ", ".join(experiment.tags),
            "max_trials": experiment.max_trials,
            "max_minutes": _shown(seconds, 60),
            "max_epochs": experiment.max_epochs,
            "max_slot_hours": _shown(experiment.max_slot_seconds, 3600),
            "least_gain": experiment.least_gain,
            "target_score": experiment.target_score,
            "parallel": experiment.parallel,
        }

    def changes(self) -> Changes:
        """What was typed, as the service takes it."""
        typed = self.cleaned_data
        minutes = typed["max_minutes"]
        tags = dict.fromkeys(tag.strip() for tag in typed["tags"].split(","))
        return Changes(
            name=typed["name"],
            notes=typed["notes"],
            tags=[tag for tag in tags if tag],
            max_trials=typed["max_trials"],
            max_seconds=max(1, round(minutes * 60)) if minutes else None,
            max_epochs=typed["max_epochs"],
            max_slot_seconds=_in_seconds(typed["max_slot_hours"]),
            least_gain=typed["least_gain"],
            target_score=typed["target_score"],
            parallel=typed["parallel"],
        )


def _shown(seconds: int | None, unit: int) -> float | int | None:
    """Seconds in minutes or hours, whole ones without a point."""
    if not seconds:
        return None
    return seconds // unit if seconds % unit == 0 else round(seconds / unit, 4)


def _in_seconds(hours: float | None) -> int | None:
    return None if hours is None else max(1, round(hours * 3600))
