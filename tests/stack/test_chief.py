"""Unmodified KerasTuner scripts of every kind of tuner through a real chief process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.models import Experiment
from experiments.services.external.tokens import create_token
from experiments.services.site.invariants import broken_invariants
from experiments.stack.addresses import free_port
from tests.outside import make_outside
from tests.pace import crowd

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("keras_tuner_script.py")
LONGEST_SECONDS = 120.0
ESTABLISHED = "01"
LARGEST_FRAME_OF_NO_CALL = 40  # a ping has 17 bytes, and two may wait; a call names a trial by 45


class Chief:
    """`manage.py chief` on the database of the tests."""

    def __init__(self, database_url):
        self.port = free_port()
        self.environment = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "tests"}
        self.environment["CHIEF_PORT"] = str(self.port)
        self.process = None
        self.start()

    def start(self):
        command = [sys.executable, str(ROOT / "manage.py"), "chief"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def kill_within_the_call_of(self, folder):
        """A held script is let go before a chief that stands still, so its call is never answered."""
        wait(lambda: (folder / "held").exists())
        self.process.send_signal(signal.SIGSTOP)
        (folder / "go").touch()
        wait(lambda: self.unread_bytes() > LARGEST_FRAME_OF_NO_CALL)
        self.kill()

    def unread_bytes(self):
        """What scripts have sent and the process has not taken. Source: proc(5), /proc/net/tcp."""
        waiting = 0
        for table in ("tcp", "tcp6"):
            for row in Path("/proc/net", table).read_text().splitlines()[1:]:
                _, local, _, state, queues, *_ = row.split()
                if state == ESTABLISHED and int(local.rpartition(":")[2], 16) == self.port:
                    waiting += int(queues.rpartition(":")[2], 16)
        return waiting


def url_of_the_tests():
    from django.db import connection

    options = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{options['NAME']}"
    return f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{options['NAME']}"


@pytest.fixture
def chief(transactional_db):
    running = Chief(url_of_the_tests())
    yield running
    running.kill()


def start(chief, token, kind, folder, name="one"):
    """The script, with KerasTuner's three variables."""
    variables = {
        "KERASTUNER_TUNER_ID": f"{token}.{name}",
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": str(chief.port),
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [sys.executable, str(SCRIPT), kind, str(folder / f"{kind}-{name}")]
    pipe = subprocess.PIPE
    environment = {**os.environ, **variables}
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


def output(script):
    """What it printed, once it came to its end by itself."""
    told, errors = script.communicate(timeout=LONGEST_SECONDS * crowd())
    assert script.returncode == 0, errors[-2000:]
    return told


def search(project, owner, name, **plan):
    experiment = make_outside(project, by=owner, space=None, name=name, **plan)
    return experiment, create_token(project, name, by=owner, experiment=experiment).text


PLANS = {
    "random": {"max_trials": 3},
    "bayesian": {"max_trials": 3},
    "hyperband": {"max_trials": 2, "epochs": 4},
    "several": {"max_trials": 2, "objective": ""},
}


def run_unchanged(chief, project, owner, folder, kinds):
    """The scripts side by side; each search by its kind."""
    made = {kind: search(project, owner, kind, **PLANS[kind]) for kind in kinds}
    scripts = {kind: start(chief, made[kind][1], kind, folder) for kind in kinds}
    told = {kind: output(script) for kind, script in scripts.items()}
    for kind, (experiment, _) in made.items():
        experiment.refresh_from_db()
        assert experiment.state == Experiment.State.COMPLETED, kind
        trials = list(experiment.trials.order_by("number"))
        assert [t.state for t in trials] == ["completed"] * PLANS[kind]["max_trials"], kind
        assert [t.origin for t in trials][:2] == ["probe", "sampler"]
        assert "BEST" in told[kind] and "lr" in told[kind]
    assert broken_invariants() == {}
    return {kind: experiment for kind, (experiment, _) in made.items()}


@pytest.mark.thorough  # races without processes: chief/test_call_handlers.py
def test_a_tuner_that_races_runs_unchanged(chief, project, owner, tmp_path):
    made = run_unchanged(chief, project, owner, tmp_path, ["hyperband"])
    raced = made["hyperband"].trials.last().source["extra"]
    assert (raced["tuner/epochs"], raced["tuner/initial_epoch"]) == (4, 0)


@pytest.mark.thorough  # tests/chief answers the calls of each
def test_every_other_kind_of_tuner_runs_unchanged(chief, project, owner, tmp_path):
    made = run_unchanged(chief, project, owner, tmp_path, ["random", "bayesian", "several"])
    names = made["random"].space_versions.last().space["hyperparameters"]
    units = next(row for row in names if row["name"] == "units")
    assert units["only_if"] == {"name": "kind", "values": ["wide"]}
    assert made["several"].objective == "multi_objective"


def wait(is_so):
    until = time.monotonic() + LONGEST_SECONDS * crowd()
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.1)


