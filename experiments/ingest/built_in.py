"""Built-in datasets: descriptions, licences, sources and loaders.

A licence is what the source says; where it says nothing, neither does this table.
"""

from collections.abc import Callable
from dataclasses import dataclass

from experiments.ingest import loaders
from experiments.ingest.download_sources import ORIGINS
from experiments.ingest.file_locations import Places
from experiments.ingest.prepared import Prepared

UCI = "CC BY 4.0 · UCI Machine Learning Repository"
UCI_PAGE = "https://archive.ics.uci.edu/dataset/"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A dataset that is there by its name. source: the page that tells where it comes from."""

    key: str
    name: str
    description: str
    licence: str
    source: str
    load: Callable[[Places], Prepared]

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return self.key.replace("_", "-")

    @property
    def bytes(self) -> int:
        """What is downloaded where no file of it lies on this machine; 0: nothing ever."""
        return sum(origin.bytes for origin in ORIGINS.get(self.key, ()))


BUILT_IN: dict[str, BuiltIn] = {
    one.key: one
    for one in (
        BuiltIn(
            "mnist",
            "MNIST",
            "70,000 handwritten digits, 28 × 28 grey pixels; 10,000 are the test set.",
            "CC BY-SA 3.0 · Y. LeCun, C. Cortes",
            "https://keras.io/api/datasets/mnist/",
            loaders.mnist,
        ),
        BuiltIn(
            "digits",
            "Digits",
            "1,797 handwritten digits, 8 × 8 grey pixels. Trains in seconds.",
            UCI,
            f"{UCI_PAGE}80/optical+recognition+of+handwritten+digits",
            loaders.digits,
        ),
        BuiltIn(
            "iris",
            "Iris",
            "150 flowers of three species; four lengths in cm.",
            UCI,
            f"{UCI_PAGE}53/iris",
            loaders.scikit_table("load_iris", "species"),
        ),
        BuiltIn(
            "wine",
            "Wine",
            "178 wines of three growers; 13 chemical measurements.",
            UCI,
            f"{UCI_PAGE}109/wine",
            loaders.scikit_table("load_wine", "cultivar"),
        ),
        BuiltIn(
            "breast_cancer",
            "Breast cancer",
            "569 tumours, benign or malignant; 30 measurements of cell nuclei.",
            UCI,
            f"{UCI_PAGE}17/breast+cancer+wisconsin+diagnostic",
            loaders.scikit_table("load_breast_cancer", "diagnosis"),
        ),
        BuiltIn(
            "diabetes",
            "Diabetes",
            "442 patients; ten measurements; disease progression after a year.",
            "Not stated · Efron et al. 2004, Least Angle Regression",
            "https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
            loaders.scikit_table("load_diabetes", "progression"),
        ),
        BuiltIn(
            "house_prices",
            "House prices (synthetic)",
            "2,000 synthetic houses with numbers, categories and missing values: a "
            "CSV table for regression.",
            "Public domain · computed, not collected",
            "",
            loaders.house_prices,
        ),
        BuiltIn(
            "fashion_mnist",
            "Fashion-MNIST",
            "70,000 images of clothes, 28 × 28 grey pixels. Harder than MNIST; the same size.",
            "MIT · Zalando SE",
            "https://github.com/zalandoresearch/fashion-mnist",
            loaders.fashion_mnist,
        ),
        BuiltIn(
            "cifar10",
            "CIFAR-10",
            "60,000 colour images of ten kinds of animals and vehicles, 32 × 32 "
            "pixels; 10,000 are the test set.",
            "Not stated · A. Krizhevsky 2009, who asks to be cited",
            "https://www.cs.toronto.edu/~kriz/cifar.html",
            loaders.cifar10,
        ),
        BuiltIn(
            "cifar100",
            "CIFAR-100",
            "60,000 colour images of a hundred classes, 32 × 32 pixels; 10,000 are the test set.",
            "Not stated · A. Krizhevsky 2009, who asks to be cited",
            "https://www.cs.toronto.edu/~kriz/cifar.html",
            loaders.cifar100,
        ),
        BuiltIn(
            "imdb",
            "IMDB reviews",
            "50,000 film reviews, positive or negative, as word numbers: the 10,000 "
            "most frequent words, the last 256 of each review; 25,000 are the test "
            "set.",
            "Not stated · Maas et al. 2011, who ask to be cited",
            "https://ai.stanford.edu/~amaas/data/sentiment/",
            loaders.imdb,
        ),
        BuiltIn(
            "reuters",
            "Reuters newswires",
            "11,228 newswires of 1987 in 46 topics, as word numbers: the 10,000 most "
            "frequent words, the last 200 of each newswire; a fifth is the test set.",
            "Free for research only · Reuters Ltd., Reuters-21578",
            "https://keras.io/api/datasets/reuters/",
            loaders.reuters,
        ),
        BuiltIn(
            "california_housing",
            "California housing",
            "20,640 census blocks of 1990; eight measurements; median house value in dollars.",
            "Not stated · Pace and Barry 1997, StatLib",
            "https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html",
            loaders.california_housing,
        ),
    )
}
SAMPLES = ("mnist", "digits", "iris", "wine", "breast_cancer", "diabetes", "house_prices")
