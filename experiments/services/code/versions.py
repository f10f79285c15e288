"""Custom code in versions: each is stored as text, read in the sandbox, and never changed."""

import ast
import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from experiments import queues
from experiments.models import HyperModel, HyperModelVersion, Project
from experiments.search.plugins import role_of_text
from experiments.search.problems import Problem
from experiments.services.experiments.states import NotAllowed
from experiments.services.site import activity

JOB = "experiments.jobs.read_code"
CHECK_JOB = "experiments.jobs.check_code"
WARM_JOB = "experiments.jobs.warm_sandbox"
RIGHT = "experiments.add_code"
MOST_BYTES = 200_000
KEPT = (
    *("rows", "names", "entry", "cut", "notes", "parts", "script"),
    *("problem", "line", "traceback", "strategy"),
)
BUILDS = ("build", "build_model", "model_builder", "create_model")
WORDS = {"code": "model", "sampler": "sampler", "pruner": "pruner", "tuner": "tuner"}
WAITING, READ, FAILED, DONE = "waiting", "read", "failed", "done"


def may_add_code(user: User) -> bool:
    """Whether a superuser gave the person the right; a role in a project never does."""
    return user.is_active and user.has_perm(RIGHT)


def require_right(user: User) -> None:
    """Raise NotAllowed where the person may not add code."""
    if not may_add_code(user):
        words = "Only users with the right to add code may do this. Ask an administrator."
        raise NotAllowed(words)


def source_problems(source: str) -> list[Problem]:
    """What is wrong with the text itself. It is parsed here, never run."""
    if not source.strip():
        return [Problem("source", "Enter or upload the code of a model.")]
    if len(source.encode("utf-8", "replace")) > MOST_BYTES:
        return [Problem("source", f"The code is larger than {MOST_BYTES // 1000} kB.")]
    if "\0" in source or any("\ud800" <= letter <= "\udfff" for letter in source):
        return [Problem("source", "The code contains a character that can't be stored.")]
    try:
        ast.parse(source)
    except SyntaxError as error:
        return [Problem("source", f"Line {error.lineno or 1}: {error.msg}.")]
    except (RecursionError, MemoryError, ValueError):
        return [Problem("source", "The code is nested too deeply.")]
    return []


def add_code(
    project: Project,
    name: str,
    source: str,
    *,
    note: str = "",
    origin: Mapping[str, Any] | None = None,
    by: User,
) -> HyperModelVersion:
    """A new version of the project's code of that name, to be read at once.

    Text that a version of it holds already is that version. origin: where it was fetched from.
    Raises: NotAllowed.
    """
    require_right(by)
    with transaction.atomic():
        kind = kind_of(source)
        model, _ = HyperModel.objects.get_or_create(
            project=project, name=name, defaults={"kind": kind, "slug": "code", "created_by": by}
        )
        if model.kind not in HyperModel.WRITTEN:
            raise NotAllowed("A model of this project already has that name. Choose another one.")
        if model.kind != kind:
            words = f"“{name}” is a {WORDS[model.kind]}, but this code is a {WORDS[kind]}."
            raise NotAllowed(f"{words} Choose another name.")
        HyperModel.objects.select_for_update(no_key=True).get(pk=model.pk)
        digest = digest_of(source)
        known = model.versions.filter(digest=digest).first()
        if known is not None:
            return known
        last = model.versions.aggregate(last=Max("number"))["last"] or 0
        version = HyperModelVersion.objects.create(
            hypermodel=model,
            number=last + 1,
            source=source,
            digest=digest,
            note=note,
            origin=dict(origin or {}),
            reading={"state": WAITING},
            created_by=by,
        )
        activity.record(
            "code.added",
            f"Added version {version.number} of the code “{name}”",
            project=project,
            user=by,
        )
        queues.enqueue_short(JOB, version.pk)
    return version


def digest_of(source: str) -> str:
    """By which a version is known to hold a text."""
    return hashlib.sha256(source.encode()).hexdigest()


def kind_of(source: str) -> HyperModel.Kind:
    """Return the kind of custom code, by its classes, without running it."""
    builds = any(
        isinstance(n, ast.FunctionDef) and n.name in BUILDS for n in ast.walk(ast.parse(source))
    )
    role = None if builds else role_of_text(source)
    return HyperModel.Kind(role) if role else HyperModel.Kind.CODE


def expect_code(project: Project) -> None:
    """Somebody opened the editor: let the sandbox load TensorFlow meanwhile."""
    queues.enqueue_once(WARM_JOB, project.pk)


def read_again(version: HyperModelVersion) -> None:
    """Run the code once more, where a reading failed or was lost."""
    unread = HyperModelVersion.objects.filter(pk=version.pk).exclude(reading__state=READ)
    if unread.update(reading={"state": WAITING}):
        queues.enqueue_short(JOB, version.pk)


def record_reading(version_pk: int, found: dict[str, Any]) -> None:
    """Store the search space that was read from the code, once."""
    with transaction.atomic():
        version = (
            HyperModelVersion.objects.select_for_update(no_key=True)
            .select_related("hypermodel")
            .get(pk=version_pk)
        )
        if version.reading.get("state") == READ:
            return
        kept = {"rows": [], **{name: found[name] for name in KEPT if found.get(name)}}
        version.reading = {"state": FAILED if found.get("problem") else READ, **kept}
        if not found.get("problem") and version.hypermodel.kind == HyperModel.Kind.CODE:
            version.layers = [
                {
                    "version": version.pk,
                    "name": version.hypermodel.name,
                    "source": version.source,
                    "entry": found["entry"],
                    "cut": found.get("cut", 0),
                    "rows": found["rows"],
                    "names": found["names"],
                    "script": found.get("script", {}),
                    "measures": found.get("measures", []),
                    "direction": found.get("direction", ""),
                }
            ]
        version.save(update_fields=["reading", "layers"])


def ask_for_checks(version: HyperModelVersion) -> None:
    """Request a check of the version's parts against their contracts, in the sandbox."""
    HyperModelVersion.objects.filter(pk=version.pk).update(checks={"state": WAITING})
    queues.enqueue_short(CHECK_JOB, version.pk)


def record_checks(version_pk: int, found: dict[str, Any]) -> None:
    """Store the results of the checks."""
    HyperModelVersion.objects.filter(pk=version_pk).update(checks={"state": DONE, **found})
