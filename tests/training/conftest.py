"""What the tests of this folder train on."""

import pytest

from tests.training.data import write_digits


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    return write_digits(tmp_path_factory.mktemp("digits"), parts=2)


@pytest.fixture
def order(tmp_path, digits, request):
    """Makes orders over the digits, each with a token of its own."""
    from tests.training.orders import fit_order, trial_order

    count = iter(range(100))

    def make(**changes):
        number = next(count)
        fit = fit_order(**changes.pop("fit", {}))
        settings = {
            "token": f"{request.node.name}-{number}",
            "data": digits,
            "fit": fit,
            "directory": str(tmp_path / f"attempt-{number}"),
        }
        return trial_order(tmp_path, **(settings | changes))

    return make
