"""The error for data that can't be used."""


class DataRefused(Exception):
    """A file or built-in source that cannot become a dataset; the message names the mend."""
