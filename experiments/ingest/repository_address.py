"""Checks repository addresses against the administrator's list.

An entry of the list is a host, which is reached by https alone, or the beginning of an address: `https://host/team/`,
`file:///srv/repositories/`, or plain http on this machine itself.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import SplitResult, urlsplit

LONGEST: Final = 500
HOME: Final = ("localhost", "127.0.0.1", "::1")
REVISION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@-]{0,199}")
COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
PLAIN: Final = re.compile(r"[\x21-\x7e]+")


def address_problem(address: str, allowed: Sequence[str]) -> str:
    """Why nothing is fetched from there, with the fix; empty where it may be. The address isn't repeated."""
    if not PLAIN.fullmatch(address) or len(address) > LONGEST or "\\" in address:
        return "Enter the address of a repository, such as https://github.com/team/models."
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "Not an address. Use the form https://github.com/team/models."
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        return "Remove the user and password from the address: it is shown to the project."
    if parts.query or parts.fragment:
        return "Remove ? and # from the address: Git doesn't use them."
    if ".." in PurePosixPath(parts.path).parts or "%" in parts.path:
        return "Enter the path of the repository without .. and %."
    if not any(_covers(entry, parts, port) for entry in allowed):
        return f"Not an allowed address. The administrator allows: {', '.join(allowed)}."
    return ""


def revision_problem(revision: str) -> str:
    """Why that is no branch, tag or commit; empty where it may be one."""
    if not revision or (REVISION.fullmatch(revision) and ".." not in revision):
        return ""
    return "Enter a branch, a tag, or a commit hash of 40 digits."


def commit_problem(commit: str) -> str:
    """Why that is not the full number of a commit; empty where it is one, or none is named."""
    if not commit or COMMIT.fullmatch(commit):
        return ""
    return "The commit hash is incomplete. Choose the file again."


def path_problem(path: str) -> str:
    """Why that is no Python file of a repository; empty where it may be one."""
    parts = PurePosixPath(path).parts
    if not path or (path.endswith(".py") and ".." not in parts and not path.startswith("/")):
        return ""
    return "Enter the path of a .py file in the repository, such as models/net.py."


def entry_problem(entry: str) -> str:
    """Why an entry of the administrator's list can't be used; empty where it can."""
    if "://" not in entry:
        return "" if re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", entry) else "it isn't a host"
    parts = urlsplit(entry)
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return ""
    if parts.scheme == "https" and parts.hostname:
        return ""
    if parts.scheme == "http" and parts.hostname in HOME:
        return ""
    return "supported: https://, file:///folder/, and http:// on this machine"


def _covers(entry: str, parts: SplitResult, port: int | None) -> bool:
    if "://" not in entry:
        host, _, wanted = entry.partition(":")
        given = (parts.scheme, (parts.hostname or "").lower(), port or 443)
        return given == ("https", host.lower(), int(wanted or 443))
    known = urlsplit(entry)
    same = (known.scheme, known.netloc.lower()) == (parts.scheme, parts.netloc.lower())
    return same and PurePosixPath(parts.path).is_relative_to(known.path or "/")
