"""Room: web. The answer that does not end: an open page receives what changes; see docs/guide/chart-data.md."""

from collections.abc import Iterator
from errno import EPIPE
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from experiments import permissions
from experiments.models import Role
from experiments.reports.experiments.live import Cursor, live
from experiments.reports.trials.table import trial_columns
from experiments.stack.open_pages.connection import (
    COMMENT,
    Handed,
    OpenPage,
    Packer,
    Place,
    news_event,
    place_of,
)
from experiments.stack.open_pages.hub import hub, without_cursor
from experiments.stack.open_pages.taken_sockets import handed


@require_GET
@never_cache
def follow(request: HttpRequest, code: UUID) -> HttpResponseBase:
    """What changed since `cursor`, then what changes, as server-sent events.

    204 where the web server can't keep a page open, 503 where it keeps enough: pages poll then.
    """
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    place, session = place_of(request.META), request.session.session_key
    if place is None or session is None:
        return HttpResponse(status=204)
    if not hub.has_room(session):
        return HttpResponse(status=503)
    cursor, first = Cursor.read(request.GET.get("cursor", "")), COMMENT
    if found := without_cursor(live(experiment, cursor, trial_columns(experiment))):
        cursor, report = found
        first += news_event(cursor, report)
    is_compressed = "gzip" in request.headers.get("accept-encoding", "")
    packer = Packer(compressed=is_compressed)
    pieces = _pieces(packer.pack(first), place, packer, code, session, cursor)
    answer = StreamingHttpResponse(pieces, content_type="text/event-stream")
    if is_compressed:
        answer["Content-Encoding"] = "gzip"
    answer["X-Accel-Buffering"] = "no"  # nginx passes each piece on at once
    patch_vary_headers(answer, ("Accept-Encoding",))
    return answer


def _pieces(
    first: bytes, place: Place, packer: Packer, code: UUID, session: str, cursor: Cursor
) -> Iterator[bytes]:
    """The first piece goes out behind the head; then the hub has the socket. Raises: Handed, at its end."""
    yield first
    page = OpenPage(
        place.sock.dup(),
        packer,
        code=code,
        session=session,
        cursor=cursor,
        is_chunked=place.is_chunked,
    )
    handed.note(place.sock)
    hub.add(page)
    raise Handed(EPIPE, "Updates are sent by the hub from now on.")
