"""Every record, to look at, to search, and to act on safely by the services.

Nothing is typed in here and nothing is deleted: records are written by services alone, and the
activity log can't be edited by anybody. People and their rights are Django's own pages, and rights are
given by superusers alone.
"""

from experiments.admin import library, operation, people, searches

__all__ = ["library", "operation", "people", "searches"]
