"""Other tools that the search bench compares: what they need, and how a session with one begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Final

HOW: Final = (
    "Install the peers and the recorded tables in a separate environment: pip install "
    "-r requirements.txt -r requirements-peers.txt (Optuna's GP needs torch too)."
)


class MissingPackages(RuntimeError):
    """What the bench needs is not installed; the text says how to install it."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"Not installed: {', '.join(names)}. {HOW}")


@dataclass(frozen=True, slots=True)
class OtherTool:
    """A peer. needs: the packages without which it isn't run, by the names that are imported."""

    label: str
    needs: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """Packages that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]

    @property
    def versions(self) -> dict[str, str]:
        """The version of each package."""
        return {name: version(name.replace("_", "-")) for name in self.needs}


def start_peer(session: str, *arguments: Any) -> Any:
    """Begin the session "module.Class" of this folder; imported now, since it needs a peer's package."""
    module, name = session.split(".")
    return getattr(import_module(f"benchmarks.search.{module}"), name)(*arguments)


def installed_peers(
    wanted: Sequence[str], peers: Mapping[str, OtherTool]
) -> tuple[list[str], dict[str, str]]:
    """The peers to run, all installed ones unless some are wanted ("none": no peer); and what the others need.

    Raises: MissingPackages where a wanted peer can't run.
    """
    lacks = {name: peer.missing for name, peer in peers.items() if peer.missing}
    missing = {package for name in wanted for package in lacks.get(name, ())}
    if missing:
        raise MissingPackages(sorted(missing))
    chosen = [name for name in wanted or peers if name not in lacks and name != "none"]
    return chosen, {name: f"needs {', '.join(packages)}" for name, packages in lacks.items()}
