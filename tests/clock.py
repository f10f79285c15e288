"""A clock for tests: it stands in for the module `time`."""


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
