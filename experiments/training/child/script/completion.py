"""Runs a script to its end with the results of the finished search.

`search` returns at once; a script without a tuner gets the stored weights and history where it trains
for the first time. Later trainings run.
"""

import ast
import io
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import keras
import numpy as np

from experiments.catalog import tuner_modules
from experiments.catalog.tuned_values import HyperParameters
from experiments.training.child.builders import FILE
from experiments.training.child.channel import Channel
from experiments.training.child.script import compatibility
from experiments.training.child.script.batches import first_rows
from experiments.training.child.script.capture import bound_arguments, script_module
from experiments.training.child.script.data_sets import DataSets
from experiments.training.child.script.labels import Labels, fit_loss, watch_compile
from experiments.training.child.space_reading import problem_of
from experiments.training.code_messages import FoundTrial, ScriptEnded, ScriptOrder

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
OVERWRITES = re.compile(r"[\r\x08]+")
MOST_TEXT = 200_000  # characters that are kept


class Results:
    """Answers as a KerasTuner tuner, from the site's records, and prints like it."""

    def __init__(self, order: ScriptOrder) -> None:
        """`order.trials`: the best ones first."""
        self._order = order

    def search_space_summary(self) -> None:
        rows = self._order.rows
        print("Search space summary")  # noqa: T201
        print(f"Default search space size: {len(rows)}")  # noqa: T201
        for row in rows:
            config = {name: value for name, value in row.items() if name not in ("name", "kind")}
            print(f"{row['name']} ({row['kind']})\n{config}")  # noqa: T201

    def get_best_hyperparameters(self, count: int) -> list[HyperParameters]:
        return [HyperParameters(dict(trial.values)) for trial in self._order.trials[:count]]

    def get_best_models(self, count: int) -> list[Any]:
        """Their stored models. Raises: ValueError where one isn't kept."""
        return [
            keras.models.load_model(_model_path(trial)) for trial in self._order.trials[:count]
        ]

    def results_summary(self, count: int) -> None:
        print("Results summary")  # noqa: T201
        print(f"Showing {count} best trials")  # noqa: T201
        print(f"Objective: {self._order.objective}")  # noqa: T201
        for trial in self._order.trials[:count]:
            print(f"\nTrial {trial.number} summary\nHyperparameters:")  # noqa: T201
            for name, value in trial.values.items():
                print(f"{name}: {value}")  # noqa: T201
            print(f"Score: {trial.score}")  # noqa: T201


class ScriptCompletion:
    """Runs one script. `current`: always 0."""

    current = 0

    def __init__(self, order: ScriptOrder, channel: Channel) -> None:
        self._order = order
        self._channel = channel

    def run(self) -> None:
        """Run it; send its output and its error."""
        printed = io.StringIO()
        wrong = ScriptEnded()
        try:
            with redirect_stdout(printed):
                self._follow()
        # The border: whatever the code raises is what its author has to see.
        except (Exception, SystemExit, tuner_modules.Leaves) as error:
            if not (isinstance(error, SystemExit) and not error.code):
                found = problem_of(error)
                text = "".join(traceback.format_exception(error))[-20_000:]
                wrong = ScriptEnded("", found.problem, found.line, text)
        text = as_seen(printed.getvalue())[:MOST_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}")
        self._channel.send(ScriptEnded(text, wrong.problem, wrong.line, wrong.traceback))

    def _follow(self) -> None:
        order = self._order
        compatibility.install()
        watch_compile()
        data = DataSets(
            named=dict(order.named),
            chosen=order.chosen,
            classes=order.classes,
            shape=tuple(order.shape),
        )
        tree = ast.parse(order.source, FILE)
        tuner_modules.answers.append(Results(order))
        module = script_module(order.source, tree, data)
        with self._answered_fit():
            exec(compile(order.source, FILE, "exec"), module.__dict__)

    @contextmanager
    def _answered_fit(self) -> Iterator[None]:
        """Adapt losses to labels; the first training of a plain script is done already."""
        fit = keras.Model.fit
        waiting = self._order.trials[:1] if self._order.kind == "fit" else []
        classes = self._order.classes

        def answer(model: Any, *args: Any, **kwargs: Any) -> Any:
            given = bound_arguments((model, *args), kwargs, bound=True)
            _, y = first_rows(given)
            if y is not None and getattr(model, "compiled", False):
                model = fit_loss(model, Labels.of(y, classes=classes), measure=True)
            if waiting:
                return _history(model, given, waiting.pop())
            given.setdefault("verbose", 0)
            return fit(model, **given)

        keras.Model.fit = answer
        try:
            yield
        finally:
            keras.Model.fit = fit


def _model_path(trial: FoundTrial) -> str:
    if not trial.model:
        raise ValueError(f"The model of trial {trial.number} is no longer stored.")
    return trial.model


def as_seen(text: str) -> str:
    """A text as a terminal shows it: progress bars in their last state, without colours."""
    lines = COLOURS.sub("", text).split("\n")
    return "\n".join(OVERWRITES.split(line.rstrip("\r\b"))[-1] for line in lines)


def _history(model: Any, arguments: dict[str, Any], trial: FoundTrial) -> Any:
    """Load the trained weights into the model; return the History of its training."""
    path = _model_path(trial)
    if not model.built:
        x, _ = first_rows(arguments)
        if x is None:
            raise ValueError(
                "The model can't be built from a generator. Start it with keras.Input(…)."
            )
        model(keras.tree.map_structure(np.asarray, x))
    model.set_weights(keras.models.load_model(path, compile=False).get_weights())
    history = keras.callbacks.History()
    history.set_model(model)
    history.epoch = list(range(max((len(each) for each in trial.history.values()), default=0)))
    history.history = {name: list(values) for name, values in trial.history.items()}
    model.history = history
    return history
