"""Why a start can't begin. Standard library only."""


class StartRefused(Exception):
    """The message is one sentence or two for the terminal: what is wrong and what to do."""
