"""The experiment argument of commands."""

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from experiments.models import Experiment


def find_experiment(text: str) -> Experiment:
    """By its code (in its address) or its number. Raises CommandError."""
    name = "pk" if text.isdecimal() else "code"
    try:
        return Experiment.objects.get(**{name: text})
    except (Experiment.DoesNotExist, ValueError, ValidationError, OverflowError) as error:
        raise CommandError(f"There is no experiment {text}.") from error
