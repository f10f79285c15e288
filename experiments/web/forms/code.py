"""Forms of custom code: its text or a file, or where a Git repository has it. They run nothing."""

from collections.abc import Sequence
from typing import Any

from django import forms

from experiments.models import HyperModelVersion
from experiments.services.code.fetches import Place, fetch_problems
from experiments.services.code.versions import MOST_BYTES, source_problems
from experiments.web.forms.base import Dressed, StoredText

STARTER = '''import keras


def build(hp):
    """Return a compiled model; hp.Int, hp.Float, hp.Choice and hp.Boolean make the search space."""
    model = keras.Sequential()
    model.add(keras.layers.Rescaling(1 / 255))
    model.add(keras.layers.Flatten())
    for i in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int(f"units_{i}", 32, 256, step=32), activation="relu"))
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(hp.Float("rate", 0.1, 0.5, step=0.1)))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Float("learning_rate", 1e-4, 1e-2, sampling="log")),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
'''


class CodeForm(Dressed):
    """A new version of some code. `file`, where one is given, counts instead of the text."""

    name = StoredText(
        max_length=120,
        help_text="Shown where experiments choose a model, such as Street-sign net.",
    )
    source = forms.CharField(
        required=False,
        strip=False,
        label="Code",
        widget=forms.Textarea(
            attrs={
                "rows": 28,
                "class": "form-control mono code-editor",
                "spellcheck": "false",
                "autocapitalize": "off",
                "wrap": "off",
            }
        ),
    )
    file = forms.FileField(
        required=False,
        label="Or a file",
        help_text="A .py file; replaces the text above.",
        widget=forms.FileInput(attrs={"accept": ".py,text/x-python"}),
    )
    note = StoredText(
        max_length=200,
        required=False,
        label="What changed",
        help_text="Shown in the list of versions. Optional.",
    )

    @classmethod
    def of(cls, version: HyperModelVersion | None) -> "CodeForm":
        """Open the form on a version, or on an example."""
        if version is None:
            return cls(initial={"source": STARTER})
        form = cls(initial={"name": version.hypermodel.name, "source": version.source})
        form.fix_name()
        return form

    def fix_name(self) -> None:
        """A further version keeps its model's name."""
        self.fields["name"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Take the file's text where there is one; parse it, and name the line that is wrong."""
        cleaned = super().clean() or {}
        if "source" in self.errors:
            return cleaned
        source, place = cleaned.get("source", ""), "source"
        if cleaned.get("file") is not None:
            place = "file"
            try:
                source = cleaned["file"].read(MOST_BYTES + 1).decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", "The file is not UTF-8 text. Choose a .py file.")
                return cleaned
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        problems = source_problems(source)
        if problems and place == "file" and is_shown(source):
            self._open(source)
            place = "source"
        for problem in problems:
            self.add_error(place, problem.message)
        cleaned["source"] = source if source.endswith("\n") else f"{source}\n"
        return cleaned

    def _open(self, source: str) -> None:
        """A file that can't be kept as it is: its text stands in the editor, where its lines are told."""
        typed = {name: self.data.get(name, "") for name in ("name", "note")}
        self.data = {**typed, "source": source}
        self.fields[
            "file"
        ].help_text = "Its text is shown above: fix it there, or choose the file again."


def is_shown(source: str) -> bool:
    """Whether an editor can hold the text of a file."""
    return bool(source.strip()) and "\0" not in source and len(source) <= MOST_BYTES


class CodeFetchForm(Dressed):
    """Which file of which commit of which repository, and what it is called here."""

    name = StoredText(
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
        origin = {key: version.origin.get(key, "") for key in ("address", "revision", "path")}
        return cls(initial={"name": version.hypermodel.name, **origin}, allowed=allowed)

    def clean(self) -> dict[str, Any]:
        """Ask of each field whether it can be fetched."""
        cleaned = super().clean() or {}
        place = [cleaned.get(name, "") for name in ("address", "revision", "path", "commit")]
        for problem in fetch_problems(Place(*place)):
            if problem.path not in self.errors:
                field = None if problem.path == "commit" else problem.path  # which nobody sees
                self.add_error(field, problem.message)
        return cleaned
