from collections.abc import Iterator

import pytest

from tests.catalog.real_keras import RealKeras


@pytest.fixture(scope="session")
def real_keras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKeras]:
    """One warm Keras for all models of this folder."""
    with (tmp_path_factory.mktemp("keras") / "errors").open("w+", encoding="utf-8") as errors:
        keras = RealKeras(errors)
        yield keras
        keras.close()
