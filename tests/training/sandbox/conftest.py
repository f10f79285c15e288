"""One sandbox for all tests of this folder; a test that must not share its limits makes its own."""

import stat

import pytest

from experiments.training.messages import EpochEnd, ModelOrder
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

    def make(
        source, *, entry="function:build", scope="project-1", names=None, recipe=None, **changes
    ):
        """recipe: what it says beside the source, as that of a script."""
        rows = [
            {"name": name, "type": "fixed", "value": 1, "default": None, "only_if": None}
            for name in names or {}
        ]
        told = {"source": source, "entry": entry, "rows": rows, "names": names or {}}
        values = {"epochs": 2, "batch_size": 16} | changes.pop("values", {})
        layers = [told | (recipe or {})]
        return order(model=ModelOrder("code", layers, scope), values=values, **changes)

    return make


@pytest.fixture
def play(walled, code_order):
    """Runs code and listens to its end."""

    def play(source, *, until="", at=EpochEnd, after=2, **changes):
        """until: a reason to stop, told when an epoch, or the first message of another kind, has come."""
        run = walled.run(code_order(source, **{"entry": "class:Net"} | changes))
        seen = []
        try:
            while run.exit_status() is None:
                message = run.receive(0.5)
                if message is None:
                    continue
                seen.append(message)
                if until and isinstance(message, at) and getattr(message, "epoch", after) == after:
                    run.stop(until)
        finally:
            run.close()
        return seen

    return play
