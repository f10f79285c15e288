"""Compatibility of code from 2016 to 2021 with current Keras.

The code itself is never edited. Installed in every child that runs custom code;
`noted` holds what was adapted, once each, and the trial's log shows it.
"""

import functools
import importlib
import sys
from types import ModuleType
from typing import Any

import keras

PREFIXES = ("keras", "tensorflow.keras", "keras._tf_keras.keras")
OLD_LAYERS = (
    "core", "convolutional", "pooling", "normalization", "recurrent", "embeddings", "merge", "noise",
    "advanced_activations", "local", "wrappers",
)  # fmt: skip
OPTIMIZERS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl")
RENAMED = {"nb_epoch": "epochs", "samples_per_epoch": None, "nb_val_samples": None}
GENERATORS = {
    "fit_generator": "fit",
    "evaluate_generator": "evaluate",
    "predict_generator": "predict",
}
noted: list[str] = []


def note(words: str) -> None:
    """Note an adaptation, and print it once: the trial's log shows it."""
    if words not in noted:
        noted.append(words)
        print(f"Adapted: {words}")  # noqa: T201 - the trial's log


def install() -> None:
    """Make the old names work."""
    if getattr(keras.Model, "fit_generator", None) is not None:
        return
    for name in OPTIMIZERS:
        _accept_lr(getattr(keras.optimizers, name))
    for old, new in GENERATORS.items():
        setattr(keras.Model, old, _renamed(old, new))
    keras.Model.predict_classes = _predict_classes
    keras.Model.predict_proba = _renamed("predict_proba", "predict")
    for prefix in PREFIXES:
        _old_modules(prefix)


def _accept_lr(kind: Any) -> None:
    made = kind.__init__

    @functools.wraps(made)
    def init(self: Any, *args: Any, **options: Any) -> None:
        if "lr" in options:
            options.setdefault("learning_rate", options.pop("lr"))
            note(f"{kind.__name__}(lr=…) is now learning_rate=.")
        if "decay" in options:
            options.pop("decay")
            note(
                f"{kind.__name__}(decay=…) no longer exists in Keras and was ignored; "
                "use a schedule."
            )
        made(self, *args, **options)

    kind.__init__ = init


def fit_arguments(options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `fit` by their names today."""
    arguments = dict(options)
    for old, new in RENAMED.items():
        if old in arguments:
            value = arguments.pop(old)
            if new is not None:
                arguments.setdefault(new, value)
            note(
                f"fit({old}=…) {f'is now {new}=' if new else 'no longer exists and was ignored'}."
            )
    return arguments


def _renamed(old: str, new: str) -> Any:
    def call(self: Any, *args: Any, **options: Any) -> Any:
        note(f"model.{old}(…) is now model.{new}(…).")
        return getattr(self, new)(*args, **fit_arguments(options))

    return call


def _predict_classes(self: Any, *args: Any, **options: Any) -> Any:
    note("model.predict_classes(…) is now model.predict(…).argmax(-1).")
    answer = self.predict(*args, **options)
    return answer.argmax(-1) if answer.shape[-1] > 1 else (answer > 0.5).astype("int32")


def _old_modules(prefix: str) -> None:
    """Removed modules, as windows on their successors."""
    now = importlib.import_module("keras")
    windows = {
        "utils.np_utils": now.utils,
        "backend.tensorflow_backend": now.backend,
        "optimizers.legacy": now.optimizers,
        **{f"layers.{name}": now.layers for name in OLD_LAYERS},
    }
    for path, target in windows.items():
        outer, _, inner = path.rpartition(".")
        module = _window(f"{prefix}.{path}", target)
        sys.modules[module.__name__] = module
        for holder in (f"keras.{outer}", f"keras._tf_keras.keras.{outer}"):
            setattr(importlib.import_module(holder), inner, module)


def _window(name: str, target: ModuleType) -> ModuleType:
    module = ModuleType(name)

    def look(wanted: str) -> Any:
        if wanted.startswith("__"):
            raise AttributeError(wanted)
        found = getattr(target, wanted)
        place = ".".join(name.removeprefix("keras._tf_keras.").split(".")[-2:])
        note(
            f"{place}.{wanted} is now {target.__name__.removeprefix('keras._tf_keras.')}.{wanted}."
        )
        return found

    module.__dict__["__getattr__"] = look
    module.__dict__["__path__"] = []
    return module
