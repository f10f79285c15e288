import pytest

from tests.training.orders import printed_by


@pytest.fixture
def problem_of(training_pool, tmp_path):
    """Has real Keras build, fit, save and load a case. Returns: what is wrong with it, or nothing."""

    def problem_of(case):
        source = "from tests.catalog.keras_check import check\n"
        source += f"print('PROBLEM', check({case!r}), 'END')\n"
        printed = printed_by(training_pool, source, tmp_path)
        return printed.partition("PROBLEM ")[2].rpartition(" END")[0]

    return problem_of
