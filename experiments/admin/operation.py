"""Activity, workers, background jobs, scripts and access tokens."""

from experiments import models
from experiments.admin.records import action, register
from experiments.services.external.tokens import revoke_token

register(
    models.Activity,
    list_display=("created", "verb", "text", "user", "project", "experiment"),
    list_filter=("verb", "created"),
    search_fields=("text", "verb", "user__username", "project__name", "experiment__name"),
)

register(
    models.Worker,
    list_display=("name", "kind", "host", "pid", "heartbeat", "trial", "rss_bytes"),
    list_filter=("kind", "host"),
    search_fields=("name", "host"),
)

register(
    models.BackgroundJob,
    list_display=("name", "arguments", "requested", "worker", "attempts"),
    list_filter=("name",),
    search_fields=("name", "worker"),
)

register(
    models.Script,
    list_display=("name", "experiment", "host", "waits", "first", "seen"),
    list_filter=("waits", "seen"),
    search_fields=("name", "host", "experiment__name"),
)

register(
    models.AccessToken,
    list_display=(
        "name",
        "start",
        "person",
        "project",
        "experiment",
        "used",
        "expires",
        "revoked",
    ),
    list_filter=("revoked", "expires"),
    search_fields=("name", "start", "person__username", "project__name"),
    exclude=("digest",),
    actions=(
        action(
            "revoke",
            "Revoke",
            "Scripts that use these tokens are rejected.",
            revoke_token,
        ),
    ),
)
