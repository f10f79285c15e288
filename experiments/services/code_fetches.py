"""Code out of Git repositories: asked for by people, fetched by a short job, kept as a version. Room: services.

Only what an administrator lists in CODE_REPOSITORIES can be fetched, which is asked again when it is fetched.
"""

import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from experiments import queues
from experiments.catalog.repository_files import TooManyFiles, composed, neighbours_of
from experiments.ingest.repository import Commit, FetchLimits, FetchRefused, fetched
from experiments.ingest.repository_address import address_problem, path_problem, revision_problem
from experiments.models import CodeFetch, HyperModel, HyperModelVersion, Project
from experiments.search.problems import Problem
from experiments.services.moves import NotAllowed
from experiments.services.own_code import MOST_BYTES, add_code, may_add_code, source_problems

JOB: Final = "experiments.jobs.fetch_code"
KEPT_DAYS: Final = 7
MOST_CHOICES: Final = 500
State = CodeFetch.State


def may_fetch() -> bool:
    """Whether the administrator lists any repositories."""
    return bool(settings.CODE_REPOSITORIES)


def fetch_problems(address: str, revision: str, path: str) -> list[Problem]:
    """What of a question for code can't be asked, by the name of its field."""
    found = {
        "address": address_problem(address, settings.CODE_REPOSITORIES),
        "revision": revision_problem(revision),
        "path": path_problem(path),
    }
    return [Problem(name, words) for name, words in found.items() if words]


def ask_for_code(
    project: Project, name: str, address: str, *, revision: str, path: str, by: User
) -> CodeFetch:
    """Have a file of a repository fetched. path: empty: it is chosen later. Raises: NotAllowed."""
    if not may_add_code(by):
        raise NotAllowed("Only people to whom an administrator gave the right may add code.")
    for problem in fetch_problems(address, revision, path):
        raise NotAllowed(problem.message)
    old = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    project.code_fetches.filter(created__lt=old).delete()
    found = project.code_fetches.create(
        name=name, address=address, revision=revision, path=path, user=by
    )
    queues.enqueue_short(JOB, found.pk)
    return found


def fetch(fetch_pk: int) -> None:
    """The short job: whatever goes wrong is told on the record."""
    asked = CodeFetch.objects.filter(pk=fetch_pk, state=State.WAITING).first()
    if asked is None:
        return  # a job that came twice, or a project that is gone
    limits = FetchLimits(settings.CODE_FETCH_BYTES, settings.CODE_FETCH_SECONDS)
    try:
        for problem in fetch_problems(asked.address, asked.revision, asked.path):
            raise FetchRefused(problem.message)
        with fetched(asked.address, asked.revision, limits) as commit:
            told = _taken(commit, asked.path)
    except (FetchRefused, TooManyFiles) as error:
        told = {"state": State.FAILED, "problem": str(error)}
    except OSError:
        _record(asked, {"state": State.FAILED, "problem": "This machine could not run git."})
        raise
    _record(asked, told)


def keep_code(asked: CodeFetch, *, by: User) -> HyperModelVersion:
    """Make what was fetched a version of the code of its name. Raises: NotAllowed."""
    if asked.state != State.FETCHED:
        raise NotAllowed("There is nothing to keep: the code was not fetched.")
    origin = {
        "address": asked.address,
        "revision": asked.revision,
        "path": asked.path,
        "commit": asked.commit,
        "files": asked.files,
    }
    note = f"{asked.path} at {asked.commit[:12]}"[:200]
    return add_code(asked.project, asked.name, asked.source, note=note, origin=origin, by=by)


def newest_version(asked: CodeFetch) -> HyperModelVersion | None:
    """What is kept under its name so far."""
    versions = HyperModelVersion.objects.filter(
        hypermodel__project=asked.project_id,
        hypermodel__name=asked.name,
        hypermodel__kind__in=HyperModel.WRITTEN,
    )
    return versions.select_related("hypermodel").order_by("-number").first()


def _taken(commit: Commit, path: str) -> dict[str, Any]:
    """What the record is told of a commit. Raises: FetchRefused, TooManyFiles."""
    if not path:
        choices = sorted(
            (each for each in commit.files if each.endswith(".py")),
            key=lambda each: (each.endswith("__init__.py"), each),
        )
        if not choices:
            raise FetchRefused("The repository holds no Python file.")
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
        raise FetchRefused(f"{path} with the files that it imports: {problem.message}")
    return {
        "state": State.FETCHED,
        "commit": commit.hash,
        "path": path,
        "source": whole,
        "files": list(neighbours.paths),
    }


def _record(asked: CodeFetch, told: dict[str, Any]) -> None:
    CodeFetch.objects.filter(pk=asked.pk, state=State.WAITING).update(**told)
