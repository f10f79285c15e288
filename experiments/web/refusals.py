"""Web: what a service refuses, as a message on the next page."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from experiments.services.experiments.states import NotAllowed


@contextmanager
def refusal_shown(request: HttpRequest) -> Iterator[None]:
    """Run a block up to the refusal of a service, which the next page shows."""
    try:
        yield
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
