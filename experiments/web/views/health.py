"""Web: addresses for load balancers and the start command; they ask nothing of the visitor."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from experiments.web.json_view import json_view


@login_not_required
@json_view
def alive(request: HttpRequest) -> dict[str, Any]:
    """The process answers; nothing else is asked, or a database fault would restart the web server."""
    return {"status": "ok"}


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether a person can work: database, its tables, queue and data folder, each in one word or more."""
    checks: dict[str, Callable[[], str]] = {
        "database": database_state,
        "queue": _queue,
        "data": _data_folder,
    }
    answers = {name: check() for name, check in checks.items()}
    ok = all(answer == "ok" for answer in answers.values())
    status = 200 if ok else 503
    body = {"status": "ok" if ok else "unavailable", "version": settings.VERSION, **answers}
    return JsonResponse(body, status=status)


def database_state() -> str:
    """Whether the database answers and every migration is applied, in a word or more."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "migrations waiting" if waiting else "ok"


def _queue() -> str:
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
        ) as client:
            client.ping()
    except (RedisError, OSError):
        return "unreachable"
    return "ok"


def _data_folder() -> str:
    # A real write: a full disk and a read-only mount look healthy to everything less.
    probe = Path(settings.DATA_DIR) / f".ready-{uuid4().hex}"
    try:
        probe.write_bytes(b"ready")
        probe.unlink()
    except OSError as error:
        return f"not writable ({error.strerror})"
    return "ok"
