"""Web: numbers as addresses and forms hold them. Standard library only."""

from collections.abc import Iterable


def read_number(text: str, *, longest: int = 9) -> int | None:
    """A whole number of at most `longest` digits; None for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= longest
    return int(text) if is_number else None


def read_numbers(words: Iterable[str]) -> list[int]:
    """The numbers among words, each once; anything else is left out."""
    found = (read_number(word.strip()) for word in words)
    return list(dict.fromkeys(number for number in found if number is not None))
