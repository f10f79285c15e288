"""Why data cannot be taken, in plain words."""


class DataRefused(Exception):
    """A file or built-in source that cannot become a dataset; the message names the mend."""
