"""The rows that reveals showed, by content; a reveal's number counts the project's reveals of its rows."""

import django.db.models.deletion
import numpy as np
from django.db import migrations, models

from experiments import storage


def fill_ledger(apps, schema_editor):
    """Of reveals whose split and dataset are still stored; their numbers count by rows from now on."""
    reveals = apps.get_model("experiments", "Reveal").objects
    shown = apps.get_model("experiments", "RevealedRows").objects
    ledger: dict[int, list[np.ndarray]] = {}  # by project, without reveals that showed nothing
    numbers: dict[int, list[tuple[int, int]]] = {}  # by experiment: new number and key of each
    for reveal in reveals.select_related("experiment__dataset_version").order_by("pk"):
        search = reveal.experiment
        content = _content(search)
        of_project = ledger.setdefault(search.project_id, [])
        counted = sum(bool(np.isin(content, known).any()) for known in of_project)
        of_search = numbers.setdefault(search.pk, [])
        last = of_search[-1][0] if of_search else 0
        of_search.append((1 + max(last, counted), reveal.pk))
        if len(content):
            shown.create(reveal=reveal, digests=np.sort(content).astype("<u8").tobytes())
            if reveal.state != "failed":
                of_project.append(content)
    for of_search in numbers.values():
        # From the last one on: no number is there twice in between.
        for number, pk in reversed(of_search):
            reveals.filter(pk=pk).update(number=number)


def _content(search):
    own_test = search.plan.get("protocol", {}).get("locked_test_share", 0) is None
    try:
        locked = storage.load_locked(search.split_hash)
        return storage.split_content(search.dataset_version.digest, locked, own_test=own_test)[0]
    except (OSError, ValueError, KeyError, IndexError):  # the files are gone, or damaged
        return np.zeros(0, dtype=np.uint64)


def forget_locked_targets(apps, schema_editor):
    """Class shares and target quartiles of locked rows alone are shown no more."""
    experiments = apps.get_model("experiments", "Experiment").objects
    rows = experiments.exclude(split_facts={}).only("pk", "split_facts").order_by("pk")
    for experiment in rows.iterator(chunk_size=500):
        facts = experiment.split_facts
        for one in facts.get("classes", ()):
            one.pop("test", None)
        facts["targets"] = [one for one in facts.get("targets", ()) if one["use"] != "locked test"]
        experiments.filter(pk=experiment.pk).update(split_facts=facts)


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0032_data_seen_by_code'),
    ]

    operations = [
        migrations.CreateModel(
            name='RevealedRows',
            fields=[
                ('reveal', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='shown', serialize=False, to='experiments.reveal')),
                ('digests', models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name='reveal',
            name='announced',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='reveal',
            name='baselines',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='reveal',
            name='intervals',
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(fill_ledger, migrations.RunPython.noop),
        migrations.RunPython(forget_locked_targets, migrations.RunPython.noop),
    ]
