"""Values of the budget that no SQL reads live in the plan alone."""

from django.db import migrations

NAMES = (
    *("max_seconds", "max_epochs", "max_slot_seconds", "target_score", "least_gain"),
    *("max_failures", "max_failed_share"),
)


def into_plans(apps, schema_editor):
    """Write each experiment's values into its plan, also where it has no other."""
    Experiment = apps.get_model("experiments", "Experiment")
    rows = Experiment.objects.only("pk", "plan", *NAMES).order_by("pk")
    for experiment in rows.iterator(chunk_size=500):
        values = {name: getattr(experiment, name) for name in NAMES}
        plan = {**experiment.plan, "budget": {**experiment.plan.get("budget", {}), **values}}
        Experiment.objects.filter(pk=experiment.pk).update(plan=plan)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_squashed_0028")]

    operations = [
        migrations.RunPython(into_plans, migrations.RunPython.noop),
        *(migrations.RemoveField("experiment", name) for name in NAMES),
    ]
