"""Addresses, sizes and checksums of the files that Keras's loaders download.

Addresses, names and checksums are those of `keras.datasets` in Keras 3; Keras has none for
Fashion-MNIST, whose MD5 sums stand in the README of zalandoresearch/fashion-mnist.
"""

from dataclasses import dataclass

GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
TORONTO = "https://www.cs.toronto.edu/~kriz/"


@dataclass(frozen=True, slots=True)
class Origin:
    """One file that can be fetched.

    bytes: its size, as far as it's known (0 = it isn't). digest: hexadecimal, SHA-256 where it has
    64 digits and MD5 where it has 32. cached: names that it may have in Keras's cache.
    """

    file: str
    url: str
    digest: str
    bytes: int = 0
    cached: tuple[str, ...] = ()

    @property
    def algorithm(self) -> str:
        """The checksum's name for `hashlib`."""
        return "sha256" if len(self.digest) == 64 else "md5"

    @property
    def algorithm_words(self) -> str:
        """The checksum's name for people."""
        return "SHA-256" if self.algorithm == "sha256" else "MD5"


def _google(file: str, digest: str, size: int = 0, cached: str = "") -> Origin:
    return Origin(file, GOOGLE + file, digest, size, (cached or file,))


def _cifar(name: str, digest: str, size: int, target: str) -> Origin:
    file = f"{name}-python.tar.gz"
    return Origin(file, TORONTO + file, digest, size, (f"{target}_archive", f"{target}.tar.gz"))


def _fashion(file: str, digest: str, size: int) -> Origin:
    return _google(f"{file}.gz", digest, size, f"fashion-mnist/{file}.gz")


ORIGINS: dict[str, tuple[Origin, ...]] = {
    "mnist": (
        _google(
            "mnist.npz",
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
            11_490_434,
        ),
    ),
    "fashion_mnist": (
        _fashion("train-images-idx3-ubyte", "8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
        _fashion("train-labels-idx1-ubyte", "25c81989df183df01b3e8a0aad5dffbe", 29_515),
        _fashion("t10k-images-idx3-ubyte", "bef4ecab320f06d8554ea6380940ec79", 4_422_102),
        _fashion("t10k-labels-idx1-ubyte", "bb300cfdad3c16e7a12a480ee83cd310", 5_148),
    ),
    "cifar10": (
        _cifar(
            "cifar-10",
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            170_498_071,
            "cifar-10-batches-py-target",
        ),
    ),
    "cifar100": (
        _cifar(
            "cifar-100",
            "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            169_001_437,
            "cifar-100-python-target",
        ),
    ),
    "imdb": (
        _google(
            "imdb.npz",
            "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
            17_464_789,
        ),
        _google("imdb_word_index.json", "bfafd718b763782e994055a2d397834f", 1_641_221),
    ),
    "reuters": (
        _google(
            "reuters.npz",
            "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
            2_110_848,
        ),
        _google("reuters_word_index.json", "4d44cc38712099c9e383dc6e5f11a921", 550_378),
    ),
    "california_housing": (
        _google(
            "california_housing.npz",
            "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
            743_530,
        ),
    ),
}
