"""The error for data that can't be used."""


class DataRefused(Exception):
    """A file or built-in source that can't become a dataset; the message names the fix."""
