"""Builds a compiled Keras model by executing the source that the page shows."""

import inspect
import linecache
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED
from tensorflow.python.eager import context

from experiments.catalog.code import SLUG as CODE
from experiments.catalog.registry import source_for
from experiments.data_schema import DataSchema
from experiments.training.child.code_model import CodeModel
from experiments.training.child.datasets import Part, Rows
from experiments.training.child.failures import MODEL_FILE, ModelProblem
from experiments.training.messages import TrialOrder

MODULE = "trial_model"
FILE = MODEL_FILE
ADAPT_ROWS = 200_000  # of a larger training set, rows at equal distances


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the model of one trial, again and again with other seeds."""

    source: str
    code: CodeModel | None = None  # checks a custom model

    @classmethod
    def of(cls, order: TrialOrder, schema: DataSchema) -> "Builder":
        """Write the source of an order. Raises: CatalogError."""
        model = order.model
        source = source_for(model.slug, model.layers, order.values, schema, order.fit.metrics)
        return cls(source, CodeModel(schema, order.fit) if model.slug == CODE else None)

    def build(self, seed: int, train: Rows) -> Any:
        """Return the compiled model for a seed. Raises: ModelProblem, or what the source raises."""
        seed_everything(seed)
        model = self.made(train)
        if not isinstance(model, keras.Model):
            raise ModelProblem(f"build_model returned {type(model).__name__}, not a Keras model.")
        if not model.compiled:
            raise ModelProblem(
                "build_model returned a model that isn't compiled. Call model.compile(…)."
            )
        if self.code is None:
            return model
        return self.code.fitted(model, train, trains_itself=self.own_fit() is not None)

    def made(self, train: Rows) -> Any:
        """What the source builds."""
        function = self.function()
        accepted = inspect.signature(function).parameters
        arguments: dict[str, Any] = {}
        if "adapt" in accepted or "targets" in accepted:
            step = max(1, -(-len(train) // ADAPT_ROWS))
            arguments["adapt"], arguments["targets"] = train.take(np.s_[::step])
        return function(**{name: arguments[name] for name in arguments if name in accepted})

    def own_callbacks(self, part: Part) -> list[Any]:
        """Custom callbacks, fresh ones for each execution; `part`: what it trains on."""
        return []

    def own_fit(self) -> Callable[..., Any] | None:
        """The custom fit of the model built last, if there is one."""
        return None

    def function(self) -> Any:
        """The source's build_model. Raises: ModelProblem, or what the source raises."""
        function = getattr(run_source(self.source), "build_model", None)
        if not callable(function):
            raise ModelProblem("The source defines no function build_model.")
        return function


def run_source(source: str) -> ModuleType:
    """Execute a source in a module, once a process: custom classes stay the same ones.

    The module is in `sys.modules` from the start, so that one that stops early can be read.
    """
    module = sys.modules.get(MODULE)
    if module is None or module.__dict__.get("__source__") != source:
        module = ModuleType(MODULE)
        module.__dict__["__source__"] = source
        sys.modules[MODULE] = module
        # So that a traceback shows the model's own lines.
        linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
        code = compile(source, FILE, "exec")
        exec(code, module.__dict__)
    return module


def seed_everything(seed: int) -> None:
    """Do what `keras.utils.set_random_seed` does, and keep the compiled functions.

    TensorFlow's own way forgets them all once it runs: 0.1 s for each further execution. Keras
    draws the seeds of initializers and dropout from Python's generator, so they are the same ones.
    """
    seed %= 2**32
    eager = context.context()
    if eager._context_handle is None:
        keras.utils.set_random_seed(seed)
        return
    global_state.set_global_attribute(GLOBAL_RANDOM_SEED, seed)
    global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, None)
    random.seed(seed)
    np.random.seed(seed)
    eager._seed = seed
    eager._rng = random.Random(seed)
