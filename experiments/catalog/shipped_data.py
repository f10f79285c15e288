"""Datasets of `keras.datasets` on this site: names and shapes."""

# Texts have one axis: a row is a list of word numbers.
SHAPES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "mnist": ((60_000, 28, 28), (10_000, 28, 28)),
    "fashion_mnist": ((60_000, 28, 28), (10_000, 28, 28)),
    "cifar10": ((50_000, 32, 32, 3), (10_000, 32, 32, 3)),
    "cifar100": ((50_000, 32, 32, 3), (10_000, 32, 32, 3)),
    "imdb": ((25_000,), (25_000,)),
    "reuters": ((8_982,), (2_246,)),
}
TITLES = {
    "mnist": "MNIST",
    "fashion_mnist": "Fashion-MNIST",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "imdb": "IMDB reviews",
    "reuters": "Reuters newswires",
}
