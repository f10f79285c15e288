"""What pruners measure a trial by."""

from experiments.models import Experiment, Trial
from experiments.reports.sampling.peers import Peers
from experiments.services.trials.set_aside import set_aside
from tests.examples import make_experiment


def test_nobody_is_measured_by_a_trial_that_is_set_aside(project, editor):
    experiment = make_experiment(project, trials=4, repeats=2, by=editor)
    version = experiment.space_versions.get()
    peers = Peers(experiment, version.pk, epochs=20)
    peers.refresh()
    before = {trial.number: trial for trial in peers.history().trials}
    assert before[2].curve and before[2].executions and before[2].score is not None
    set_aside(experiment, [2], "Wrong data", by=editor)
    peers.refresh()
    after = {trial.number: trial for trial in peers.history().trials}
    assert (after[2].state, after[2].score, after[2].curve, after[2].executions) == (
        Trial.State.STOPPED,
        None,
        (),
        (),
    )
    assert after[1] == before[1]
    assert Experiment.objects.get(pk=experiment.pk).event_serial == peers.serial
