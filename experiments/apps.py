"""The one Django app of the product."""

import logging

from django.apps import AppConfig

log = logging.getLogger(__name__)


class ExperimentsConfig(AppConfig):
    """Records of tuning experiments, their pages and their work."""

    name = "experiments"

    def ready(self) -> None:
        """Add samplers and pruners of one's own; what can't be loaded costs a line in the log."""
        from django.conf import settings

        from experiments.search.strategies.registry import add_plugins

        for trouble in add_plugins(settings.PLUGINS_DIR):
            log.warning("%s can't be loaded. %s", trouble.source, trouble.sentence)
