"""Imports a search and recommends its winner."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, Final, cast

from django.contrib.auth.models import User

from experiments.interop.import_report import ImportReport
from experiments.interop.imported_search import ImportedSearch, ImportRefused
from experiments.models import Project
from experiments.search.history import Direction
from experiments.services.datasets.upload_files import limits
from experiments.services.imports.import_jobs import ImportJob, claimed_job, kept_file, tell_job
from experiments.services.imports.recognition import Outcome, recognise
from experiments.services.imports.searches import Import, import_search
from experiments.services.imports.sources import Asked, read_any
from experiments.tuner.winner import name_winner

FAILED_WORDS: Final = {
    "look": "The file could not be read. See the log of the background worker.",
    "import": "The import failed; nothing was stored. See the log of the background worker.",
}

log = logging.getLogger(__name__)


def import_and_recommend(
    project: Project,
    search: ImportedSearch,
    *,
    name: str,
    by: User | None,
    tell: Callable[[int], object] = lambda written: None,
) -> Import:
    """Import the search, or update its earlier import; recommend its winner."""
    done = import_search(project, search, by=by, name=name, tell=tell)
    if done.outcome.changes or not done.experiment.winner:  # who stored it may have died before
        name_winner(done.experiment.pk)
    return done


def run_import(file: str) -> None:
    """Preview or import a file; a second run of the same does nothing."""
    with claimed_job(file) as job:
        if job is not None:
            _run(job)


def _run(job: ImportJob) -> None:
    """The end is reported last: with it a person may request the next step."""
    job = tell_job(job, state="running", done=0, words="")
    try:
        result = _look(job) if job.step == "look" else _import(job)
    except ImportRefused as error:
        about = {"about": error.field, "choices": list(error.choices)}
        result = {"state": "refused", "words": str(error), **about}
    except FileNotFoundError:
        result = {
            "state": "failed",
            "words": "The file has expired: uploads are kept for one day.",
        }
    except Exception:
        tell_job(job, state="failed", words=FAILED_WORDS[job.step])
        raise
    tell_job(job, **result)
    is_refused = result["state"] == "refused" and not result["about"]
    if is_refused or result.get("experiment"):
        kept_file(job.file).unlink(missing_ok=True)  # a second run must find the end recorded


def _read(job: ImportJob) -> ImportedSearch:
    typed = job.fields
    direction = cast(Direction | None, typed.get("direction") or None)
    asked = Asked(typed.get("objective", ""), direction, typed.get("study", ""))
    return read_any(kept_file(job.file), job.shown, asked, limits())


def _look(job: ImportJob) -> dict[str, Any]:
    search = _read(job)
    project = Project.objects.get(pk=job.project)
    return {
        "state": "done",
        "planned": len(search.trials),
        "report": ImportReport.of(search).to_dict(),
        "outcome": asdict(Outcome.of(search, recognise(project, search))),
    }


def _import(job: ImportJob) -> dict[str, Any]:
    search = _read(job)
    person = User.objects.get(pk=job.person)
    project = Project.objects.get(pk=job.project)
    planned = len(search.trials)
    tell = partial(_record_progress, tell_job(job, planned=planned))
    done = import_and_recommend(
        project, search, name=job.fields.get("name", ""), by=person, tell=tell
    )
    code = str(done.experiment.code)
    counts = {"planned": planned, "done": planned, "outcome": asdict(done.outcome)}
    return {"state": "done", "words": done.text, "experiment": code, **counts}


def _record_progress(job: ImportJob, written: int) -> None:
    tell_job(job, state="running", done=written)
