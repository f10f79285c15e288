"""What a trial's page reads of its executions' use of the machine."""

from django.urls import reverse

from tests.examples import make_experiment


def test_executions_that_were_measured_are_told(client, viewer, project):
    experiment = make_experiment(project, trials=1, repeats=2)
    trial = experiment.trials.get()
    first = trial.executions.get(index=0)
    page = reverse("trials:detail", args=[experiment.code, 0])
    client.force_login(viewer)
    assert "<trial-usage" not in client.get(page).content.decode()
    first.usage = {"seconds": [0.5, 2.0], "cores": [1.0, 0.5], "memory_bytes": [1, 2]}
    first.epoch_seconds = [0.25, 0.5]
    first.save()
    report = client.get(reverse("trials:usage", args=[experiment.code, 0])).json()
    (told,) = report["executions"]
    assert (told["index"], told["usage"]) == (0, first.usage)
    assert told["epoch_seconds"] == [0.25, 0.5]
    assert report["planned"] == trial.values["epochs"]
    assert "<trial-usage" in client.get(page).content.decode()
