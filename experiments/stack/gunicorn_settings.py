"""Stack: how gunicorn serves the pages; read as `--config python:experiments.stack.gunicorn_settings`."""

import gc
from pathlib import Path
from typing import Any

from django.urls import get_resolver

from tuning_site import settings

# Threads; pages that stay open hold none.
worker_class = "experiments.stack.open_pages.worker.OpenPagesWorker"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
# The application is imported once and forked: half the start-up time on a small machine.
preload_app = True


def on_starting(server: Any) -> None:
    """Load every view before the processes part, so that they share what is imported."""
    get_resolver().url_patterns  # noqa: B018 - reading it imports them
    gc.freeze()  # a collection would write to each object, and so copy its page for each process


# A request may take long (a download), a silent worker process may not.
timeout = 120
graceful_timeout = 3
keepalive = 5
# The heartbeat file must not wait for a busy disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True
proc_name = "tuning-site-web"

logconfig_dict = {
    **settings.LOGGING,
    "loggers": {
        **settings.LOGGING["loggers"],
        "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        "gunicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
