from django.db import migrations, models


def name_samplers(apps, schema_editor):
    """Until now an experiment's sampler never changed: each version was asked with it."""
    experiments = apps.get_model("experiments", "Experiment").objects.using(schema_editor.connection.alias)
    versions = apps.get_model("experiments", "SpaceVersion").objects.using(schema_editor.connection.alias)
    for pk, sampler, options in experiments.values_list("pk", "sampler", "sampler_options").iterator():
        versions.filter(experiment=pk).update(sampler=sampler, sampler_options=options)


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0012_more_objectives'),
    ]

    operations = [
        migrations.AddField(
            model_name='spaceversion',
            name='counted_as',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='spaceversion',
            name='sampler',
            field=models.CharField(default='', max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='spaceversion',
            name='sampler_options',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunPython(name_samplers, migrations.RunPython.noop, elidable=True),
    ]
