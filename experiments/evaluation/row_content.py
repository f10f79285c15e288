"""Digests of rows by their content: equal rows have equal digests in every version, order and upload."""

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Content = npt.NDArray[np.uint64]
Values = npt.NDArray[Any]
# A column: its values (n, …), or the code of each row (-1: missing) and the words of the codes.
Cells = Values | tuple[Values, Sequence[str]]

MISSING: Final = np.uint64(2**64 - 1)
DIGEST_BYTES: Final = 8
AT_ONCE: Final = (
    4_096  # rows that are put side by side, so that no second copy of the data is held
)
# Columns that count or name rows: exports number them anew, so they are no content.
ROW_NAME: Final = re.compile(
    r"|#|(.*[ _-])?(id|uuid|guid)|index|row|row[ _-]?(nr|no|number)|nr|no|unnamed: \d+"
)


def content_of(columns: Mapping[str, Cells]) -> Content:
    """(n,) 64-bit digests of rows, over the cells of each in the order of the columns' names.

    A number counts as a float32, a text without its case and surrounding spaces; texts that are
    numbers count as these. Columns that only count or name rows are left out where others are left.
    """
    names = sorted(columns)
    kept = [name for name in names if not ROW_NAME.fullmatch(name.strip().lower())] or names
    blocks = [_bytes_of(columns[name]) for name in kept]
    digests = bytearray()
    for start in range(0, len(blocks[0]), AT_ONCE):
        rows = np.hstack([block[start : start + AT_ONCE] for block in blocks])
        width, view = rows.shape[1], memoryview(rows.tobytes())
        for at in range(0, len(view), width):
            digests += blake2b(view[at : at + width], digest_size=DIGEST_BYTES).digest()
    return _read(bytes(digests))


def text_digests(texts: Sequence[str]) -> Content:
    """The digest of each text, without its case and surrounding spaces."""
    plain = [text.strip().casefold().encode("utf-8", "replace") for text in texts]
    return _read(b"".join(blake2b(text, digest_size=DIGEST_BYTES).digest() for text in plain))


def _bytes_of(cells: Cells) -> npt.NDArray[np.uint8]:
    if isinstance(cells, tuple):
        codes, words = cells
        numbers = np.array([_as_number(word) for word in words], dtype=np.float64)
        known = np.where(np.isnan(numbers), text_digests(words), _number_tokens(numbers))
        tokens = np.append(known, MISSING)[codes]
    elif cells.ndim == 1:
        tokens = _number_tokens(cells)
    else:
        return np.ascontiguousarray(cells).reshape(len(cells), -1).view(np.uint8)
    return tokens.astype("<u8").view(np.uint8).reshape(len(tokens), -1)


def _number_tokens(numbers: Values) -> Content:
    with np.errstate(over="ignore"):
        narrow = numbers.astype(np.float32) + np.float32(0)  # -0 is 0
    tokens = narrow.view(np.uint32).astype(np.uint64)
    return np.where(np.isfinite(narrow), tokens, MISSING)


def _as_number(word: str) -> float:
    try:
        number = float(word)
    except ValueError:
        return np.nan
    return number if abs(number) <= np.finfo(np.float32).max else np.nan


def _read(digests: bytes) -> Content:
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)
