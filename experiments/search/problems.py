"""Problems of an input, each with its JSON path."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` is the JSON path ("budget.max_trials"), empty for the whole."""

    path: str
    message: str

    def below(self, prefix: str) -> "Problem":
        """The same problem seen from a document that holds this one at `prefix`."""
        return Problem(join_path(prefix, self.path), self.message)


def join_path(*parts: str | int) -> str:
    """Join the parts of a JSON path, leaving empty ones out."""
    return ".".join(str(part) for part in parts if part != "")


class ProblemsError(ValueError):
    """An input that cannot be used; `problems` names everything that is wrong with it at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep every problem; the text of the error is all of them, one a line."""
        self.problems: list[Problem] = list(problems)
        lines = (f"{p.path}: {p.message}" if p.path else p.message for p in self.problems)
        super().__init__("\n".join(lines))


class SpaceError(ProblemsError):
    """A search space, or values for it, that cannot be used."""
