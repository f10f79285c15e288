"""Hyperparameters of a custom `fit`, recorded without training."""

import inspect
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from experiments.training.child.contracts.model import fit_of
from experiments.training.child.own_fit import NO_CALLBACKS, accepted
from experiments.training.child.space_recorder import Recorded

ROWS = 8
Few = tuple[tuple[Any, ...], Any]  # positional data of a fit, and its validation_data
SLOW_SECONDS = 0.5  # a slower loop is followed once, not for each value of the space


class FitRecorder:
    """Follows a `fit`, or a tuner's `run_trial`. notes: why it could not be followed to its end."""

    def __init__(self, build: Callable[..., Any], rows: Callable[[], Few]) -> None:
        """build: a HyperModel's method, or a function, which has no fit. rows: for training."""
        hypermodel = build.__self__ if inspect.ismethod(build) else None
        self._fit = fit_of(hypermodel)
        self._rows = rows
        self._slow: dict[str, Recorded] | None = None
        self._has_failed = False
        self.notes: list[str] = []
        if self._fit is not None and "callbacks" not in accepted(self._fit, {"callbacks": ()}):
            self.notes.append(NO_CALLBACKS)

    @property
    def has_fit(self) -> bool:
        return self._fit is not None

    def record(self, hp: Any, model: Any) -> None:
        if self._fit is None:
            return
        if self._slow is not None:
            for name, each in self._slow.items():
                hp.recorded.setdefault(name, each)
            return
        before, began = set(hp.recorded), time.monotonic()
        self._follow(self._fit, hp, model)
        if time.monotonic() - began > SLOW_SECONDS:
            self._slow = {name: each for name, each in hp.recorded.items() if name not in before}

    def _follow(self, fit: Callable[..., Any], hp: Any, model: Any) -> None:
        trained = keras.Model.fit
        keras.Model.fit = lambda self, *args, **kwargs: keras.callbacks.History()
        try:
            rows, validation = self._rows()
            given = {"validation_data": validation, "callbacks": [], "epochs": 1, "verbose": 0}
            fit(hp, model, *rows, **accepted(fit, given))
        # A few rows may not suit it; what it used before that is recorded.
        except Exception as error:
            words = (
                "The custom fit raised an error while hyperparameters were collected: "
                f"{type(error).__name__}: {error}"
            )
            if not self._has_failed:
                self.notes.append(words[:300])
            self._has_failed = True
        finally:
            keras.Model.fit = trained


def made_up_rows(shape: tuple[int, ...]) -> Few:
    """Zeros of the data's shape."""
    rows = np.zeros((ROWS, *shape), "float32"), np.zeros(ROWS, "int64")
    return rows, rows
