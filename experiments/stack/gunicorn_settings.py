"""Stack: how gunicorn serves the pages; read as `--config python:experiments.stack.gunicorn_settings`."""

from pathlib import Path

from tuning_site import settings

worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
# The application is imported once and forked: half the start-up time on a small machine.
preload_app = True
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
