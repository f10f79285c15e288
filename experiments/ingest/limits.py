"""Limits of uploads."""

from dataclasses import dataclass

MB = 1024**2


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one upload; `ratio` counts only above `ratio_from_bytes` of inflated content."""

    upload_bytes: int = 512 * MB
    rows: int = 1_000_000
    columns: int = 2_000
    inflated_bytes: int = 1024 * MB
    ratio: int = 200
    ratio_from_bytes: int = 10 * MB
    entries: int = 100_000
    member_bytes: int = 200 * MB
    pixels: int = 25_000_000
    line_bytes: int = 10 * MB

    @property
    def cells(self) -> int:
        """Cells of a table that fit into the inflated size as 8-byte numbers."""
        return self.inflated_bytes // 8


USUAL = Limits()
