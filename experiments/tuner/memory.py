"""How much memory a child and its descendants use."""

from experiments.training.processes import family_of, resident_bytes


def memory_of(pid: int) -> int:
    """Resident bytes of a process and its descendants; 0 when it is gone."""
    return sum(map(resident_bytes, family_of(pid)))
