"""Contract of the model: `build(hp)` or a HyperModel, built with its defaults."""

import ast
from types import ModuleType

from experiments.training.child.contracts.contract import Bench, Contract, Found
from experiments.training.child.failures import ModelProblem
from experiments.training.child.model_entry import find_entry


def _find(module: ModuleType, tree: ast.Module) -> list[Found]:
    entry = find_entry(module, tree)
    return [] if entry is None else [Found(entry.name, entry.line, entry.value)]


def _check(found: Found, bench: Bench) -> str:
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


CONTRACT = Contract("model", "Model", "def build(hp) → a compiled keras.Model", _find, _check)
