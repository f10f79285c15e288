import pytest

from experiments.models import SpaceVersion, Trial
from experiments.models.fields import with_floats
from tests.searches import make_experiment

pytestmark = pytest.mark.both_databases


def test_large_floats_stay_floats_whatever_the_database_makes_of_them():
    stored = {"lr": 10**25, "deep": [1, 2**53, -(10**30)], "on": True, "name": "x", "none": None}
    found = with_floats(stored)
    assert found == {**stored, "lr": 1e25, "deep": [1, 2**53, -1e30]}
    assert [type(found["lr"]), type(found["deep"][2])] == [float, float]
    assert [type(each) for each in (*found["deep"][:2], found["on"])] == [int, int, bool]


def test_values_and_spaces_are_read_so(project, owner):
    experiment = make_experiment(project)
    version = SpaceVersion.objects.get(experiment=experiment)
    trial = Trial.objects.create(
        experiment=experiment,
        space_version=version,
        number=0,
        values={"rate": 1e25},
        seed=1,
        state="completed",
    )
    assert type(Trial.objects.get(pk=trial.pk).values["rate"]) is float
    (values,) = experiment.trials.values_list("values", flat=True)
    assert type(values["rate"]) is float
    SpaceVersion.objects.filter(pk=version.pk).update(space={"max": 1e25})
    assert type(SpaceVersion.objects.get(pk=version.pk).space["max"]) is float
