"""Code out of Git repositories: requested by people, fetched by a background job, kept as a version.

Only what an administrator lists in CODE_REPOSITORIES can be fetched, which is checked again when it is fetched.
"""

import datetime
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from experiments import queues
from experiments.catalog.repository_files import TooManyFiles, composed, neighbours_of
from experiments.ingest.repository import (
    Commit,
    FetchLimits,
    FetchRefused,
    GitNotRun,
    NotGiven,
    fetched,
)
from experiments.ingest.repository_address import (
    address_problem,
    commit_problem,
    path_problem,
    revision_problem,
)
from experiments.models import CodeFetch, HyperModel, HyperModelVersion, Project
from experiments.search.problems import Problem
from experiments.services.code.versions import (
    MOST_BYTES,
    add_code,
    digest_of,
    require_right,
    source_problems,
)
from experiments.services.experiments.states import NotAllowed

JOB: Final = "experiments.jobs.fetch_code"
KEPT_DAYS: Final = 7
MOST_CHOICES: Final = 500
REFUSALS: Final = (FetchRefused, TooManyFiles)
STUMBLED: Final = "Fetching failed. See the log of the background worker."
State = CodeFetch.State


def may_fetch() -> bool:
    """Whether the administrator lists any repositories."""
    return bool(settings.CODE_REPOSITORIES)


@dataclass(frozen=True, slots=True)
class Place:
    """Where code is. path: empty: chosen later. commit: the commit that a person has seen.

    With a commit it is taken, wherever the revision points by now; empty: the newest.
    """

    address: str
    revision: str = ""
    path: str = ""
    commit: str = ""


def fetch_problems(place: Place) -> list[Problem]:
    """What is wrong with a request, by the name of its field."""
    found = {
        "address": address_problem(place.address, settings.CODE_REPOSITORIES),
        "revision": revision_problem(place.revision),
        "path": path_problem(place.path),
        "commit": commit_problem(place.commit),
    }
    return [Problem(name, words) for name, words in found.items() if words]


def request_code(project: Project, name: str, place: Place, *, by: User) -> CodeFetch:
    """Have a file of a repository fetched. Raises: NotAllowed."""
    require_right(by)
    for problem in fetch_problems(place):
        raise NotAllowed(problem.message)
    old = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    project.code_fetches.filter(created__lt=old).delete()
    found = project.code_fetches.create(name=name, **asdict(place), user=by)
    queues.enqueue_short(JOB, found.pk)
    return found


def fetch(fetch_pk: int) -> None:
    """The background job: whatever goes wrong is written on the record."""
    request = CodeFetch.objects.filter(pk=fetch_pk, state=State.WAITING).first()
    if request is None:
        return  # a job that came twice, or a project that is gone
    try:
        record(request, _fetched(request))
    except Exception as error:
        problem = str(error) if isinstance(error, REFUSALS) else STUMBLED
        record(request, {"state": State.FAILED, "problem": problem})
        if not isinstance(error, REFUSALS) or isinstance(error, GitNotRun):
            raise  # for the log


def _fetched(request: CodeFetch) -> dict[str, Any]:
    """Columns of the record. Raises: FetchRefused, TooManyFiles."""
    place = Place(request.address, request.revision, request.path, request.commit)
    for problem in fetch_problems(place):
        raise FetchRefused(problem.message)
    limits = FetchLimits(settings.CODE_FETCH_BYTES, settings.CODE_FETCH_SECONDS)
    try:
        with fetched(request.address, request.commit or request.revision, limits) as commit:
            return _taken(commit, request.path)
    except NotGiven:
        # Some servers give no commit away by its digits; its branch still may end in it.
        with fetched(request.address, request.revision, limits) as commit:
            if commit.hash != request.commit:
                raise
            return _taken(commit, request.path)


def keep_code(request: CodeFetch, *, by: User) -> HyperModelVersion:
    """Make what was fetched a version of the code of its name. Raises: NotAllowed."""
    if request.state != State.FETCHED:
        raise NotAllowed("There is nothing to store: the code was not fetched.")
    origin = {
        "address": request.address,
        "revision": request.revision,
        "path": request.path,
        "commit": request.commit,
        "files": request.files,
    }
    note = f"{request.path} at {request.commit[:12]}"[:200]
    return add_code(request.project, request.name, request.source, note=note, origin=origin, by=by)


def same_version(request: CodeFetch) -> HyperModelVersion | None:
    """The version of its name with the very text that was fetched."""
    return _versions(request).filter(digest=digest_of(request.source)).first()


def newest_version(request: CodeFetch) -> HyperModelVersion | None:
    """The newest version of its name."""
    return _versions(request).order_by("-number").first()


def _versions(request: CodeFetch) -> QuerySet[HyperModelVersion]:
    return HyperModelVersion.objects.filter(
        hypermodel__project=request.project_id,
        hypermodel__name=request.name,
        hypermodel__kind__in=HyperModel.WRITTEN,
    ).select_related("hypermodel")


def _taken(commit: Commit, path: str) -> dict[str, Any]:
    """Columns of the record after a commit was read. Raises: FetchRefused, TooManyFiles."""
    if not path:
        choices = sorted(
            (each for each in commit.files if each.endswith(".py")),
            key=lambda each: (each.endswith("__init__.py"), each),
        )
        if not choices:
            raise FetchRefused("The repository has no Python file.")
        if len(choices) > 1:
            kept = choices[:MOST_CHOICES]
            return {"state": State.CHOOSING, "commit": commit.hash, "choices": kept}
        path = choices[0]

    def read(each: str) -> str:
        return commit.read(each, MOST_BYTES)

    source = read(path)
    for problem in source_problems(source):
        raise FetchRefused(f"{path}: {problem.message}")
    neighbours = neighbours_of(path, commit.files, read)
    whole = composed(source, neighbours)
    whole = whole if whole.endswith("\n") else f"{whole}\n"
    for problem in source_problems(whole):
        raise FetchRefused(f"{path} with its imported files: {problem.message}")
    return {
        "state": State.FETCHED,
        "commit": commit.hash,
        "path": path,
        "source": whole,
        "files": list(neighbours.paths),
    }


def record(request: CodeFetch, columns: dict[str, Any]) -> None:
    """What became of a request that still waits."""
    CodeFetch.objects.filter(pk=request.pk, state=State.WAITING).update(**columns)
