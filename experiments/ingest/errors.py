"""Why data cannot be taken, in plain words."""


class DataRefused(Exception):
    """A file or built-in source that cannot become a data set; the message names the mend."""
