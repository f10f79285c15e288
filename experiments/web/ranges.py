"""Web: a stored file as an answer: whole or in ranges, with ETag and checksum. Imports nothing of ours.

RFC 9110 (Range, If-Range, If-None-Match) and RFC 9530 (Repr-Digest); one range an answer.
"""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

PIECE = 256 * 1024
ONE_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*")


class NotSatisfiable(Exception):
    """The range begins after the file's end."""


def file_answer(
    request: HttpRequest, path: Path, *, name: str, content_type: str, sha256: str
) -> HttpResponseBase:
    """Answer with the file as an attachment; its content is known by `sha256` (hex)."""
    size = path.stat().st_size
    etag = f'"{sha256}"'
    if _matches(request.headers.get("If-None-Match", ""), etag):
        return _described(HttpResponse(status=304), etag, sha256)
    try:
        wanted = _wanted(request, etag, size)
    except NotSatisfiable:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{size}"
        return refused
    first, last = wanted or (0, size - 1)
    pieces = () if request.method == "HEAD" else _pieces(path, first, last - first + 1)
    answer = StreamingHttpResponse(
        pieces, status=206 if wanted else 200, content_type=content_type
    )
    answer["Content-Length"] = str(last - first + 1)
    answer["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003
    if wanted:
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _described(answer, etag, sha256)


def _described(answer: HttpResponseBase, etag: str, sha256: str) -> HttpResponseBase:
    answer["ETag"] = etag
    answer["Accept-Ranges"] = "bytes"
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Checksum-Sha256"] = sha256
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    answer["Repr-Digest"] = f"sha-256=:{digest}:"
    return answer


def _matches(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return header.strip() == "*" or etag in tags


def _wanted(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte; None for the whole file. Raises NotSatisfiable."""
    condition = request.headers.get("If-Range", "")
    if request.method not in ("GET", "HEAD") or (condition and condition != etag):
        return None
    found = ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or found[1] == found[2] == "":
        return None  # several ranges, or none that can be read: the whole file is allowed
    if not found[1]:
        length = min(int(found[2][:18]), size)
        if length == 0:
            raise NotSatisfiable
        return size - length, size - 1
    first = int(found[1][:18])
    last = min(int(found[2][:18]), size - 1) if found[2] else size - 1
    if first >= size:
        raise NotSatisfiable
    return (first, last) if first <= last else None


def _pieces(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while length > 0:
            piece = file.read(min(PIECE, length))
            if not piece:
                return
            length -= len(piece)
            yield piece
