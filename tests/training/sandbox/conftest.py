"""One sandbox for all tests of this folder; a test that must not share its limits makes its own."""

import stat

import pytest

from experiments.training.messages import ModelOrder
from experiments.training.sandbox import Limits, probe
from experiments.training.sandboxed import SandboxedPool

LIMITS = Limits(
    memory_bytes=1 << 30,
    file_bytes=50 << 20,
    processes=200,
    written_bytes=100 << 20,
    printed_bytes=4 << 20,
)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installation")
    (folder / "db.sqlite3").write_text("the database")
    (folder / "secret_key").write_text("the key")
    folder.chmod(stat.S_IRWXU)
    return folder


@pytest.fixture(scope="session")
def isolation(data_folder):
    found = probe(str(data_folder))
    assert found.is_whole, found.problem
    return found


@pytest.fixture(scope="session")
def walled(data_folder, isolation):
    pool = SandboxedPool(data_folder / "sandboxes", isolation, LIMITS)
    yield pool
    pool.close()


@pytest.fixture
def code_order(order):
    """Makes orders whose model is code."""

    def make(source, *, entry="function:build", scope="project-1", names=None, **changes):
        rows = [
            {"name": name, "type": "fixed", "value": 1, "default": None, "only_if": None}
            for name in names or {}
        ]
        recipe = {"source": source, "entry": entry, "rows": rows, "names": names or {}}
        values = {"epochs": 2, "batch_size": 16} | changes.pop("values", {})
        return order(model=ModelOrder("code", [recipe], scope), values=values, **changes)

    return make
