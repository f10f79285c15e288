"""Room: web. The comparison's address: which trials, in which order, against which base; read and written."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from experiments.reports.compare.trials import MOST, Compared, Key
from experiments.search.reading import read_code
from experiments.web.query_values import read_number

MOST_READ = 200  # words of an address; what is beyond is counted alone
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Address:
    """What an address names. keys: each once, in order. unreadable: words that name no trial."""

    keys: tuple[Key, ...]
    base: str
    unreadable: int

    @classmethod
    def of(cls, query: QueryDict) -> "Address":
        """Read an address; what can't be read is counted."""
        words = [word for word in query.get("trials", "").split(",") if word.strip()]
        read = [read_key(word) for word in words[:MOST_READ]]
        keys = tuple(dict.fromkeys(key for key in read if key is not None))
        base = read_key(query.get("base", ""))
        unreadable = sum(key is None for key in read) + len(words[MOST_READ:])
        return cls(keys, written(base) if base else "", unreadable)

    def left_out(self, columns: Sequence[Compared], found: int) -> list[str]:
        """Sentences about what the address names and the page does not show.

        found: how many of the named trials there are.
        """
        words = []
        missing = len(self.keys) - found
        if missing:
            shown = {column.key for column in columns}
            # Beyond the most that fit it isn't known which ones are there.
            gone = [n for code, n in self.keys if written((code, n)) not in shown]
            named = ", ".join(str(n) for n in gone[:MOST_NAMED])
            which = f": trial {named}" if found <= MOST and len(gone) <= MOST_NAMED else ""
            words.append(f"{missing} not in this project, or deleted{which}.")
        if found > MOST:
            words.append(f"{found - MOST} more than the limit of {MOST}.")
        if self.unreadable:
            words.append(f"{self.unreadable} not readable.")
        if self.base and columns and self.base not in {column.key for column in columns}:
            words.append(
                f"The base of this link was left out: {columns[0].label} is the base now."
            )
        return words


def read_key(word: str) -> Key | None:
    """`code:number`; None where it is none."""
    code, _, number = word.strip().partition(":")
    key = read_code(code), read_number(number)
    return None if key[0] is None or key[1] is None else (key[0], key[1])


def written(key: Key) -> str:
    """A trial as the address has it."""
    return f"{key[0]}:{key[1]}"


def changed(query: QueryDict, **parts: str) -> str:
    """The address with some of its parts replaced; an empty one is dropped."""
    kept = {name: query[name] for name in query if name not in parts}
    new = {**parts, **kept}
    return "?" + urlencode({name: text for name, text in new.items() if text}, safe=":,~")


@dataclass(frozen=True, slots=True)
class Links:
    """Of one column: the same view with it as the base, and without it."""

    base: str
    without: str


def links_of(query: QueryDict, columns: Sequence[Compared], address: Address) -> list[Links]:
    """For each column; the order of the address stays, and with it each trial's place."""
    shown = {column.key for column in columns}
    keys = [key for key in map(written, address.keys) if key in shown]
    found = []
    for column in columns:
        others = [key for key in keys if key != column.key]
        base = "" if column is columns[0] or address.base not in shown else address.base
        found.append(
            Links(
                base=changed(query, trials=",".join(keys), base=column.key),
                without=changed(query, trials=",".join(others), base=base),
            )
        )
    return found
