"""A search whose code can't run does not start."""

import pytest
from django.contrib.auth.models import Permission

from experiments.models import Experiment, HyperModelVersion, Worker
from experiments.services.code.versions import add_code, record_reading
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.lifecycle import NotAllowed, create_experiment
from tests.searches import make_dataset
from tests.tuner.test_own_code import plan_for
from tests.web.test_code import GOOD, READ

pytestmark = pytest.mark.both_databases


@pytest.fixture
def search(project, owner, queues) -> Experiment:
    owner.user_permissions.add(Permission.objects.get(codename="add_code"))
    version = add_code(project, "Net", GOOD, by=type(owner).objects.get(pk=owner.pk))
    record_reading(version.pk, READ)
    version.refresh_from_db()
    plan = plan_for(version, make_dataset(project), project)
    return create_experiment(project, plan, by=owner)


def test_one_whose_code_was_read_starts(search, owner):
    Worker.objects.create(kind="trials", name="one", pid=1, isolation="isolated (bubblewrap 1)")
    start_search(search, by=owner)
    search.refresh_from_db()
    assert search.state == Experiment.State.QUEUED


def test_one_whose_code_every_worker_refuses_says_so(search, owner):
    Worker.objects.create(kind="trials", name="one", pid=1, isolation="refused")
    with pytest.raises(NotAllowed, match="No worker may run custom code: SANDBOX"):
        start_search(search, by=owner)
    search.refresh_from_db()
    assert search.state == Experiment.State.DRAFT
    assert not search.follow_ups.exists()  # its baselines neither


def test_one_whose_code_can_no_longer_be_read_says_why(search, owner):
    HyperModelVersion.objects.update(reading={"state": "failed", "problem": "No memory."})
    with pytest.raises(NotAllowed, match=r"The code Net v1 can't be used: No memory\. See"):
        start_search(search, by=owner)
