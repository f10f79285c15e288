"""Options, judgement, seed and timeout live in the plan alone: no SQL reads them."""

from django.db import migrations, models

NAMES = (
    *("sampler_options", "pruner_options", "more_objectives", "metrics"),
    *("score_rule", "expression", "seed"),
)
OF_SCRIPTS = "silence_seconds"  # only plans of external searches have it


def into_plans(apps, schema_editor):
    """Write each experiment's columns into its plan: an edit may have changed them alone."""
    for experiment in _rows(apps):
        columns = {name: getattr(experiment, name) for name in _names(experiment)}
        _update(experiment, plan={**experiment.plan, **columns})


def out_of_plans(apps, schema_editor):
    for experiment in _rows(apps):
        known = [name for name in _names(experiment) if name in experiment.plan]
        _update(experiment, **{name: experiment.plan[name] for name in known})


def _rows(apps):
    fields = ("pk", "plan", "place", OF_SCRIPTS, *NAMES)
    rows = apps.get_model("experiments", "Experiment").objects.only(*fields)
    return rows.order_by("pk").iterator(chunk_size=500)


def _names(experiment):
    return (*NAMES, OF_SCRIPTS) if experiment.place == "elsewhere" else NAMES


def _update(experiment, **columns):
    type(experiment).objects.filter(pk=experiment.pk).update(**columns)


class Migration(migrations.Migration):
    dependencies = [("experiments", "0030_fit_and_protocol_in_the_plan")]

    operations = [
        # For the way back, where the column is empty at first.
        migrations.AlterField("experiment", "seed", models.BigIntegerField(default=0)),
        migrations.RunPython(into_plans, out_of_plans),
        *(migrations.RemoveField("experiment", name) for name in (*NAMES, OF_SCRIPTS)),
    ]
