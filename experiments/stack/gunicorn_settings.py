"""Gunicorn's settings; read as `--config python:experiments.stack.gunicorn_settings`."""

import gc
from pathlib import Path
from typing import Any

from experiments.stack.memory_limits import spare_memory

spare_memory()

from django.urls import get_resolver  # noqa: E402 - whatever imports numpy comes after

from tuning_site import settings  # noqa: E402

# Threads; pages that stay open hold none.
worker_class = "experiments.stack.open_pages.worker.OpenPagesWorker"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
# Several processes share what is imported before they part, though each page of memory only until an
# object on it is used. Beside one alone the process that only watches is smaller when it imports nothing.
preload_app = workers > 1


def on_starting(server: Any) -> None:
    """Load every view before processes part."""
    if preload_app:
        _load_views()
        gc.freeze()  # a collection would write to each object, and so copy its page for each process


def post_worker_init(worker: Any) -> None:
    """The first visitor doesn't wait for the views."""
    if not preload_app:
        _load_views()
        gc.collect()
        gc.freeze()  # what is there from the start stays: later collections needn't look at it


def _load_views() -> None:
    get_resolver().url_patterns  # noqa: B018 - reading it imports them


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
