"""The form that fetches code from a Git repository. Room: web."""

from collections.abc import Sequence
from typing import Any

from django import forms

from experiments.models import HyperModelVersion
from experiments.search.reading import text_problem
from experiments.services.code.fetches import Place, fetch_problems
from experiments.web.forms.projects import Dressed


class CodeFetchForm(Dressed):
    """Which file of which commit of which repository, and what it is called here."""

    name = forms.CharField(
        max_length=120,
        help_text="Shown where experiments choose a model. An existing name gets a new version.",
        error_messages={"required": "Give it a name, such as Street-sign net."},
    )
    address = forms.CharField(
        max_length=500,
        label="Repository",
        widget=forms.TextInput(attrs={"inputmode": "url", "class": "form-control mono"}),
        error_messages={"required": "Type the URL of the repository."},
    )
    revision = forms.CharField(
        max_length=200,
        required=False,
        help_text="A branch, a tag or the 40 digits of a commit. Default: the default branch.",
        widget=forms.TextInput(attrs={"class": "form-control mono"}),
    )
    path = forms.CharField(
        max_length=500,
        required=False,
        label="File",
        help_text="A .py file, such as models/net.py; its imports from the repository are included. "
        "Left empty: choose from a list.",
        widget=forms.TextInput(attrs={"class": "form-control mono"}),
    )

    # Of the list that a file was chosen from: the branch may have moved on since.
    commit = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, allowed: Sequence[str], **kwargs: Any) -> None:
        """`allowed`: what the administrator lists."""
        super().__init__(*args, **kwargs)
        self.fields["address"].help_text = f"Allowed: {', '.join(allowed)}."

    @classmethod
    def of(cls, version: HyperModelVersion | None, *, allowed: Sequence[str]) -> "CodeFetchForm":
        """Open the form on where a version came from, or empty."""
        if version is None:
            return cls(allowed=allowed)
        told = {key: version.origin.get(key, "") for key in ("address", "revision", "path")}
        return cls(initial={"name": version.hypermodel.name, **told}, allowed=allowed)

    def clean_name(self) -> str:
        """Refuse what no database keeps."""
        problem = text_problem(self.cleaned_data["name"], lines=False)
        if problem:
            raise forms.ValidationError(problem)
        return str(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        """Ask of each field whether it can be fetched."""
        cleaned = super().clean() or {}
        told = [cleaned.get(name, "") for name in ("address", "revision", "path", "commit")]
        for problem in fetch_problems(Place(*told)):
            if problem.path not in self.errors:
                place = None if problem.path == "commit" else problem.path  # which nobody sees
                self.add_error(place, problem.message)
        return cleaned
