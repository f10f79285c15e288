import django.db.models.functions.datetime
from django.db import migrations, models

# The function that a record waits for, with the model and what its waiting records are told by.
WAITING = {
    "prepare_dataset": ("DatasetVersion", {"state": "preparing"}),
    "read_code": ("HyperModelVersion", {"reading__state": "waiting"}),
    "check_code": ("HyperModelVersion", {"checks__state": "waiting"}),
    "fetch_code": ("CodeFetch", {"state": "waiting"}),
    "run_script": ("Experiment", {"script_output__state": "waiting"}),
    "score_reveal": ("Reveal", {"state": "waiting"}),
}


def record_waiting(apps, schema_editor):
    """What waits for a job that was requested, and maybe lost, before jobs were recorded."""
    jobs = apps.get_model("experiments", "BackgroundJob").objects
    for function, (model, waiting) in WAITING.items():
        records = apps.get_model("experiments", model).objects.filter(**waiting)
        for key in records.values_list("pk", flat=True):
            jobs.create(name=f"experiments.jobs.{function}", arguments=[key])


class Migration(migrations.Migration):

    dependencies = [
        ("experiments", "0037_file_that_changed"),
    ]

    operations = [
        migrations.CreateModel(
            name="BackgroundJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("arguments", models.JSONField(default=list)),
                ("requested", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("worker", models.CharField(blank=True, max_length=120)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.RunPython(record_waiting, migrations.RunPython.noop, elidable=True),
    ]
