"""Contract of `HyperModel.fit`, tested for one epoch on synthetic rows."""

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
from experiments.training.child.own_fit import NOTHING, Told, call_fit


def _find(module: ModuleType, tree: ast.Module) -> list[Found]:
    entry = find_entry(module, tree)
    if entry is None or entry.kind != "class" or not has_own_fit(entry.value):
        return []
    function = entry.value.fit
    return [Found(f"{entry.name}.fit", function.__code__.co_firstlineno, function)]


def fit_of(hypermodel: Any) -> Callable[..., Any] | None:
    """The training that a HyperModel brings, or one that a tuner builds through; None: it brings none."""
    if hypermodel is None:
        return None
    if has_own_fit(type(hypermodel)):
        return cast("Callable[..., Any]", hypermodel.fit)
    inner = getattr(hypermodel, "inner", None)
    return fit_of(inner)


def has_own_fit(kind: type) -> bool:
    """Whether a class brings a `fit` beside the one that every HyperModel has."""
    own = getattr(kind, "fit", None)
    return inspect.isfunction(own) and own is not tuner_modules.HyperModel.fit


def _check(found: Found, bench: Bench) -> str:
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
    seen = Told()
    told = call_fit(
        functools.partial(made.fit, hp),
        model,
        (x, y),
        {"validation_data": (x, y), "epochs": 1, "batch_size": 16, "verbose": 0},
        [seen],
    )
    if seen.epochs:
        return "Trained one epoch; callbacks were called."
    if told is None:
        raise ModelProblem(NOTHING)
    return "Trained, but without calling callbacks: trials have no curve and can't be pruned."


CONTRACT = Contract("fit", "Training", "def fit(self, hp, model, *args, **kwargs)", _find, _check)
