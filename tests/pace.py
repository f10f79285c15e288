"""How busy the machine is: times are promised for one that does nothing else."""

import os


def crowd() -> float:
    """How many processes want each core, at least one; a promised time is multiplied by it."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
