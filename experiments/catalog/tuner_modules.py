"""The names of KerasTuner that code imports: `keras_tuner`, and `kerastuner` as it was called before 2021.

It travels, as text, in the
bundle of a model whose code imports these names. Searching is this site's part: a tuner here keeps what a
script tells it, and after the search answers with what was found. What else the package has is taken from
the package itself where it is installed.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

from experiments.catalog.tuned_values import HyperParameters

PACKAGES = ("keras_tuner", "kerastuner")
TUNERS = {
    "RandomSearch": ("hypermodel", "objective", "max_trials"),
    "BayesianOptimization": ("hypermodel", "objective", "max_trials"),
    "Hyperband": ("hypermodel", "objective", "max_epochs", "factor", "hyperband_iterations"),
    "GridSearch": ("hypermodel", "objective", "max_trials"),
    "Tuner": ("oracle", "hypermodel"),
}
ORACLES = ("RandomSearch", "BayesianOptimization", "Hyperband", "GridSearch")
INSIDE = (
    "engine", "engine.hyperparameters", "engine.hyperparameter", "engine.hypermodel", "engine.tuner",
    "engine.base_tuner", "engine.oracle", "engine.multi_execution_tuner", "hyperparameters",
    "hypermodels", "tuners", "tuners.randomsearch", "tuners.bayesian", "tuners.hyperband", "oracles",
)  # fmt: skip


class HyperModel:
    """KerasTuner's base class of a model that can be tuned."""

    def __init__(self, name: str | None = None, tunable: bool = True) -> None:  # noqa: FBT001, FBT002
        self.name = name
        self.tunable = tunable

    def build(self, hp: Any) -> Any:
        """Return a compiled model."""
        raise NotImplementedError

    def declare_hyperparameters(self, hp: Any) -> None:
        """Ask for names beside those of `build`."""

    def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Train the model."""
        return model.fit(*args, **kwargs)


class BuildFunction(HyperModel):
    """A function `build(hp)` as a HyperModel: scripts call `tuner.hypermodel.build`."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def build(self, hp: Any) -> Any:
        """Call it."""
        return self.function(hp)


class Objective:
    """A metric and whether lower or higher is better."""

    def __init__(self, name: str, direction: str) -> None:
        self.name = name
        self.direction = direction


class Leaves(BaseException):
    """The code is left here, for this site goes on by itself; no `except Exception` of the code's holds it."""


class Searches(Leaves):
    """The code searches by itself. tuner: with its settings; args, kwargs: what `search` was called with."""

    def __init__(self, tuner: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> None:
        super().__init__(type(tuner).__name__)
        self.tuner, self.args_given, self.kwargs = tuner, args, dict(kwargs or {})


class KeepsSettings:
    """Keeps the arguments that it is made with, by name."""

    arguments: tuple[str, ...] = ("objective", "max_trials")

    def __init__(self, *given: Any, **settings: Any) -> None:
        self.settings = {**dict(zip(self.arguments, given, strict=False)), **settings}


class Oracle(KeepsSettings):
    """Keeps the settings of a script's search. updates: what a `run_trial` reported of its epochs."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.updates: list[dict[str, Any]] = []

    def update_trial(self, trial_id: str, metrics: Any, step: int = 0) -> None:
        """Keep the metrics of an epoch."""
        self.updates.append(dict(metrics))


class Tuner(KeepsSettings):
    """Keeps the settings of a script's search; after the search it answers."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.oracle = self.settings.pop("oracle", None) or Oracle()
        self.settings = {**getattr(self.oracle, "settings", {}), **self.settings}
        given = self.settings.pop("hypermodel", None)
        is_function = callable(given) and not hasattr(given, "build")
        self.hypermodel: Any = BuildFunction(given) if is_function else given
        found.append(self)

    def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> Any:
        """Build a model and train it, as KerasTuner does; a subclass may do otherwise."""
        hp = trial.hyperparameters
        return self.hypermodel.fit(hp, self.hypermodel.build(hp), *args, **kwargs)

    def save_model(self, trial_id: str, model: Any, step: int = 0) -> None:
        """Nothing: this site keeps the model of a trial itself."""

    def search_space_summary(self, extended: bool = False) -> None:  # noqa: FBT001, FBT002
        """Print the space; where the code is only read, the form shows it."""
        if answers:
            answers[-1].search_space_summary()

    def search(self, *args: Any, **kwargs: Any) -> None:
        """Leave the script; where the search was done here, go on with its results."""
        if not answers:
            raise Searches(self, args, kwargs)

    def get_best_hyperparameters(self, num_trials: int = 1) -> Any:
        """The values of the best trials."""
        return self._answers().get_best_hyperparameters(num_trials)

    def get_best_models(self, num_models: int = 1) -> Any:
        """The stored models of the best trials."""
        return self._answers().get_best_models(num_models)

    def results_summary(self, num_trials: int = 10) -> None:
        """Print the best trials."""
        self._answers().results_summary(num_trials)

    def reload(self) -> None:
        """Nothing lies elsewhere."""

    def _answers(self) -> Any:
        if not answers:
            raise Searches(self)
        return answers[-1]


found: list[Any] = []  # tuners that the code made, in their order
answers: list[Any] = []  # what tuners answer with after a search


def install() -> None:
    """Let imports of KerasTuner find these."""
    tuners = {
        name: Tuner if name == "Tuner" else type(name, (Tuner,), {"arguments": arguments})
        for name, arguments in TUNERS.items()
    }
    Tuner.arguments = TUNERS["Tuner"]
    oracles = {f"{name}Oracle": type(f"{name}Oracle", (Oracle,), {}) for name in ORACLES}
    names = {
        "HyperModel": HyperModel,
        "HyperParameters": HyperParameters,
        "Objective": Objective,
        "Oracle": Oracle,
        "BaseTuner": Tuner,
        "MultiExecutionTuner": Tuner,
        **tuners,
        **oracles,
    }
    real = importlib.util.find_spec("keras_tuner") if "keras_tuner" not in sys.modules else None
    where = list(real.submodule_search_locations or []) if real else []
    for package in PACKAGES:
        for path in (package, *(f"{package}.{inside}" for inside in INSIDE)):
            module = ModuleType(path)
            module.__dict__.update(names, __path__=list(where) if path == package else [])
            module.__dict__["__getattr__"] = _missing
            if path.endswith(".oracles"):  # as they were called before 2021
                module.__dict__.update({name: oracles[f"{name}Oracle"] for name in ORACLES})
            sys.modules[path] = module
        for inside in (name for name in INSIDE if "." not in name):
            setattr(sys.modules[package], inside, sys.modules[f"{package}.{inside}"])
        for inside in (name for name in INSIDE if "." in name):
            outer, _, inner = inside.rpartition(".")
            setattr(sys.modules[f"{package}.{outer}"], inner, sys.modules[f"{package}.{inside}"])


def _missing(name: str) -> Any:
    """What this file hasn't, from the package itself: its ready-made HyperModels are models too."""
    if name.startswith("__"):
        raise AttributeError(name)
    if name in (
        "applications",
        "HyperResNet",
        "HyperXception",
        "HyperEfficientNet",
        "HyperImageAugment",
    ):
        module = importlib.import_module("keras_tuner.applications")
        return module if name == "applications" else getattr(module, name)
    raise AttributeError(
        f"KerasTuner's {name} isn't available: this site runs the search. Write "
        "`build(hp)` or a HyperModel."
    )
