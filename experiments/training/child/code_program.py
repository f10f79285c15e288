"""Custom code in a trial: builder, training rows and parts."""

import ast
import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras

from experiments.catalog.code import ALWAYS, SLUG
from experiments.catalog.tuned_values import HyperParameters
from experiments.training.child.builders import FILE, Builder, run_source
from experiments.training.child.code_parts import CodeParts
from experiments.training.child.contracts.functions import loaded
from experiments.training.child.contracts.model import fit_of, has_own_fit
from experiments.training.child.datasets import Data, Part
from experiments.training.child.failures import ModelProblem
from experiments.training.child.model_entry import Entry, hypermodel_of
from experiments.training.child.script import compatibility
from experiments.training.child.script.capture import Captured, follow
from experiments.training.child.script.data_sets import DataSets
from experiments.training.child.script.labels import Labels, fit_loss, watch_compile
from experiments.training.child.script.names import missing_names, words_for
from experiments.training.child.script.own_tuner import built
from experiments.training.child.script.own_tuner import hypermodel_of as hypermodel_of_tuner
from experiments.training.child.script.trial_data import OwnData
from experiments.training.messages import TrialOrder

HANDLED = (
    keras.callbacks.EarlyStopping,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.TensorBoard,
    keras.callbacks.BackupAndRestore,
)
DEFAULT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class CodeBuilder(Builder):
    """Builds models of custom code.

    make: returns a compiled model; hypermodel: the one with a custom `fit`, if any; labels: of the
    code's own data, to which the loss is adapted.
    """

    make: Callable[[], Any] = lambda: None
    hp: HyperParameters = field(default_factory=HyperParameters)
    hypermodel: Any = None
    labels: Labels | None = None
    callbacks: tuple[Any, ...] = ()
    parts: CodeParts = field(default_factory=CodeParts)

    def made(self, train: Any) -> Any:
        """The compiled model, with a loss that fits the labels and the code's metrics."""
        model = self.make()
        if isinstance(model, keras.Model) and not model.compiled and self.own_fit() is not None:
            model.compile()  # needed for checkpoints, not for custom training
            return model
        if not (isinstance(model, keras.Model) and model.compiled):
            return model
        if self.labels is not None:
            model = fit_loss(model, self.labels, measure=True)
        return self.parts.measured(model)

    def own_callbacks(self, part: Part) -> list[Any]:
        """The code's callbacks: copies for each execution, as KerasTuner does."""
        copies = [copy.deepcopy(each) for each in self.callbacks]
        return [*self.parts.listeners(self.hp, part), *copies]

    def own_fit(self) -> Callable[..., Any] | None:
        """The HyperModel's own training, if it has one."""
        own = fit_of(self.hypermodel)
        return None if own is None else functools.partial(own, self.hp)


def prepared(order: TrialOrder) -> tuple[Data | OwnData, Builder]:
    """The rows and the builder of a trial, whatever its model is. Raises: DataProblem, ModelProblem."""
    data = Data(order.data)
    if order.model.slug != SLUG or not order.model.layers:
        return data, Builder.of(order, data.schema)
    compatibility.install()
    watch_compile()
    recipe = order.model.layers[0]
    sets = DataSets(
        named=dict(order.data.named),
        chosen=order.data.directory,
        classes=data.schema.classes_count,
        shape=data.schema.shape,
    )
    sets.install()
    if recipe.get("script"):
        return _script(order, data, recipe, sets)
    return _model(order, data, recipe)


def _model(
    order: TrialOrder, data: Data, recipe: dict[str, Any]
) -> tuple[Data | OwnData, Builder]:
    """A model and its other parts."""
    plain = Builder.of(order, data.schema)
    module = run_source(plain.source)
    parts = CodeParts.of(module)
    hp = HyperParameters(_values(order, recipe))
    kind, _, name = str(recipe.get("entry", "")).partition(":")
    hypermodel, make = None, plain.function()
    if kind == "class" and has_own_fit(getattr(module, name)):
        found = Entry(kind, name, 1, getattr(module, name))
        schema = data.schema
        hypermodel = hypermodel_of(found, classes=schema.classes_count, shape=tuple(schema.shape))
        make = functools.partial(hypermodel.build, hp)
    own: Data | OwnData = data
    labels = None
    if parts.load_data is not None:
        own = OwnData(data, loaded(parts.load_data), share=DEFAULT_SHARE)
        print(own.words)  # noqa: T201 - the trial's log
        labels = own.labels
    return own, CodeBuilder(
        source=plain.source,
        code=own.model_check(data.schema, order.fit) if isinstance(own, OwnData) else plain.code,
        make=make,
        hp=hp,
        hypermodel=hypermodel,
        labels=labels,
        parts=parts,
    )


def _values(order: TrialOrder, recipe: dict[str, Any]) -> dict[str, Any]:
    names = dict(recipe.get("names", {}))
    return {
        names.get(name, name): value
        for name, value in order.values.items()
        if name in names or name in ALWAYS
    }


def _script(
    order: TrialOrder, data: Data, recipe: dict[str, Any], sets: DataSets
) -> tuple[OwnData, Builder]:
    source = str(recipe["source"])
    tree = ast.parse(source, FILE)
    schema = data.schema
    for words in words_for(missing_names(tree)):
        compatibility.note(words)
    captured = _capture(source, tree, sets)
    share = float(captured.arguments.get("validation_split") or DEFAULT_SHARE)
    own = OwnData(data, captured.arguments, share=share)
    print(own.words)  # noqa: T201 - the trial's log
    hp = HyperParameters(_values(order, recipe))

    hypermodel = hypermodel_of_tuner(captured.tuner) if captured.kind == "search" else None

    def make() -> Any:
        if captured.kind == "search":
            return built(hypermodel, hp)
        return _capture(source, tree, sets).model

    builder = CodeBuilder(
        source=source,
        code=own.model_check(schema, order.fit),
        make=make,
        hp=hp,
        hypermodel=hypermodel,
        labels=own.labels,
        callbacks=own_callbacks(captured),
    )
    return own, builder


def _capture(source: str, tree: ast.Module, sets: DataSets) -> Captured:
    captured = follow(source, tree, sets)
    if captured is None:
        raise ModelProblem("The script ended without training or searching.")
    return captured


def own_callbacks(captured: Captured) -> tuple[Any, ...]:
    """The script's callbacks, without those that the form or the site handles."""
    given = captured.arguments.get("callbacks") or []
    listed = given if isinstance(given, list | tuple) else [given]
    return tuple(each for each in listed if not isinstance(each, HANDLED))
