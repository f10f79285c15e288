"""Room: web. Forms of projects and their members; they check what was typed and save nothing."""

from django import forms
from django.contrib.auth.models import User
from django.forms.models import model_to_dict

from experiments.models import Project, Role
from experiments.web.forms.base import Dressed, StoredText


class ProjectForm(Dressed):
    """Name and description; `revision` tells whether somebody else saved in between."""

    name = StoredText(
        max_length=120,
        help_text="What the team works on.",
        error_messages={"required": "Give the project a name, such as Vision team."},
    )
    description = StoredText(
        max_length=5000, required=False, rows=3, help_text="Shown on the project's page."
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, project: Project) -> "ProjectForm":
        """Open the form on a project as it stands."""
        return cls(initial=model_to_dict(project, fields=cls.base_fields))


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
