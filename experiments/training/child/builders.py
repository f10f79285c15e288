"""From an order's values to a compiled Keras model, by executing the source that the page shows.

Room: training child.
"""

import inspect
import linecache
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import keras
import numpy as np

from experiments.catalog.registry import source_for
from experiments.data_schema import DataSchema
from experiments.training.child import seeds
from experiments.training.child.datasets import Rows
from experiments.training.child.failures import ModelProblem
from experiments.training.messages import TrialOrder

MODULE = "trial_model"
FILE = "model.py"
ADAPT_ROWS = 200_000  # of a larger training part, rows at equal distances


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the model of one trial, again and again with other seeds."""

    source: str

    @classmethod
    def of(cls, order: TrialOrder, schema: DataSchema) -> "Builder":
        """Write the source of an order. Raises: CatalogError."""
        model = order.model
        source = source_for(model.slug, model.layers, order.values, schema, order.fit.metrics)
        return cls(source)

    def build(self, seed: int, train: Rows) -> Any:
        """Return the compiled model for a seed. Raises: ModelProblem, or what the source raises."""
        seeds.seed_everything(seed)
        function = self._function()
        accepted = inspect.signature(function).parameters
        arguments: dict[str, Any] = {}
        if "adapt" in accepted or "targets" in accepted:
            step = max(1, -(-len(train) // ADAPT_ROWS))
            arguments["adapt"], arguments["targets"] = train.take(np.s_[::step])
        model = function(**{name: arguments[name] for name in arguments if name in accepted})
        if not isinstance(model, keras.Model):
            raise ModelProblem(f"build_model returned {type(model).__name__}, not a Keras model.")
        if not model.compiled:
            raise ModelProblem("build_model returned a model that is not compiled.")
        return model

    def _function(self) -> Any:
        """Execute the source in a module, once a process: custom classes stay the same ones."""
        module = sys.modules.get(MODULE)
        if module is None or module.__dict__.get("__source__") != self.source:
            module = ModuleType(MODULE)
            module.__dict__["__source__"] = self.source
            sys.modules[MODULE] = module
            # So that a traceback shows the model's own lines.
            linecache.cache[FILE] = (
                len(self.source),
                None,
                self.source.splitlines(keepends=True),
                FILE,
            )
            code = compile(self.source, FILE, "exec")
            exec(code, module.__dict__)
        function = getattr(module, "build_model", None)
        if not callable(function):
            raise ModelProblem("The source defines no function build_model.")
        return function
