"""Runs the `run_trial` of a script's own Tuner class.

`run_trial` runs as a HyperModel's `fit` does: the site gives the rows and callbacks,
and the first model that it builds is the trial's.
"""

import inspect
from dataclasses import dataclass, field
from typing import Any

import keras

from experiments.catalog import tuner_modules
from experiments.catalog.tuned_values import HyperParameters
from experiments.training.child.own_fit import passed_arguments
from experiments.training.child.script.compatibility import note
from experiments.training.child.script.labels import compiled_as
from experiments.training.child.space_recorder import Recorder

COMPILED = ("loss", "optimizer", "metrics")
KINDS = ("RandomSearch", "BayesianOptimization", "GridSearch", "Hyperband")


@dataclass
class TunerTrial:
    """What `run_trial` gets."""

    hyperparameters: Any
    trial_id: str = "0"
    metrics: dict[str, Any] = field(default_factory=dict)


def kind_of(tuner: Any) -> str:
    """Which of KerasTuner's tuners it is: by its class, a base class, or its oracle."""
    oracle = type(tuner.oracle).__name__.removesuffix("Oracle")
    names = [each.__name__ for each in type(tuner).__mro__]
    return next((name for name in (*names, oracle) if name in KINDS), "Tuner")


def has_own_run(tuner: Any) -> bool:
    """Whether its class decides how a trial is run."""
    own = getattr(type(tuner), "run_trial", None)
    return inspect.isfunction(own) and own is not tuner_modules.Tuner.run_trial


def hypermodel_of(tuner: Any) -> Any:
    """What builds the tuner's models, with the tuner's own changes."""
    if has_own_run(tuner):
        return OwnRun(tuner)
    changes = any(tuner.settings.get(name) for name in (*COMPILED, "hyperparameters"))
    return TunedModel(tuner.hypermodel, tuner.settings) if changes else tuner.hypermodel


def built(hypermodel: Any, hp: HyperParameters) -> Any:
    """What a tuner builds: a HyperModel's model, or a function's."""
    return hypermodel.build(hp) if hasattr(hypermodel, "build") else hypermodel(hp)


class TunedModel:
    """A HyperModel whose models are compiled as its tuner says."""

    def __init__(self, hypermodel: Any, given: dict[str, Any]) -> None:
        """given: the tuner's other arguments."""
        self.inner = hypermodel
        self.own_fit = getattr(hypermodel, "fit", None)
        self._compiled = {name: given[name] for name in COMPILED if given.get(name)}
        self._given: HyperParameters | None = given.get("hyperparameters")
        self._holds_others = not all(
            given.get(name, True) for name in ("tune_new_entries", "allow_new_entries")
        )

    def build(self, hp: Any) -> Any:
        known = dict(getattr(self._given, "recorded", {}))
        if isinstance(hp, Recorder):  # the tuner's hyperparameters come first, as it defined them
            hp.recorded.update(
                {name: each for name, each in known.items() if name not in hp.recorded}
            )
        for name, each in known.items():
            if hp.is_active(each.conditions):
                hp.values.setdefault(name, self._given.values.get(name, each.default))  # type: ignore[union-attr]
        model = built(self.inner, hp)
        if self._holds_others and isinstance(hp, Recorder):
            for name in set(hp.recorded) - set(known):
                del hp.recorded[name]
        if not self._compiled or not isinstance(model, keras.Model):
            return model
        changes = dict(self._compiled)
        if isinstance(changes.get("optimizer"), keras.optimizers.Optimizer):
            made = keras.optimizers.serialize(changes["optimizer"])
            changes["optimizer"] = keras.optimizers.deserialize(made)
        note(f"The tuner's {', '.join(changes)} overrides what build compiles with.")
        model.compile(**{**compiled_as(model), **changes})
        return model


class OwnRun(TunedModel):
    """A tuner's `run_trial` as a HyperModel's `fit`."""

    def __init__(self, tuner: Any) -> None:
        """The tuner builds through here."""
        super().__init__(tuner.hypermodel, tuner.settings)
        self._tuner = tuner

    def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Call `run_trial`; its last update of the oracle counts where it returns nothing."""
        tuner = self._tuner
        tuner.hypermodel = _Once(self, model)
        tuner.oracle.updates = []
        returned = tuner.run_trial(
            TunerTrial(hp), *args, **passed_arguments(tuner.run_trial, kwargs)
        )
        return tuner.oracle.updates[-1] if returned is None and tuner.oracle.updates else returned


class _Once:
    """Returns the trial's model from the first build."""

    def __init__(self, made: OwnRun, model: Any) -> None:
        self._made, self._models = made, [model]

    def build(self, hp: Any) -> Any:
        return self._models.pop() if self._models else self._made.build(hp)

    def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        own = self._made.own_fit
        return own(hp, model, *args, **kwargs) if own else model.fit(*args, **kwargs)
