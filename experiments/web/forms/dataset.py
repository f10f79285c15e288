"""Room: web. Forms of datasets: the upload and what a person writes about it. They save nothing."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.models import model_to_dict

from experiments.models import Dataset
from experiments.services.datasets.lifecycle import DatasetFacts
from experiments.web.forms.base import Dressed, StoredText

ACCEPT = ".csv,.tsv,.txt,.parquet,.pq,.npz,.zip"
NO_FILE = "The upload is incomplete. Choose a file."
EMPTY = "The file is empty. Choose a file with content."


class FactsForm(Dressed):
    """Name, description and licence of a dataset."""

    name = StoredText(max_length=120, help_text="Shown in lists, for example Street signs.")
    description = StoredText(
        max_length=5000,
        required=False,
        rows=3,
        help_text="Source of the data and what a row is. Optional.",
    )
    licence = StoredText(max_length=200, required=False, help_text="Terms of use. Optional.")

    @classmethod
    def of(cls, dataset: Dataset) -> "FactsForm":
        """Open the form on a dataset as it stands."""
        return cls(initial=model_to_dict(dataset, fields=cls.base_fields))

    @property
    def facts(self) -> DatasetFacts:
        """What a valid form says."""
        names = ("name", "description", "licence")
        return DatasetFacts(*(self.cleaned_data[name] for name in names))


class FileForm(Dressed):
    """One file, and whether a CSV file lacks its header line."""

    file = forms.FileField(
        label="File",
        max_length=1000,
        error_messages={"required": NO_FILE, "missing": NO_FILE, "empty": EMPTY},
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    no_header = forms.BooleanField(
        required=False,
        label="The file has no header line",
        help_text="CSV only. Columns are then named column_1, column_2, …",
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Exactly one file."""
        if isinstance(self.files, dict) and len(getattr(self.files, "getlist", list)("file")) > 1:
            raise forms.ValidationError("Choose one file: each file becomes its own dataset.")
        file: UploadedFile[Any] = self.cleaned_data["file"]
        return file


class UploadForm(FileForm, FactsForm):
    """A new dataset: its file and what is written about it."""

    field_order = ["file", "no_header", "name", "description", "licence"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The name may be left to the file."""
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = "Shown in lists. Default: the file name."

    def clean(self) -> dict[str, Any]:
        """Take the name from the file where none was typed."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None and not cleaned.get("name") and "name" not in self.errors:
            stem = str(file.name).replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
            plain = "".join(one for one in stem if one.isprintable()).strip(" .")
            cleaned["name"] = plain[:120] or "Data"
        return cleaned
