"""The model itself: `build(hp)` or a HyperModel, built with the defaults and asked for an answer.

Room: training child.
"""

import ast
from types import ModuleType

from experiments.training.child.contracts.contract import Bench, Broken, Contract, Found
from experiments.training.child.entry import find_entry


def _find(module: ModuleType, tree: ast.Module) -> list[Found]:
    entry = find_entry(module, tree)
    return [] if entry is None else [Found(entry.name, entry.line, entry.value)]


def _check(found: Found, bench: Bench) -> str:
    if bench.build is None:
        raise Broken(
            "It can't be made: its constructor needs arguments that this site doesn't give."
        )
    model = bench.build()
    weights = int(model.count_params()) if model.built else None
    return "Built and compiled with the defaults" + (
        f": {weights:,} parameters." if weights else "; its size follows from the data."
    )


CONTRACT = Contract("model", "Model", "def build(hp) → a compiled keras.Model", _find, _check)
