"""The fit and the protocol live in the plan alone: no SQL reads them."""

from django.db import migrations, models

NAMES = ("fit", "protocol")


def into_plans(apps, schema_editor):
    """Write each experiment's columns into its plan, also where it has no other."""
    for experiment in _rows(apps):
        columns = {name: getattr(experiment, name) for name in NAMES}
        _update(experiment, plan={**experiment.plan, **columns})


def out_of_plans(apps, schema_editor):
    for experiment in _rows(apps):
        _update(experiment, **{name: experiment.plan.get(name, {}) for name in NAMES})


def _rows(apps):
    rows = apps.get_model("experiments", "Experiment").objects.only("pk", "plan", *NAMES)
    return rows.order_by("pk").iterator(chunk_size=500)


def _update(experiment, **columns):
    type(experiment).objects.filter(pk=experiment.pk).update(**columns)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0029_budget_in_the_plan")]

    operations = [
        # For the way back, where the columns are empty at first.
        *(migrations.AlterField("experiment", n, models.JSONField(default=dict)) for n in NAMES),
        migrations.RunPython(into_plans, out_of_plans),
        *(migrations.RemoveField("experiment", name) for name in NAMES),
    ]
