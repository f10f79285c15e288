"""What the page bench measures. Standard library only."""

from dataclasses import dataclass, field

FLOOR = "empty page"  # what Chromium itself takes to show one line of text
PARTS = (
    "server", FLOOR, "list", "leaderboard", "leaderboard, all trials there", "history", "parallel", "compare 10", "trial",
    "clicks", "epoch", "live",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """trials: sizes of the experiments. only: names out of PARTS; none means all. times: visits of each page and side.

    database: the address of an empty database instead of a SQLite file. peer: a Python that has optuna-dashboard.
    """

    trials: list[int]
    database: str = ""
    peer: str = ""
    only: list[str] = field(default_factory=list)
    times: int = 3

    def wants(self, part: str) -> bool:
        """Whether a part is measured."""
        return not self.only or part in self.only
