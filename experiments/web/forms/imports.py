"""Room: web. The form of an import: a file, and what the file doesn't say. It saves nothing."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from experiments.search.history import DIRECTIONS, Direction
from experiments.services.imports.sources import ACCEPT, Asked
from experiments.web.forms.base import Dressed


class ImportForm(Dressed):
    """`kept` names a file that arrived with an earlier answer of this form."""

    file = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"empty": "The file is empty. Choose a file with content."},
    )
    kept = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    name = forms.CharField(
        required=False,
        max_length=120,
        help_text="Name of the new experiment. Default: the name in the file.",
    )
    objective = forms.CharField(
        required=False,
        max_length=60,
        help_text="The metric that was tuned. Default: read from the file.",
    )
    direction = forms.ChoiceField(
        required=False,
        choices=[("", "as the file says"), *zip(DIRECTIONS, DIRECTIONS, strict=True)],
        help_text="Whether a lower or higher objective is better. Change it if the tuner treated a score as a loss.",
    )

    study = forms.CharField(
        required=False,
        max_length=512,
        help_text="Study to import, if the Optuna storage has several.",
    )

    def clean(self) -> dict[str, Any]:
        """Ask for a file where none is there, nor was before."""
        found = super().clean() or {}
        if not self.errors and not found.get("file") and not found.get("kept"):
            self.add_error("file", "The upload is incomplete. Choose a file.")
        return found

    @property
    def asked(self) -> Asked:
        """What the person says beside the file."""
        direction = self.cleaned_data["direction"] or None
        study = self.cleaned_data["study"].strip()
        return Asked(
            objective=self.cleaned_data["objective"].strip(),
            direction=cast(Direction | None, direction),
            study=study,
        )

    @property
    def typed(self) -> dict[str, str]:
        """What stands beside the file, for a worker."""
        names = ("name", "objective", "direction", "study")
        return {name: str(self.cleaned_data[name]).strip() for name in names}

    def without_file(self, token: str) -> "ImportForm":
        """The same form, typed text and all, with the file as one that arrived before."""
        data = {name: self.data.get(name, "") for name in self.fields if name != "file"}
        form = ImportForm(data | {"kept": token})
        form.is_valid()
        return form

    @classmethod
    def typed_before(cls, fields: Mapping[str, str], token: str) -> "ImportForm":
        """The form as it was sent, of a file that arrived."""
        form = cls({**fields, "kept": token})
        form.is_valid()
        return form

    def refused(self, words: str, field: str, choices: tuple[str, ...]) -> "ImportForm":
        """The same form with what `ImportRefused` says; without a field it asks for another file."""
        if not field:
            form = self.without_file("")
            del form.errors["file"]
            form.add_error("file", words)
            return form
        self.add_error(field, words)
        if choices:
            listed = [("", "choose"), *((name, name) for name in choices)]
            attrs = {"class": "form-select"}
            self.fields[field].widget = forms.Select(choices=listed, attrs=attrs)
        return self
