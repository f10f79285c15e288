"""Contracts of the model, `build(hp)` or a HyperModel, and of `HyperModel.fit`."""

import ast
import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from experiments.catalog import tuner_modules
from experiments.catalog.tuned_values import HyperParameters
from experiments.training.child.contracts.contract import Bench, Contract, Found
from experiments.training.child.failures import ModelProblem
from experiments.training.child.model_entry import find_entry, hypermodel_of
from experiments.training.child.own_fit import NOTHING, EpochCounter, call_fit


def _find_model(module: ModuleType, tree: ast.Module) -> list[Found]:
    entry = find_entry(module, tree)
    return [] if entry is None else [Found(entry.name, entry.line, entry.value)]


def _check_model(found: Found, bench: Bench) -> str:
    if bench.build is None:
        raise ModelProblem(
            "The class can't be constructed: its constructor needs arguments that "
            "this site doesn't provide."
        )
    model = bench.build()
    weights = int(model.count_params()) if model.built else None
    done = "Built and compiled" if model.compiled else "Built"
    return f"{done} with the defaults" + (
        f": {weights:,} parameters." if weights else "; its size depends on the data."
    )


def _find_fit(module: ModuleType, tree: ast.Module) -> list[Found]:
    entry = find_entry(module, tree)
    if entry is None or entry.kind != "class" or not has_own_fit(entry.value):
        return []
    function = entry.value.fit
    return [Found(f"{entry.name}.fit", function.__code__.co_firstlineno, function)]


def fit_of(hypermodel: Any) -> Callable[..., Any] | None:
    """The custom fit of a HyperModel, or of the one that a tuner wraps; None without one."""
    if hypermodel is None:
        return None
    if has_own_fit(type(hypermodel)):
        return cast("Callable[..., Any]", hypermodel.fit)
    return fit_of(getattr(hypermodel, "inner", None))


def has_own_fit(kind: type) -> bool:
    """Whether a class overrides HyperModel's `fit`."""
    own = getattr(kind, "fit", None)
    return inspect.isfunction(own) and own is not tuner_modules.HyperModel.fit


def _check_fit(found: Found, bench: Bench) -> str:
    names = list(inspect.signature(found.value).parameters)
    if len(names) < 3:
        raise ModelProblem("Write def fit(self, hp, model, *args, **kwargs):")
    entry = find_entry(bench.module, bench.tree)
    if entry is None:
        raise ModelProblem("There is no model to train.")
    made = hypermodel_of(entry, classes=bench.classes, shape=bench.shape)
    hp = HyperParameters()
    model = made.build(hp)
    x, y = bench.rows()
    seen = EpochCounter()
    returned = call_fit(
        functools.partial(made.fit, hp),
        model,
        (x, y),
        {"validation_data": (x, y), "epochs": 1, "batch_size": 16, "verbose": 0},
        [seen],
    )
    if seen.epochs:
        return "Trained one epoch; callbacks were called."
    if returned is None:
        raise ModelProblem(NOTHING)
    return "Trained, but without calling callbacks: trials have no curve and can't be pruned."


MODEL = Contract("model", "Model", _find_model, _check_model)
FIT = Contract("fit", "Training", _find_fit, _check_fit)
