"""When scripts were last heard of."""

from django.db.models.functions import Now

from experiments.models import Script


def hear_script(experiment_pk: int, name: str, *, host: str, waits: bool) -> None:
    """The script asked or reported just now."""
    Script.objects.update_or_create(
        experiment_id=experiment_pk,
        name=name[:60],
        defaults={"host": host[:80], "waits": waits, "seen": Now()},
    )
