"""Imports that a worker does: what was asked and how far it is, in a file beside the kept one. Room: services.

The records come in one transaction, so that a failure leaves nothing half done; a row of the database
would show its progress only after the commit. Both files are swept after a day.
"""

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from django.contrib.auth.models import User

from experiments import queues, storage
from experiments.models import Project
from experiments.services.import_files import Gone, Waiting, named_import

JOB: Final = "experiments.jobs.run_import"
AT_ONCE: Final = 300  # trials that a request stores while a person waits
SILENT_SECONDS: Final = 120.0

State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class ImportJob:
    """One import. fields: of the form, as typed. experiment: its code, once it is there."""

    file: str  # its name below uploads/imports
    shown: str  # as the person's machine called it
    project: int
    person: int
    fields: dict[str, str]
    planned: int  # trials
    done: int = 0
    state: State = "waiting"
    words: str = ""
    experiment: str = ""
    told: float = 0.0  # when the file was written last, seconds since 1970

    @property
    def is_silent(self) -> bool:
        """Whether nothing was heard of it for so long that its worker or its place in the queue is lost."""
        goes_on = self.state in ("waiting", "running")
        return goes_on and time.time() - self.told > SILENT_SECONDS


def start_import(
    waiting: Waiting, project: Project, fields: dict[str, str], *, planned: int, by: User
) -> None:
    """Ask a worker for it; one that runs already goes on. `fields`: what the person typed beside the file."""
    here = read_job(waiting.path.name)
    if here is not None and here.state in ("waiting", "running") and not here.is_silent:
        return
    tell_job(ImportJob(waiting.path.name, waiting.name, project.pk, by.pk, fields, planned))
    queues.enqueue_short(JOB, waiting.path.name)


def job_of(token: str, *, project: Project, person: int) -> ImportJob:
    """The import that a token names to its person. Raises Gone."""
    job = read_job(named_import(token, person=person).path.name)
    if job is None or (job.project, job.person) != (project.pk, person):
        raise Gone
    return job


def read_job(file: str) -> ImportJob | None:
    """None where nobody asked for it, or it is swept."""
    place = _place(file)
    try:
        found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return ImportJob(**found, told=place.stat().st_mtime)
    except FileNotFoundError:
        return None


def tell_job(job: ImportJob, **columns: Any) -> ImportJob:
    """How far it is now."""
    told = replace(job, **columns)
    kept = {name: each for name, each in asdict(told).items() if name != "told"}
    storage.write_whole(_place(job.file), json.dumps(kept).encode())
    return told


def kept_file(file: str) -> Path:
    """Where the file that is imported lies."""
    return storage.data_dir() / "uploads" / "imports" / Path(file).name


def _place(file: str) -> Path:
    return kept_file(f"{Path(file).name}.job")
