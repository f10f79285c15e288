"""Downloads one file and verifies its checksum."""

import errno
import hashlib
import http.client
import shutil
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

from experiments.ingest.download_sources import Origin
from experiments.ingest.errors import DataRefused
from experiments.ingest.file_locations import download_help

PIECE = 1 << 20
TIMEOUT_SECONDS = 30.0  # without an answer of the server
MOST_BYTES = 1 << 30  # where an origin's size isn't known
Progress = Callable[[str, int, int], None]  # file, bytes done, bytes in all (0 = not known)


def download(origin: Origin, target: Path, progress: Progress) -> None:
    """Fetch into `target`: written beside it, checked, then renamed. Raises DataRefused."""
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_space(origin, target.parent)
        found = _copy(origin, draft, progress)
        if found != origin.digest:
            raise DataRefused(
                f"{origin.url} sent an unexpected file: its {origin.algorithm_words} "
                f"is {found}. The file was deleted. Try again later. "
                f"{download_help(origin, target)}"
            )
        draft.replace(target)
    except urllib.error.HTTPError as error:
        words = (
            f"{origin.url} returned {error.code} ({error.reason}). {download_help(origin, target)}"
        )
        raise DataRefused(words) from error
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
        words = f"{origin.url} can't be reached: {_reason(error)}. {download_help(origin, target)}"
        raise DataRefused(words) from error
    except OSError as error:
        raise DataRefused(_disk_words(error, origin, target)) from error
    finally:
        draft.unlink(missing_ok=True)


def _copy(origin: Origin, draft: Path, progress: Progress) -> str:
    """Write what comes, hashing it on the way; returns the checksum."""
    digest = hashlib.new(origin.algorithm, usedforsecurity=False)
    request = urllib.request.Request(origin.url, headers={"User-Agent": "tuning-site"})
    with (
        urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer,
        draft.open("wb") as file,
    ):
        total = int(answer.headers.get("Content-Length") or origin.bytes)
        most = max(2 * origin.bytes, PIECE) if origin.bytes else MOST_BYTES
        done = 0
        progress(origin.file, done, total)
        while piece := answer.read(PIECE):
            done += len(piece)
            if done > most:
                raise DataRefused(
                    f"{origin.url} sends more than {most:,} bytes. The file was deleted."
                )
            digest.update(piece)
            file.write(piece)
            progress(origin.file, done, total)
    return digest.hexdigest()


def _check_space(origin: Origin, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < origin.bytes:
        raise OSError(errno.ENOSPC, f"{free >> 20:,} MB free, {origin.bytes >> 20:,} MB needed")


def _reason(error: Exception) -> object:
    return error.reason if isinstance(error, urllib.error.URLError) else error


def _disk_words(error: OSError, origin: Origin, target: Path) -> str:
    if error.errno == errno.ENOSPC:
        return f"No space for {origin.file} on the disk of {target.parent}: {error.strerror}."
    if isinstance(error, ConnectionError):
        return f"The connection to {origin.url} broke: {error}. {download_help(origin, target)}"
    return f"{origin.file} can't be written into {target.parent}: {error.strerror or error}."
