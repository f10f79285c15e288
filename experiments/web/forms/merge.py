"""Room: web. Two people's edits of the same form, put together so that nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merged:
    """fields: the form to go on with. taken: names that only the other one changed; both: that both did."""

    fields: dict[str, str]
    taken: tuple[str, ...]
    both: tuple[str, ...]


def merge(base: Mapping[str, str], typed: Mapping[str, str], stored: Mapping[str, str]) -> Merged:
    """What was typed, with what only the other one changed since `base`, which both began from.

    A name without a base counts as changed by both where the two differ.
    """
    fields, taken, both = dict(stored), [], []
    for name, mine in typed.items():
        theirs, began = stored.get(name, mine), base.get(name)
        fields[name] = mine
        if mine == theirs:
            continue
        if mine == began:
            fields[name] = theirs
            taken.append(name)
        elif theirs != began:
            both.append(name)
    return Merged(fields, tuple(taken), tuple(both))
