"""The linear model is what others have to beat: with its default values it must be a good one."""

import numpy as np
import pytest

from experiments.catalog.linear import TEMPLATE
from experiments.data_schema import DataSchema
from experiments.search.space.space import Space
from experiments.training.messages import EpochEnd, ModelOrder
from tests.training.data import write_cancer
from tests.training.orders import drain, of

pytestmark = pytest.mark.training


def test_by_default_it_is_as_good_as_scikit_learns_on_a_small_table(
    order, training_pool, tmp_path
):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data = write_cancer(tmp_path / "cancer")
    schema = DataSchema(
        "table", "classification", (30, 0), classes=("malignant", "benign"), rows=569
    )
    space = Space.from_dict(TEMPLATE.default_space(schema))
    values = space.canonical(space.defaults())
    model = ModelOrder("linear")
    fit = {"epochs": values["epochs"], "batch_size": values["batch_size"]}
    messages = drain(training_pool.run(order(data=data, model=model, values=values, fit=fit)))
    best = max(each.metrics["val_accuracy"] for each in of(messages, EpochEnd))

    split = np.load(data.split)
    train, validation = split["train_0"], split["validation_0"]
    x, y = np.load(tmp_path / "cancer/numbers.npy"), np.load(tmp_path / "cancer/y.npy")
    sklearn = make_pipeline(StandardScaler(), LogisticRegression()).fit(x[train], y[train])
    assert best >= sklearn.score(x[validation], y[validation]) - 0.01
