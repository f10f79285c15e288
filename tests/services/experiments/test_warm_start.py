"""What a new search takes over, and that it stays as it was."""

import uuid
from dataclasses import replace

import pytest

from experiments.models import Experiment, Project, Trial, WarmStart
from experiments.search.warm_plan import GivenConfiguration, WarmPlan
from experiments.services.experiments.lifecycle import create_experiment
from experiments.services.experiments.warm_start import MOST_TRIALS, NoSuchExperiment
from tests.searches import make_dataset, make_experiment, make_plan

pytestmark = pytest.mark.both_databases


def scored(experiment, *rows):
    """Trials that completed with a score, or in another state without one."""
    version = experiment.space_versions.get()
    for number, (values, score) in enumerate(rows):
        Trial.objects.create(
            experiment=experiment, number=number, space_version=version, values=values,
            values_key=str(number), state="failed" if score is None else "completed",
            score=score, seed=0, split_hash="",
        )  # fmt: skip


def defaults(experiment, **changed):
    plan = experiment.plan["space"]["hyperparameters"]
    known = {row["name"]: row.get("default") for row in plan if row.get("default") is not None}
    return known | changed


def start_from(project, *earlier, given=()):
    version = earlier[0].dataset_version if earlier else make_dataset()
    codes = tuple(str(each.code) for each in earlier)
    plan = replace(make_plan(version), warm_start=WarmPlan(codes, tuple(given)))
    return create_experiment(project, plan, by=None)


def test_a_search_that_starts_from_nothing_keeps_nothing(project):
    make_experiment(project)
    assert not WarmStart.objects.exists()


def test_scored_trials_that_fit_are_kept_and_the_rest_counted(project):
    earlier = make_experiment(project)
    scored(
        earlier,
        (defaults(earlier, units=64), 0.8),
        (defaults(earlier, units=10**6), 0.9),
        (defaults(earlier, units=32), None),
        (defaults(earlier, units="many"), 0.7),
        (defaults(earlier, units=96, elsewhere=1), 0.6),
    )
    record = start_from(project, earlier).warm_start
    (study,) = record.studies
    assert (study["found"], study["fitting"]) == (4, 2)
    assert study["numbers"] == [0, 4]
    assert study["scores"] == [0.8, 0.6]
    assert [values["units"] for values in study["values"]] == [64, 96]
    assert sum(study["left_out"].values()) == 2
    assert study["sign"] == -1.0
    assert record.portfolio is None


def test_what_was_kept_does_not_follow_its_source(project):
    earlier = make_experiment(project)
    scored(earlier, (defaults(earlier), 0.8))
    warm = start_from(project, earlier)
    before = warm.warm_start.studies
    earlier.trials.all().delete()
    assert WarmStart.objects.get(experiment=warm).studies == before


def test_of_many_trials_the_best_and_a_spread_of_the_others_are_kept(project):
    earlier = make_experiment(project)
    values = defaults(earlier)
    scored(earlier, *((values, index / 1000) for index in range(MOST_TRIALS + 100)))
    (study,) = start_from(project, earlier).warm_start.studies
    assert study["fitting"] == MOST_TRIALS + 100
    assert len(study["numbers"]) == len(set(study["numbers"])) == MOST_TRIALS
    assert study["numbers"] == sorted(study["numbers"])
    assert {0, MOST_TRIALS + 99} <= set(study["numbers"])


def test_known_results_are_a_study_of_their_own_and_the_rest_is_tried(project):
    rows = [
        GivenConfiguration({"units": 32}),
        GivenConfiguration({"units": 64}, 0.5),
        GivenConfiguration({"units": 10**7}, 0.6),
    ]
    record = start_from(project, given=rows).warm_start
    (study,) = record.studies
    assert (study["label"], study["code"]) == ("known results", "")
    assert (study["numbers"], study["scores"]) == ([2], [0.5])
    assert [values["units"] for values in record.by_hand] == [32]


@pytest.mark.parametrize("whose", ["nobody's", "another project's"])
def test_only_searches_of_the_project_can_be_taken(project, whose):
    earlier = make_experiment(project)
    if whose == "nobody's":
        earlier.code = uuid.uuid4()
    else:
        other = Project.objects.create(slug="other", name="Other")
        Experiment.objects.filter(pk=earlier.pk).update(project=other)
    with pytest.raises(NoSuchExperiment, match="has no experiment"):
        start_from(project, earlier)
    assert Experiment.objects.filter(project=project).exclude(pk=earlier.pk).count() == 0
