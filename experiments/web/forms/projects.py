"""Room: web. Forms of projects and their members; they check what was typed and save nothing."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from experiments.models import Project, Role
from experiments.search.reading import text_problem


class Dressed(forms.Form):
    """A form whose fields look like the product's, with labels that end without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Dress every field."""
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if is_choice else "form-control")


class ProjectForm(Dressed):
    """Name and description; `revision` tells whether somebody else saved in between."""

    name = forms.CharField(
        max_length=120,
        help_text="What the team works on.",
        error_messages={"required": "Give the project a name, such as Vision team."},
    )
    description = forms.CharField(
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Shown on the project's page.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, project: Project) -> "ProjectForm":
        """Open the form on a project as it stands."""
        return cls(
            initial={
                "name": project.name,
                "description": project.description,
                "revision": project.revision,
            }
        )

    def clean_name(self) -> str:
        """Refuse what no database keeps."""
        return _storable(self.cleaned_data["name"], lines=False)

    def clean_description(self) -> str:
        """Refuse what no database keeps."""
        return _storable(self.cleaned_data["description"], lines=True)


class MemberForm(Dressed):
    """Let somebody in by their user name."""

    username = forms.CharField(
        max_length=150,
        label="User name",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type the user name of the new member."},
    )
    role = forms.ChoiceField(
        choices=[
            (Role.VIEWER.value, "Viewer: sees everything"),
            (Role.EDITOR.value, "Editor: starts and stops searches"),
            (Role.OWNER.value, "Owner: manages members"),
        ],
        initial=Role.EDITOR.value,
    )

    def clean_username(self) -> str:
        """Name only people who have an account."""
        name: str = self.cleaned_data["username"].strip()
        if not User.objects.filter(username=name, is_active=True).exists():
            raise forms.ValidationError(
                "Nobody has this user name. An administrator adds people under Admin."
            )
        return name

    @property
    def person(self) -> User:
        """The person whom a valid form names."""
        return User.objects.get(username=self.cleaned_data["username"])


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(choices=Role.choices)


def _storable(text: str, *, lines: bool) -> str:
    problem = text_problem(text, lines=lines)
    if problem:
        raise forms.ValidationError(problem)
    return text
