"""The one Django app of the product."""

import logging

from django.apps import AppConfig

log = logging.getLogger(__name__)


class ExperimentsConfig(AppConfig):
    """Records of tuning experiments, their pages and their work."""

    name = "experiments"

    def ready(self) -> None:
        """Add custom samplers and pruners; one that can't be loaded is logged."""
        from django.conf import settings

        from experiments.search.strategies.registry import add_plugins

        for trouble in add_plugins(settings.PLUGINS_DIR):
            log.warning("%s can't be loaded. %s", trouble.source, trouble.sentence)
