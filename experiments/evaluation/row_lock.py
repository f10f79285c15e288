"""Which rows are locked: those with the smallest keyed digests, whatever version, order or seed."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.evaluation.fold_assignment import Counts, class_quotas
from experiments.evaluation.row_content import Content
from experiments.evaluation.splits import Part, Rows

Keys = npt.NDArray[np.uint64]  # rows with equal keys are locked together
Mask = npt.NDArray[np.bool_]

SLACK: Final = (
    0.01  # of the wished rows: how far the size may be off, so that fewer rows change sides
)
MOST_COPIES: Final = 5  # of one row that stay together; in large data one row in a hundred


def lock_keys(content: Content, secret: bytes) -> Keys:
    """The lock key of each row, from its content (BLAKE2 with a secret key: RFC 7693).

    Equal rows have equal keys. Of a content that many rows share, the copies are numbered and have
    keys of their own: kept together they would be a test set of few different rows.
    """
    different, place, counts = np.unique(content, return_inverse=True, return_counts=True)
    keys = _keyed(different, secret)[place]
    for crowded in np.flatnonzero(counts > max(MOST_COPIES, len(content) // 100)):
        copies = np.flatnonzero(place == crowded)
        numbered = np.arange(len(copies), dtype=np.uint64) + different[crowded]
        keys[copies] = _keyed(numbered, secret)
    return keys


def group_keys(codes: Rows, values: Content, secret: bytes) -> Keys:
    """The lock key of each row's group. codes: (n,) groups; values: the digest of each code's value."""
    return _keyed(values, secret)[codes]


def _keyed(digests: Content, secret: bytes) -> Keys:
    packed = digests.astype("<u8").tobytes()
    pieces = (packed[at : at + 8] for at in range(0, len(packed), 8))
    keyed = b"".join(blake2b(piece, key=secret, digest_size=8).digest() for piece in pieces)
    return np.frombuffer(keyed, dtype="<u8").astype(np.uint64)


def lock_rows(rows: Rows, keys: Keys, share: float, *, leave: int) -> Part:
    """Lock `share` of the rows, the smallest keys first; return (rows kept, rows locked), sorted.

    keys: of every row of the data, by row number. `leave` different keys are left over at least.
    Where even the fewest rows with one key are more than the share, they are locked alone.
    """
    blocks = _Blocks.of(keys[rows])
    is_locked = blocks.first(_wish(keys[rows], share), most=len(blocks.sizes) - leave)
    if not is_locked.any():
        is_locked[np.argmin(blocks.sizes)] = True
    return _parted(rows, is_locked[blocks.place])


def lock_classes(rows: Rows, keys: Keys, codes: Rows, share: float, *, leave: int) -> Part:
    """Lock each class's share of its rows, the smallest keys first; return (kept, locked), sorted.

    codes: the class of every row of the data, by row number. Where there are several classes, each
    gives at least one row, equal ones if need be, and keeps at least `leave`.
    """
    total = round(share * len(rows))
    classes, counts = np.unique(codes[rows], return_counts=True)
    quotas = class_quotas(counts, share, total, leave)
    is_locked = np.zeros(len(rows), dtype=bool)
    for label, quota in zip(classes, quotas, strict=True):
        members = np.flatnonzero(codes[rows] == label)
        own = keys[rows[members]]
        blocks = _Blocks.of(own)
        room = min(_wish(own, share, quota), len(own) - leave * (len(classes) > 1))
        found = blocks.first(room, most=len(blocks.sizes))[blocks.place]
        if not found.any():
            found[np.argsort(own, kind="stable")[:quota]] = True
        is_locked[members] = found
    return _parted(rows, is_locked)


def lock_stratified_groups(
    rows: Rows, keys: Keys, classes: Rows, share: float, *, leave: int
) -> Part:
    """Lock groups (rows with equal keys) so that classes give nearly their share; see `lock_rows`.

    First those that leave every class within its share, in the order of their keys; then, of those
    that fit into what is missing, each time the one that leaves the classes most even.
    """
    blocks = _Blocks.of(keys[rows])
    _, codes = np.unique(classes[rows], return_inverse=True)
    counts = np.zeros((len(blocks.sizes), int(codes.max()) + 1))
    np.add.at(counts, (blocks.place, codes), 1)
    totals = counts.sum(axis=0)
    room, most = _wish(keys[rows], share), len(blocks.sizes) - leave
    is_locked = blocks.first(room, most=most, parts=counts, rooms=np.ceil(share * totals))
    while is_locked.sum() < most:
        taken = counts[is_locked].sum(axis=0)
        fits = np.flatnonzero(~is_locked & (blocks.sizes <= room - taken.sum()))
        missed = np.abs((taken + counts[fits]) / totals - share).sum(axis=1)
        if missed.min(initial=np.inf) >= np.abs(taken / totals - share).sum():
            break
        is_locked[fits[np.argmin(missed)]] = True
    if not is_locked.any():
        is_locked[np.argmin(blocks.sizes)] = True
    return _parted(rows, is_locked[blocks.place])


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Rows with equal keys, in the order of these: how many there are, and each row's block."""

    sizes: npt.NDArray[np.int64]
    place: Rows

    @classmethod
    def of(cls, keys: Keys) -> "_Blocks":
        _, place, sizes = np.unique(keys, return_inverse=True, return_counts=True)
        return cls(sizes, place)

    def first(
        self, room: int, *, most: int, parts: Counts | None = None, rooms: Counts | None = None
    ) -> Mask:
        """At most `most` blocks with `room` rows together: each, in their order, that still fits.

        parts: rows of each block by class, of which no class may have more than its `rooms`.
        """
        found = np.zeros(len(self.sizes), dtype=bool)
        for block, size in enumerate(self.sizes.tolist()):
            if not room or not most:
                break
            if size > room or (parts is not None and (parts[block] > rooms).any()):
                continue
            if parts is not None:
                rooms = rooms - parts[block]
            found[block] = True
            room, most = room - size, most - 1
        return found


def _wish(keys: Keys, share: float, rows: int | None = None) -> int:
    """As many rows as have keys below the share, within SLACK of the wished ones.

    A border that is the share itself doesn't move when rows are added. rows: that are wished;
    None: the share of all.
    """
    rows = round(share * len(keys)) if rows is None else rows
    slack = int(SLACK * min(rows, len(keys) - rows))
    below = int(np.sum(keys < np.uint64(share * 2**64)))
    return min(max(below, rows - slack), rows + slack)


def _parted(rows: Rows, is_locked: Mask) -> Part:
    return rows[~is_locked], rows[is_locked]
