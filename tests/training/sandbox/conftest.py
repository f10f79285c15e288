"""Sandboxes: the one that all tests share, and those of small limits that code is held by."""

from pathlib import Path

import pytest

from experiments.training import sandbox
from experiments.training.messages import EpochEnd, ModelOrder
from experiments.training.sandbox import Limits
from experiments.training.sandboxed import SandboxedPool

LIMITS = Limits(
    memory_bytes=1 << 30,
    file_bytes=50 << 20,
    processes=200,
    written_bytes=100 << 20,
    printed_bytes=4 << 20,
)


PROGRAMS = Path(__file__).resolve().parents[1]


class BareSandbox(SandboxedPool):
    """Its host has no TensorFlow to load, and is a program of the tests, which are shown inside too."""

    def __init__(self, folder, isolation, limits=LIMITS):
        super().__init__(folder, isolation, limits, program="tests.training.bare_host")

    def _new_host(self, exchange):
        with pytest.MonkeyPatch.context() as patch:
            shown = [*sandbox._readable(), str(PROGRAMS)]
            patch.setattr(sandbox, "_readable", lambda: shown)
            return super()._new_host(exchange)


@pytest.fixture(scope="session")
def bare(data_folder, isolation):
    pool = BareSandbox(data_folder / "sandboxes", isolation)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def with_tensorflow(data_folder, isolation):
    pool = SandboxedPool(data_folder / "sandboxes", isolation, LIMITS)
    yield pool
    pool.close()


@pytest.fixture(
    params=["bare", pytest.param("with_tensorflow", marks=pytest.mark.thorough)],
)
def tight(request):
    """A sandbox of small limits, whose host is soon there again when code has ended it."""
    return request.getfixturevalue(request.param)


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
def play(sandboxed, code_order):
    """Runs code and listens to its end."""

    def play(source, *, until="", at=EpochEnd, after=2, **changes):
        """until: a reason to stop, told when an epoch, or the first message of another kind, has come."""
        run = sandboxed.run(code_order(source, **{"entry": "class:Net"} | changes))
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
