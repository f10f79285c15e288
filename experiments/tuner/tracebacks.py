"""The traceback that people are shown of code that failed: the code's own, where it ran elsewhere."""

import traceback

MOST = 20_000


def traceback_of(error: BaseException) -> str:
    """What the sandbox told of it, else what was raised in this process."""
    told = getattr(error, "traceback", "")
    return str(told or "".join(traceback.format_exception(error)))[-MOST:]
