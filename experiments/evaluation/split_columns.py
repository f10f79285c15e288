"""Table columns that rows are grouped or ordered by."""

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Holds = Literal["number", "time", "text"]

# Names of columns whose equal values usually mean one source of several rows.
GROUP_NAMES: Final = re.compile(
    r"(.*[ _-])?(id|uid|uuid|patient|subject|participant|person|user|customer|client|account|member|"
    r"session|visit|household|family|group|site|device|speaker|author|student|case)s?",
    re.IGNORECASE,
)
FEWEST_GROUPS: Final = 4  # with fewer, nobody could keep them together


@dataclass(frozen=True, slots=True)
class SplitColumn:
    """What a table's column is worth as a group or as an order; its values lie in `file_name`.

    distinct: different values that are not missing. missing: rows without a value. odd: of a text
    column, the first value that isn't a number or date as the others are.
    """

    name: str
    holds: Holds
    distinct: int
    missing: int = 0
    odd: str = ""

    @property
    def file_name(self) -> str:
        """The file with each row's code: int32 in the order of the values, -1 where one is missing."""
        return f"{hashlib.sha256(self.name.encode()).hexdigest()[:16]}.npy"

    @property
    def values_file(self) -> str:
        """The file with a digest of each code's value: uint64, equal in all versions."""
        return self.file_name.replace(".npy", ".values.npy")

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def unfit(self, respecting: str) -> str:
        """Why rows can't be grouped or ordered ("time") by it; empty when they can."""
        if self.missing:
            rows = "1 row has" if self.missing == 1 else f"{self.missing:,} rows have"
            return (
                f"{rows} no value in {self.name}, so they can't be assigned to a fold. "
                "Fill them, remove the rows, or choose another column."
            )
        if respecting == "time" and self.holds == "text":
            found = f" (“{self.odd[:60]}”)" if self.odd else ""
            return (
                f"{self.name} contains text that can't be ordered by time{found}. "
                "Choose a numeric column, or dates such as 2024-03-01."
            )
        return ""


def looks_like_group(name: str, distinct: int, rows: int, fewest: int = FEWEST_GROUPS) -> bool:
    """Whether a column's name and values say that rows with the same value come from one source."""
    return bool(GROUP_NAMES.fullmatch(name.strip())) and fewest <= distinct <= rows / 2
