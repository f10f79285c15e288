"""The user's part of a traceback."""

import traceback

MOST = 20_000


def traceback_of(error: BaseException) -> str:
    """What the sandbox told of it, else what was raised in this process."""
    told = getattr(error, "traceback", "")
    return str(told or "".join(traceback.format_exception(error)))[-MOST:]
