"""What the bench knows of a tool that somebody else makes, whatever it asks of it."""

from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec


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
