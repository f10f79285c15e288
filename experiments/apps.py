"""The one Django app of the product."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Records of tuning experiments, their pages and their work."""

    name = "experiments"