def ended_or_again(chief, script, token, tmp_path, name, kind="steps"):
    """A script that was inside a call when the chief was killed ends with gRPC's error, and is started again."""
    told, errors = script.communicate(timeout=LONGEST_SECONDS * crowd())
    if script.returncode == 0:
        return told
    assert "UNAVAILABLE" in errors, errors[-2000:]
    return output(start(chief, token, kind, tmp_path, name))


def test_no_trial_is_lost_when_the_chief_and_a_script_are_killed(chief, project, owner, tmp_path):
    experiment, token = search(project, owner, "killed", max_trials=4, objective="loss")
    first = start(chief, token, "steps", tmp_path, "a")
    wait(lambda: experiment.trials.filter(state="running", epochs__gte=2).exists())
    begun = experiment.trials.get(state="running")
    second = start(chief, token, "steps", tmp_path, "b")
    first.kill()
    first.communicate()
    chief.kill()
    chief.start()
    again = start(chief, token, "steps", tmp_path, "a")
    told = [output(again), ended_or_again(chief, second, token, tmp_path, "b")]
    assert all("BEST" in text for text in told)
    assert [t.state for t in experiment.trials.order_by("number")] == ["completed"] * 4
    # The same process name went on with the same trial: it was neither lost nor given out twice.
    begun.refresh_from_db()
    assert (begun.epochs, begun.attempts.count(), begun.worker) == (4, 1, "a")
    assert broken_invariants() == {}


@pytest.mark.thorough  # the one before kills it too, and tests/chief restarts it
def test_a_killed_chief_is_followed_by_one_that_knows_the_scripts_that_train(
    chief, project, owner, tmp_path
):
    experiment, token = search(project, owner, "followed", max_trials=3, objective="loss")
    script = start(chief, token, "steps", tmp_path, "a")
    wait(lambda: experiment.trials.filter(state="running", epochs__gte=2).exists())
    chief.kill()
    chief.start()
    assert "BEST" in ended_or_again(chief, script, token, tmp_path, "a")
    assert [t.state for t in experiment.trials.order_by("number")] == ["completed"] * 3
    assert broken_invariants() == {}


@pytest.mark.thorough  # tests/chief/test_restarts.py loses the call
def test_a_trial_whose_call_was_lost_with_the_chief_is_given_out_again(
    chief, project, owner, tmp_path
):
    experiment, token = search(project, owner, "lost", max_trials=2, objective="loss", retries=0)
    script = start(chief, token, "held", tmp_path, "a")
    chief.kill_within_the_call_of(tmp_path / "held-a")
    chief.start()
    # It goes on by itself, unless gRPC sends the end of the trial into the same broken connection.
    assert "BEST" in ended_or_again(chief, script, token, tmp_path, "a", "held")
    trials = list(experiment.trials.order_by("number"))
    assert [t.state for t in trials] == ["completed"] * 2
    outcomes = list(trials[0].attempts.order_by("number").values_list("outcome", flat=True))
    survived = script.returncode == 0
    assert outcomes == (["released", "completed"] if survived else ["completed"])
    assert broken_invariants() == {}
