"""Background jobs that import a search, and their progress.

The records come in one transaction, so that a failure leaves nothing half done, and are made ready before
it opens. Both files are swept after a day.
"""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from django.contrib.auth.models import User

from experiments import queues, storage
from experiments.interop.imported_search import ImportedSearch
from experiments.models import Project
from experiments.services.experiments.winner import ask_for_winner
from experiments.services.imports.files import Gone, Waiting, named_import
from experiments.services.imports.searches import Import, import_search

JOB: Final = "experiments.jobs.run_import"
AT_ONCE: Final = 100  # trials that a request stores while a person waits
SILENT_SECONDS: Final = 120.0
MOST_DEATHS: Final = 3
DEADLY: Final = (
    f"Its worker died {MOST_DEATHS} times while it had this file; nothing was stored. It may need more "
    "memory than there is: import fewer trials at a time, or try again."
)
ENDING: Final = ".job"
LEAVING_SECONDS: Final = 2.0  # from the reported end of a run to its exit, on a busy machine

Step = Literal["look", "import"]
State = Literal["waiting", "running", "done", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class ImportJob:
    """A preview of a file, or its import. fields: of the form, as typed. experiment: its code, once it is there.

    report: what a preview found, as `ImportReport` writes it. outcome: as `Outcome` has it, of a preview what would be.
    about, choices: field and choices of `ImportRefused`.
    """

    file: str  # its name below uploads/imports
    shown: str  # as the person's machine called it
    project: int
    person: int
    fields: dict[str, str]
    step: Step = "import"
    planned: int = 0  # trials; 0 until it is read
    done: int = 0
    state: State = "waiting"
    words: str = ""
    about: str = ""
    choices: list[str] = field(default_factory=list)
    report: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None
    experiment: str = ""
    deaths: int = 0  # of workers that had it
    written: float = 0.0  # when the file was written last, seconds since 1970

    @property
    def is_silent(self) -> bool:
        """Whether its worker has not reported for so long that it was killed, or is stuck."""
        return self.state == "running" and self._is_old

    @property
    def waits_long(self) -> bool:
        """Whether no worker took it for so long that its place in the queue may be lost."""
        return self.state == "waiting" and self._is_old

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens with it until a person asks."""
        return self.state not in ("waiting", "running")

    @property
    def _is_old(self) -> bool:
        return time.time() - self.written > SILENT_SECONDS


def import_at_once(project: Project, search: ImportedSearch, *, name: str, by: User) -> Import:
    """The records of an import, which a request writes itself; a worker recommends the winner."""
    done = import_search(project, search, by=by, name=name)
    if done.outcome.changes or not done.experiment.winner:
        ask_for_winner(done.experiment.pk)
    return done


def start_job(
    waiting: Waiting, project: Project, fields: dict[str, str], step: Step, *, by: User
) -> None:
    """Request a worker for it, unless it is running already. `fields`: what the person typed beside the file.

    One that waits for long is requested again: should it be in the queue twice, the second run ends at once.
    """
    here = read_job(waiting.path.name)
    # One that reported its end is about to exit.
    with _alone(waiting.path.name, patience=here is not None and here.is_over) as is_alone:
        here = read_job(waiting.path.name)
        waits = here is not None and here.state == "waiting" and not here.waits_long
        if waits or not is_alone:
            return
        tell_job(ImportJob(waiting.path.name, waiting.name, project.pk, by.pk, fields, step=step))
    queues.enqueue_once(JOB, waiting.path.name)


def resume_imports() -> int:
    """Request those again whose worker died, or whose place in the queue was lost; returns how many."""
    requested = 0
    for place in _place("*").parent.glob(_place("*").name):
        file = place.name.removesuffix(ENDING)
        job = read_job(file)
        if job is None or job.is_over or not kept_file(file).exists():
            continue
        with _alone(file, patience=False) as is_alone:
            job = read_job(file) if is_alone else None
            if job is not None and _is_lost(job):
                requested += _resumed(job)
    return requested


def _is_lost(job: ImportJob) -> bool:
    """Of a job that nobody runs at this moment."""
    waits_in_vain = job.waits_long and queues.queue_length(queues.SHORT) == 0
    return job.state == "running" or waits_in_vain


def _resumed(job: ImportJob) -> bool:
    """Whether it is requested; one that took several workers down with it is given up."""
    deaths = job.deaths + (job.state == "running")
    if deaths >= MOST_DEATHS:
        tell_job(job, state="failed", words=DEADLY, deaths=deaths)
        return False
    tell_job(job, state="waiting", done=0, deaths=deaths)
    queues.enqueue_once(JOB, job.file)
    return True


@contextmanager
def claimed_job(file: str) -> Iterator[ImportJob | None]:
    """The import, for this run alone; None where another run has it, or it is over. A dead run's claim ends with it."""
    with _alone(file, patience=False) as is_alone:
        job = read_job(file) if is_alone else None
        yield None if job is None or job.is_over else job


@contextmanager
def _alone(file: str, *, patience: bool) -> Iterator[bool]:
    """Whether nobody else is in this block for the same file: the system's own lock, which no dead process keeps."""
    try:
        kept = kept_file(file).open("rb+")
    except FileNotFoundError:  # imported or swept: there is nothing to do twice
        yield True
        return
    with kept:
        is_alone = _locked(kept)
        ends = time.monotonic() + LEAVING_SECONDS * patience
        while not is_alone and time.monotonic() < ends:
            time.sleep(0.02)
            is_alone = _locked(kept)
        yield is_alone


def _locked(kept: BinaryIO) -> bool:
    try:
        fcntl.flock(kept, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def job_of(token: str, *, project: Project, person: int) -> ImportJob:
    """The import that a token names to its person. Raises Gone."""
    job = read_job(named_import(token, person=person).path.name)
    if job is None or (job.project, job.person) != (project.pk, person):
        raise Gone
    return job


def read_job(file: str) -> ImportJob | None:
    """None where it was never requested, or is swept."""
    place = _place(file)
    try:
        found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return ImportJob(**found, written=place.stat().st_mtime)
    except FileNotFoundError:
        return None


def tell_job(job: ImportJob, **columns: Any) -> ImportJob:
    """How far it is now."""
    changed = replace(job, **columns)
    kept = {name: each for name, each in asdict(changed).items() if name != "written"}
    storage.write_whole(_place(job.file), json.dumps(kept).encode())
    return changed


def kept_file(file: str) -> Path:
    """Where the file that is imported lies."""
    return storage.data_dir() / "uploads" / "imports" / Path(file).name


def _place(file: str) -> Path:
    return kept_file(f"{Path(file).name}{ENDING}")
