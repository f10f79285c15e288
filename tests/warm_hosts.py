"""One warm host of each kind for all tests of a process: importing TensorFlow costs seconds, a fork none.

A test whose subject is a host (its start, its death, its limits) makes its own.
"""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.training.pool import TrainingPool
from experiments.training.sandbox import Isolation, probe
from experiments.training.sandbox_files import Exchange
from experiments.training.sandboxed import SandboxedPool

READY_SECONDS = 300.0  # how busy a machine may be; what can't start says so at once


class SharedSandbox(SandboxedPool):
    """Stays for the next test, and serves whatever project each has; `discard` ends it all the same."""

    def close(self) -> None:
        """Who closes it had a pool of its own in mind."""

    def _host_for(self, scope: str) -> tuple[TrainingPool, Exchange]:
        return super()._host_for("tests")


@pytest.fixture(scope="session")
def training_pool() -> Iterator[TrainingPool]:
    """Trains what a catalog has, and what `tests.training.warm_host` adds."""
    pool = TrainingPool(program="tests.training.warm_host")
    assert pool.wait_until_ready(READY_SECONDS)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation's folder, with secrets in it."""
    folder = tmp_path_factory.mktemp("installation")
    (folder / "db.sqlite3").write_text("the database")
    (folder / "secret_key").write_text("the key")
    folder.chmod(stat.S_IRWXU)
    return folder


@pytest.fixture(scope="session")
def isolation(data_folder: Path) -> Isolation:
    """What keeps code apart on this machine."""
    found = probe(str(data_folder))
    assert found.is_whole, found.problem
    return found


@pytest.fixture(scope="session")
def sandboxed(data_folder: Path, isolation: Isolation) -> Iterator[SandboxedPool]:
    """Runs people's code behind walls, with TensorFlow."""
    from experiments.services.code.sandbox_status import limits_here

    pool = SharedSandbox(data_folder / "sandboxes", isolation, limits_here())
    yield pool
    pool.discard()


@pytest.fixture(scope="session")
def sandboxed_strategies(data_folder: Path, isolation: Isolation) -> Iterator[SandboxedPool]:
    """Asks people's samplers, pruners and tuners behind walls, without TensorFlow."""
    from experiments.services.code.sandbox_status import limits_here

    host = "experiments.training.child.strategy_host"
    pool = SharedSandbox(data_folder / "sandboxes", isolation, limits_here(), program=host)
    yield pool
    pool.discard()
