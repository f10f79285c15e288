"""A KerasTuner worker as the chief meets it: the calls of one script, with its own entries and values."""

from experiments.chief.call_handlers import CallHandlers
from experiments.interop.keras_tuner.message_conversion import (
    WireTrial,
    read_space,
    read_trial,
    write_trial,
)
from experiments.interop.keras_tuner.proto import METHODS, message, read
from experiments.interop.keras_tuner.space_entries import active_values, merged
from experiments.services.external.tokens import create_token
from tests.outside import make_outside

KIND = {"class_name": "Choice", "config": {"name": "kind", "values": ["a", "b"], "default": "a"}}
RATE = {
    "class_name": "Float",
    "config": {"name": "lr", "min_value": 1e-4, "max_value": 0.1, "sampling": "log"},
}


def only_if(name, *values):
    return [{"class_name": "Parent", "config": {"name": name, "values": list(values)}}]


UNITS = {
    "class_name": "Int",
    "config": {
        "name": "units",
        "min_value": 8,
        "max_value": 64,
        "step": 8,
        "sampling": "linear",
        "default": 8,
        "conditions": only_if("kind", "b"),
    },
}


def sent(method, answer):
    """What goes over the wire, as the client reads it."""
    return read(METHODS[method][1], answer.SerializeToString())


class Script:
    """One process: a connection, an ID, and the entries that its `build` declares."""

    ports = iter(range(40_000, 60_000))

    def __init__(self, handlers, token, name="one", entries=(KIND, RATE, UNITS)):
        self.handlers = handlers
        self.tuner_id = f"{token}.{name}"
        self.entries = entries
        self.connect()

    def connect(self):
        """A new connection, as after a restart of either side."""
        self.peer = f"ipv4:127.0.0.1:{next(self.ports)}"

    def create(self):
        """A trial; None: it has to wait."""
        answer = self.handlers.create_trial(self.tuner_id, self.peer)
        return None if answer is None else read_trial(sent("CreateTrial", answer).trial)

    def update(self, trial, step=0, **metrics):
        request = message(
            "UpdateTrialRequest", trial_id=trial.trial_id, metrics=metrics, step=step
        )
        return read_trial(
            sent("UpdateTrial", self.handlers.update_trial(request, self.peer)).trial
        )

    def get(self, trial):
        answer = self.handlers.get_trial(trial.trial_id, self.peer)
        return read_trial(sent("GetTrial", answer).trial)

    def end(self, trial, status="COMPLETED", entries=None):
        """As `build` leaves the trial: all entries, and values of those that are active."""
        entries = merged(trial.entries, self.entries if entries is None else entries)
        values = dict(trial.values)
        for entry in entries:
            config = entry["config"]
            default = config.get("default", config.get("value", config.get("min_value")))
            values.setdefault(config["name"], default)
        values = active_values(entries, values)
        told = WireTrial(trial.trial_id, status, entries, values)
        self.handlers.end_trial(write_trial(told), self.peer)

    def best(self, count=3):
        answer = sent("GetBestTrials", self.handlers.get_best_trials(count, self.peer))
        return [read_trial(each) for each in answer.trials]

    def space(self):
        answer = sent("GetSpace", self.handlers.get_space(self.peer))
        return read_space(answer.hyperparameters)[0]

    def run(self, score=0.5, step=0, **metrics):
        """One whole trial as a stock tuner runs it; what it got."""
        trial = self.create()
        assert trial is not None and trial.status == "RUNNING", trial
        if "val_accuracy" not in self.get(trial).metrics:
            self.update(trial, step, **(metrics or {"val_accuracy": score}))
        self.end(trial)
        return trial


def connected(project, owner, *, names=("one",), space=None, **plan):
    """The experiment, and scripts that have its token."""
    experiment = make_outside(project, by=owner, space=space, **plan)
    token = create_token(project, "laptop", by=owner, experiment=experiment).text
    handlers = CallHandlers()
    return experiment, *(Script(handlers, token, name) for name in names)


def names_of(trial):
    """Of its entries."""
    return [entry["config"]["name"] for entry in trial.entries]
