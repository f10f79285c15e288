"""Takes a search from elsewhere over: its records, then the trial that its scores recommend. Room: tuner."""

import logging
from collections.abc import Callable
from functools import partial
from typing import cast

from django.contrib.auth.models import User

from experiments.interop.imported import ImportedSearch, ImportRefused
from experiments.models import Project
from experiments.search.history import Direction
from experiments.services.import_jobs import ImportJob, kept_file, read_job, tell_job
from experiments.services.import_sources import Asked, read_any
from experiments.services.imports import Import, import_search
from experiments.services.upload_files import limits
from experiments.tuner.winner import name_winner

STUMBLED = "The import failed, and nothing of it was stored. The log of the short worker says why."

log = logging.getLogger(__name__)


def _nobody(written: int) -> None:
    """Who is told of progress where nobody asked."""


def take_over(
    project: Project,
    search: ImportedSearch,
    *,
    name: str,
    by: User | None,
    tell: Callable[[int], object] = _nobody,
) -> Import:
    """Make an experiment of it, or bring the one up to date that it became before."""
    done = import_search(project, search, by=by, name=name, tell=tell)
    if done.added or done.mended:
        name_winner(done.experiment.pk)
    return done


def run_import(file: str) -> None:
    """Do an import that a person asked for; done twice it stores nothing twice."""
    job = read_job(file)
    if job is None or job.state == "done":
        return
    job = tell_job(job, state="running", done=0, words="")
    try:
        done = _run(job)
    except ImportRefused as error:
        tell_job(job, state="failed", words=str(error))
    except FileNotFoundError:
        tell_job(job, state="failed", words="The file is no longer here: it is kept for a day.")
    except Exception:
        tell_job(job, state="failed", words=STUMBLED)
        raise
    else:
        code = str(done.experiment.code)
        tell_job(job, state="done", done=job.planned, words=done.text, experiment=code)
        kept_file(file).unlink(missing_ok=True)


def _run(job: ImportJob) -> Import:
    typed = job.fields
    direction = cast(Direction | None, typed.get("direction") or None)
    asked = Asked(typed.get("objective", ""), direction, typed.get("study", ""))
    search = read_any(kept_file(job.file), job.shown, asked, limits())
    person = User.objects.get(pk=job.person)
    project = Project.objects.get(pk=job.project)
    tell = partial(_tell, job)
    return take_over(project, search, name=typed.get("name", ""), by=person, tell=tell)


def _tell(job: ImportJob, written: int) -> None:
    tell_job(job, state="running", done=written)
