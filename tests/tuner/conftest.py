"""People's code at work: who may add it, the hosts that read, train and ask it, and searches over it."""

import pytest
from django.contrib.auth.models import Permission

from experiments.models import Experiment
from experiments.plan import ExperimentPlan
from experiments.reports.datasets.usable import usable_data
from experiments.reports.site.code_versions import CodeShelf
from experiments.services.code.versions import add_code
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.tuner import code_reading, custom_strategies
from experiments.tuner.worker_pools import WorkerPool
from experiments.web.forms.experiment.setting import first_setting
from tests.searches import make_seat, run_search


@pytest.fixture
def author(owner):
    owner.user_permissions.add(Permission.objects.get(codename="add_code"))
    return type(owner).objects.get(pk=owner.pk)


@pytest.fixture
def reader(sandboxed):
    """Reads code and runs scripts in the sandbox that all tests share."""
    code_reading._pools[:] = [sandboxed]
    yield
    code_reading._pools.clear()


@pytest.fixture
def asking(sandboxed_strategies):
    """Asks samplers, pruners and tuners in the sandbox that all tests share."""
    custom_strategies._here.pools[:] = [sandboxed_strategies]
    yield
    custom_strategies.close()


@pytest.fixture
def worker_pool(isolation, training_pool, sandboxed):
    """A worker's pool, of the hosts that all tests share."""
    return WorkerPool(isolation, training_pool, sandboxed)


@pytest.fixture
def pasted(project, author, queues, reader):
    """Pastes a script and has it read."""

    def paste(source):
        version = add_code(project, f"Pasted {len(source)}", source, by=author)
        code_reading.read_code(version.pk)
        version.refresh_from_db()
        assert version.reading["state"] == "read", version.reading
        return version

    return paste


@pytest.fixture
def searched(project, author, worker_pool):
    """Searches as a plan says, to its end."""

    def search(plan):
        experiment = create_experiment(project, plan, by=author)
        start_experiment(experiment, by=author)
        run_search(experiment, make_seat(worker_pool))
        assert experiment.state == Experiment.State.COMPLETED, experiment.state_reason
        return experiment

    return search


def plan_in_form(project, version, dataset=""):
    """The plan of the form as it opens for a version."""
    wanted = {"model": f"code-{version.pk}", "dataset_version": str(dataset and dataset.pk)}
    setting = first_setting(usable_data(project), wanted, 1, CodeShelf(project.pk))
    return ExperimentPlan.from_dict(setting.default_form().to_dict(), setting.facts)


def fixed(plan, name):
    """The value of a row that isn't searched."""
    return next(row.value for row in plan.space.hyperparameters if row.name == name)
