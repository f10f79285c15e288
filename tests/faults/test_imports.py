"""Imports whose worker is killed: taken up again, whole and once."""

import json
import os
import shutil
import subprocess
import sys
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from experiments.models import Activity, Execution, Experiment, Trial
from experiments.services.imports.files import keep_import
from experiments.services.imports.import_jobs import MOST_DEATHS, read_job, start_job
from experiments.services.site.invariants import broken_invariants
from tests.faults.house import ROOT
from tests.interop.projects import FOLDER

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.both_databases]
COUNT = 4_000
FIELDS = {"name": "Mine", "objective": "", "direction": "minimize", "study": ""}


@pytest.fixture
def requested(house, project):
    """The name of a large table whose import is requested; nobody works yet."""
    owner = User.objects.create_user("owner")
    arrived = house.folder / "arrived.csv"
    lines = ["id,params.x,score", *(f"{n},{n / 7},{n % 997}" for n in range(COUNT))]
    arrived.write_text("\n".join(lines))
    waiting = keep_import(arrived, "large.csv", person=owner.pk)
    start_job(waiting, project, FIELDS, "import", by=owner)
    return waiting.path.name


def test_it_is_taken_up_again_wherever_its_worker_was_killed(house, requested):
    house.start("housekeeping", "housekeeping")
    for ready in (1, COUNT):  # while its rows are made, and while they are written
        house.start("short", "short_worker")
        house.wait(
            "a worker imports",
            lambda ready=ready: (
                (job := read_job(requested)).state == "running" and job.done >= ready
            ),
            seconds=30,
        )
        house.kill("short")
        house.wait(
            "it waits again", lambda: read_job(requested).state in ("waiting", "done"), seconds=15
        )
    house.start("short", "short_worker")
    house.wait("it is imported", lambda: read_job(requested).state == "done", seconds=60)
    experiment = Experiment.objects.get()
    assert experiment.trials.count() == Trial.objects.count() == Execution.objects.count() == COUNT
    numbers = list(Trial.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(COUNT))
    assert experiment.winner and str(experiment.code) == read_job(requested).experiment
    assert Activity.objects.filter(verb="experiment.imported", detail__added=COUNT).count() == 1
    assert broken_invariants() == {}


@pytest.mark.parametrize("is_there", [False, True], ids=["new", "grown"])
def test_processes_that_import_one_running_project_at_once_make_one_experiment(
    house, project, is_there
):
    whole = FOLDER / "kt148_random"
    running = house.folder / "kt148_random"
    shutil.copytree(whole, running)
    shutil.rmtree(running / "trial_4")
    if is_there:
        call_command("import_keras_tuner", str(running), project=project.slug, stdout=StringIO())
    program = [sys.executable, str(ROOT / "manage.py"), "import_keras_tuner"]
    environment = {
        **os.environ,
        "DATA_DIR": str(house.data_dir),
        "DATABASE_URL": house.database_url,
        "REDIS_URL": house.redis.url,
    }
    started = [
        subprocess.Popen(
            [*program, str(folder), "--project", project.slug],
            env=environment,
            stdout=subprocess.PIPE,
        )
        for folder in (whole, running, whole)
    ]
    printed = [process.communicate()[0].splitlines() for process in started]
    done = [json.loads(lines[-1]) for lines in printed]
    experiment = Experiment.objects.get()
    assert {each["experiment"] for each in done} == {str(experiment.code)}
    assert sum(each["added"] for each in done) == (1 if is_there else 5)
    assert sorted(trial.source["id"] for trial in experiment.trials.all()) == list("01234")


def test_one_that_takes_every_worker_down_is_given_up_and_says_so(house, requested):
    house.start("housekeeping", "housekeeping")
    for _ in range(MOST_DEATHS):
        house.start("short", "short_worker")
        house.wait("a worker imports", lambda: read_job(requested).state == "running", seconds=30)
        house.kill("short")
        house.wait("its end is seen", lambda: read_job(requested).state != "running", seconds=15)
    job = read_job(requested)
    assert (job.state, job.deaths) == ("failed", MOST_DEATHS)
    assert "died 3 times" in job.words and not Experiment.objects.exists()
