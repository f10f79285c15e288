"""Room: web. Request bodies: too large ones are refused unread, files arrive in the data folder."""

import shutil
import tempfile
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from experiments import storage
from experiments.services.datasets.uploads import incoming_folder

MB = 1024**2
OTHER_FIELDS = MB  # of an upload form, beside the file
SPARE_DISK = 1024 * MB
UPLOAD_PAGES = frozenset({"datasets:new", "datasets:new-version", "experiments:import"})


class DataFolderUploadHandler(TemporaryFileUploadHandler):
    """Stream a file into DATA_DIR/uploads/incoming; it goes when the request ends unkept."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.file = ArrivingFile(
            self.file_name, self.content_type, 0, self.charset, self.content_type_extra
        )


class ArrivingFile(TemporaryUploadedFile):
    """A file on its way in."""

    def __init__(
        self,
        name: str | None,
        content_type: str | None,
        size: int,
        charset: str | None,
        content_type_extra: dict[str, bytes] | None = None,
    ) -> None:
        folder = incoming_folder()
        folder.mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=folder)  # noqa: SIM115 (closed by Django)
        UploadedFile.__init__(self, file, name, content_type, size, charset, content_type_extra)


class BodyLimitMiddleware:
    """Answers 413 before a byte of the body is read: the CSRF check would read all of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = _content_length(request)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            limit = _limit(request)
            if length > limit:
                return _refused(request, _too_large(length, limit))
            if length * 2 + SPARE_DISK > shutil.disk_usage(storage.data_dir()).free:
                return _refused(request, NO_ROOM, status=507)
        return self.get_response(request)


NO_ROOM = "The server's disk is full. Ask an administrator to free space, then try again."


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _limit(request: HttpRequest) -> int:
    try:
        page = resolve(request.path_info).view_name
    except Resolver404:
        page = ""
    if page in UPLOAD_PAGES and request.user.is_authenticated:
        return int(settings.UPLOAD_LIMIT_BYTES) + OTHER_FIELDS
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + OTHER_FIELDS


def _too_large(length: int, limit: int) -> str:
    return (
        f"This upload has {length / MB:,.0f} MB; at most {(limit - OTHER_FIELDS) // MB:,} MB are allowed. "
        "Nothing was stored. Leave rows or columns out, or save the table as Parquet."
    )


def _refused(request: HttpRequest, reason: str, *, status: int = 413) -> HttpResponse:
    response = render(request, "datasets/too_large.html", {"reason": reason}, status=status)
    response["Connection"] = "close"
    return response
