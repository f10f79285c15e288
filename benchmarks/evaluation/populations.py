"""Populations that searches are played on: rows are drawn at will, so the truth about a model is known."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.ingest.file_locations import Places
from experiments.ingest.mnist import read_mnist

Inputs = npt.NDArray[np.float32]
Targets = npt.NDArray[np.int64] | npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]

PACKAGES: Final = Path(__file__).parents[2] / "node_modules"
COMPONENTS: Final = 30  # principal components of an image
INFORMATIVE: Final = 5
GROUP_SIZE: Final = 5
MEMORY: Final = 0.5  # of a row for the one before, where rows come in the order of time


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a population.

    x: (n, inputs). y: (n,) class indices, or numbers of a regression. codes: (n,) the group or the
    time of each row; None where rows are drawn one by one.
    """

    x: Inputs
    y: Targets
    codes: Codes | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """What rows are drawn from.

    classes: 0 for a regression. draw: how many rows for the search and how many new ones, and the
    generator, to both samples.
    """

    name: str
    classes: int
    draw: Callable[[int, int, np.random.Generator], tuple[Sample, Sample]]

    @property
    def metric(self) -> str:
        """What models are compared by."""
        return "accuracy" if self.classes else "rmse"

    @property
    def shuffled(self) -> "Population":
        """The same rows, whose targets say nothing about them."""

        def draw(n: int, new: int, rng: np.random.Generator) -> tuple[Sample, Sample]:
            samples = self.draw(n, new, rng)
            pool = np.concatenate([sample.y for sample in samples])
            mixed = np.split(rng.permutation(pool), [n])
            known, fresh = samples
            return Sample(known.x, mixed[0], known.codes), Sample(fresh.x, mixed[1], fresh.codes)

        return Population(f"{self.name} shuffled", self.classes, draw)


def _apart(
    draw: Callable[[int, np.random.Generator], Sample],
) -> Callable[[int, int, np.random.Generator], tuple[Sample, Sample]]:
    """Both samples drawn independently."""
    return lambda n, new, rng: (draw(n, rng), draw(new, rng))


def _normal(rng: np.random.Generator, *shape: int) -> Inputs:
    return rng.standard_normal(shape, dtype=np.float32)


def _weighted(x: Inputs) -> Inputs:
    """What the informative inputs add up to, (n,); standard deviation 1."""
    weights = np.linspace(1.0, 0.4, INFORMATIVE, dtype=np.float32)
    return x[:, :INFORMATIVE] @ (weights / np.linalg.norm(weights))


def _classified(x: Inputs, rng: np.random.Generator) -> Targets:
    chances = 1 / (1 + np.exp(-3.5 * _weighted(x)))
    return np.asarray(rng.random(len(x)) < chances, np.int64)


def _linear(n: int, rng: np.random.Generator) -> Sample:
    """Two classes by a logistic model of 5 of 20 inputs; the best model is right in 84 %."""
    x = _normal(rng, n, 20)
    return Sample(x, _classified(x, rng))


def _grouped(n: int, rng: np.random.Generator) -> Sample:
    """As `_linear`; half of the variance of inputs is common to the rows of a group of five."""
    codes = np.arange(n) // GROUP_SIZE
    common = _normal(rng, int(codes[-1]) + 1, 20)[codes]
    x = np.sqrt(np.float32(0.5)) * (common + _normal(rng, n, 20))
    return Sample(x, _classified(x, rng), codes)


def _ordered(n: int, rng: np.random.Generator) -> Sample:
    """As `_linear`; each row's inputs remember those of the row before."""
    x = _normal(rng, n, 20)
    for row in range(1, n):
        x[row] = MEMORY * x[row - 1] + np.sqrt(1 - MEMORY**2) * x[row]
    return Sample(x, _classified(x, rng), np.arange(n))


def _clusters(n: int, rng: np.random.Generator) -> Sample:
    """Three classes of three clusters each in 10 inputs, no two of a class side by side."""
    centres = 1.1 * np.random.default_rng(7).standard_normal((9, 10)).astype(np.float32)
    cluster = rng.integers(9, size=n)
    return Sample(centres[cluster] + _normal(rng, n, 10), (cluster % 3).astype(np.int64))


def _curve(n: int, rng: np.random.Generator) -> Sample:
    """A regression: a bent function of 5 of 20 inputs with noise of .5; the best model has RMSE .5."""
    x = _normal(rng, n, 20)
    bent = _weighted(x) + 0.5 * x[:, 0] * x[:, 1]
    return Sample(x, (bent + 0.5 * _normal(rng, n)).astype(np.float32))


@cache
def _images() -> tuple[Inputs, Targets]:
    """MNIST's 60,000 training images by principal components, which the test images give."""
    training, test = read_mnist(Places(PACKAGES, PACKAGES, PACKAGES))
    assert test is not None  # MNIST has one
    other = test[0].reshape(len(test[0]), -1).astype(np.float32) / 255
    centre = other.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov(other, rowvar=False))
    axes = axes[:, -COMPONENTS:].astype(np.float32)
    scale = ((other - centre) @ axes).std()
    x = (training[0].reshape(len(training[0]), -1).astype(np.float32) / 255 - centre) @ axes
    return x / scale, training[1]


def _real(n: int, new: int, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """Rows of MNIST, and others of the 60,000, which are fewer than asked for."""
    x, y = _images()
    chosen = rng.permutation(len(x))[: n + new]
    return Sample(x[chosen[:n]], y[chosen[:n]]), Sample(x[chosen[n:]], y[chosen[n:]])


POPULATIONS: Final = {
    each.name: each
    for each in (
        Population("linear", 2, _apart(_linear)),
        Population("clusters", 3, _apart(_clusters)),
        Population("mnist", 10, _real),
        Population("grouped", 2, _apart(_grouped)),
        Population("ordered", 2, _apart(_ordered)),
        Population("curve", 0, _apart(_curve)),
    )
}
