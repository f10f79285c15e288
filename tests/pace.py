"""How busy the machine is: times are promised for one that does nothing else.

The benchmarks hold them to the promise; a test only tells what came from what never came.
"""

import os

# The load is a mean of a minute: a burst of work, or a machine that gives its time to others, is not in it.
PATIENCE = 4.0


def crowd() -> float:
    """A promised time is multiplied by it: patience, times how many processes want each core."""
    return PATIENCE * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
