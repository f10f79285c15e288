"""The client beside a real server: scripts that train while it is killed and started again."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from experiments.models import Experiment, Membership, Role, Trial
from experiments.services.external.tokens import create_token
from experiments.stack.addresses import free_port
from tests.examples import expect
from tests.outside import SPACE, make_outside
from tests.pace import crowd

CLIENT = Path(__file__).resolve().parents[2] / "client"
START = f"import sys; sys.path.insert(0, {str(CLIENT)!r})\nfrom tuning_client import TuningSite\n"
KERAS = """
import time, numpy, keras
x = numpy.random.default_rng(0).random((64, 4)); y = x.sum(axis=1)
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(4), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
class Slow(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.25)
class Waits(keras.callbacks.Callback):
    def __init__(self, file): super().__init__(); self.file = file
    def on_epoch_end(self, epoch, logs=None):
        while epoch == 5 and not self.file.exists(): time.sleep(0.05)
"""
LOOP = """
import time
sys.modules["keras"] = None
for trial in site.trials():
    with trial:
        if trial.number == 1:
            raise ValueError("this one breaks")
        for epoch in range(1, 4):
            trial.report(epoch, {"val_accuracy": trial.values["units"] / 200 + epoch / 100})
            time.sleep(0.2)
        trial.tell(trial.values["units"] / 200)
print("the loop is over,", site.best())
"""


@pytest.fixture
def web(house, project):
    """A server to kill; `web.site` makes the client's arguments."""
    user = User.objects.create_user("ann", password="pw")
    Membership.objects.create(project=project, user=user, role=Role.EDITOR)
    token = create_token(project, "laptop", by=user).text
    return Web(house, free_port(), token)


class Web:
    def __init__(self, house, port, token):
        self.house, self.port, self.token = house, port, token
        self.url = f"http://127.0.0.1:{port}"
        self.start()

    def start(self):
        self.house.serve(self.port)
        self.house.wait("the server answers", self.answers, seconds=40)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        import psutil

        children = psutil.Process(self.house.processes["web"].pid).children(recursive=True)
        self.house.kill("web")
        for child in children:
            child.kill()
        psutil.wait_procs(children)
        assert not self.answers()

    def run(self, lines, **options):
        """Start a script with `site` in it."""
        given = ", ".join(f"{name}={value!r}" for name, value in options.items())
        site = f"site = TuningSite({self.url!r}, token={self.token!r}, {given})\n"
        return subprocess.Popen(
            [sys.executable, "-c", START + site + lines],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def ended(script) -> str:
    """What a script printed; it must have ended well."""
    said, _ = script.communicate(timeout=60 * crowd())
    assert script.returncode == 0, said
    return said


def epochs_are(count):
    return lambda: Trial.objects.filter(epochs__gte=count).exists()


def test_a_training_reports_live_through_a_restart_of_the_server(web, tmp_path):
    gate = tmp_path / "the server was killed"
    waits = f"Waits(__import__('pathlib').Path({str(gate)!r}))"
    fit = f"model.fit(x, y, epochs=16, validation_split=0.25, verbose=0, callbacks=[Slow(), site, {waits}])"
    script = web.run(f"{KERAS}\n{fit}\nprint('trained')", experiment="Runs", flush_seconds=60)
    web.house.wait("epochs arrive while it trains", epochs_are(3), seconds=60)
    assert Trial.objects.get().state == Trial.State.RUNNING
    web.kill()
    gate.touch()
    seen = Trial.objects.get().epochs
    web.start()
    said = ended(script)
    assert "trained" in said and "Traceback" not in said
    assert re.search(r"TuningSite: trial 0: http://\S+/trials/0/", said)
    trial = Trial.objects.get()
    execution = trial.executions.get()
    assert (trial.state, trial.epochs) == (Trial.State.COMPLETED, 16), said
    assert seen < 16
    assert set(execution.history) == {"loss", "val_loss"}
    assert all(None not in curve and len(curve) == 16 for curve in execution.history.values())
    assert trial.values == {"optimizer": "Adam", "learning_rate": 0.01, "epochs": 16}
    assert trial.score == min(execution.history["val_loss"])
    assert Experiment.objects.get().objective == "val_loss"


def test_no_trouble_of_the_site_stops_a_training_and_a_training_that_breaks_is_told(web):
    """One script: with a wrong token, with a site that is away, and one that fails by itself."""
    wrong = "ts_" + "x" * 30
    trouble = f"""
stranger = TuningSite({web.url!r}, token={wrong!r}, experiment="Runs")
model.fit(x, y, epochs=2, verbose=0, callbacks=[stranger])
print("trained by a stranger")
away = TuningSite("http://127.0.0.1:{free_port()}", token={web.token!r}, experiment="Runs", flush_seconds=1.0)
model.fit(x, y, epochs=9, verbose=0, callbacks=[Slow(), away])
print("trained alone")
class Broken(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 2: raise RuntimeError("out of luck")
model.fit(x, y, epochs=9, verbose=0, callbacks=[site, Broken()])
"""
    script = web.run(KERAS + trouble, experiment="Runs", values={"lr": 0.01, "odd name": [1]})
    said, _ = script.communicate(timeout=60 * crowd())
    assert script.returncode == 1 and "out of luck" in said
    assert "trained by a stranger" in said and said.count("Unknown token") == 1
    assert "trained alone" in said and said.count("does not answer") == 1
    assert "was not sent" in said
    trial = Trial.objects.get()
    assert (trial.state, trial.epochs) == (Trial.State.FAILED, 3)
    assert "RuntimeError: out of luck" in trial.traceback
    assert trial.values == {"lr": 0.01} and said.count("Left out of the values") == 1


def test_a_loop_asks_and_tells_through_a_restart_without_keras_and_ends_at_a_wrong_token(
    web, project
):
    known, web.token = web.token, "ts_" + "x" * 30
    script = web.run("site.ask()", experiment="Runs")
    said, _ = script.communicate(timeout=60 * crowd())
    assert script.returncode == 1 and "Refused: Unknown token" in said
    assert not Trial.objects.exists()

    web.token = known
    experiment = make_outside(project, name="Loop", space=SPACE, max_trials=4)
    script = web.run(LOOP, experiment="Loop", worker="gpu-1")
    web.house.wait("the third trial runs", lambda: Trial.objects.count() > 2, seconds=40)
    web.kill()
    web.start()
    said = ended(script)
    experiment.refresh_from_db()
    assert "the loop is over" in said and "ValueError: this one breaks" in said
    assert experiment.state == Experiment.State.COMPLETED
    trials = list(experiment.trials.order_by("number"))
    assert [t.state for t in trials] == ["completed", "failed", "completed", "completed"]
    assert "this one breaks" in trials[1].traceback
    assert [t.score for t in trials if t.score] == [
        t.values["units"] / 200 for t in trials if t.score
    ]
    assert all(t.epochs == 3 and t.worker == "gpu-1" for t in trials if t.score)
    assert all(t.attempts.count() == 1 for t in trials)
    best = experiment.best_trial
    assert (
        f"Best(number={best.number}, score={best.score!r}, expected=None, values={{'lr': " in said
    )

    expect(best, value=0.41, low=0.38, high=0.44)
    said = ended(web.run("print(site.best().expected)", experiment=str(experiment.code)))
    assert said == "Expected(value=0.41, low=0.38, high=0.44, why='')\n"
    empty = make_outside(project, name="Empty", space=SPACE)
    assert ended(web.run("print(site.best())", experiment=empty.name)) == "None\n"
