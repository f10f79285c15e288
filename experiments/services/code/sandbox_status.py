"""How this process isolates custom code, and programs that run it."""

import os
import stat
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Now

from experiments import storage
from experiments.models import Worker
from experiments.services.site.trial_memory import memory_limit
from experiments.training.sandbox import Isolation, Limits, probe, sandbox_command, sandbox_uid

LATELY = timedelta(minutes=2)
REFUSED = "refused"  # the state of a worker that must isolate code and can't
CONFINED = "experiments.training.child.confinement"


def isolation_here() -> Isolation:
    """What the sandbox is on this machine: tried once a process, unless SANDBOX is off."""
    if settings.SANDBOX == "off":
        return Isolation(problem="SANDBOX is off.")
    return probe(str(storage.data_dir()))


def limits_here() -> Limits:
    """What code may use on this machine: as much memory as a trial, CODE_SECONDS in all."""
    return Limits(memory_bytes=memory_limit(), seconds=settings.CODE_SECONDS)


def isolation_words(isolation: Isolation) -> str:
    """What pages show of a worker: how it isolates code, or that it runs none."""
    return REFUSED if code_refusal(isolation) else isolation.words


def code_refusal(isolation: Isolation) -> str:
    """Why code can't run in this process; empty: it can."""
    if isolation.is_whole or settings.SANDBOX != "required":
        return ""
    fix = "See “SANDBOX” in docs/guide/settings.md."
    return f"Custom code can't be isolated here: {isolation.problem} {fix}"


def runs_nowhere() -> bool:
    """Whether every trial worker that was heard of lately must isolate custom code and can't."""
    workers = Worker.objects.filter(kind=Worker.Kind.TRIALS, heartbeat__gt=Now() - LATELY)
    words = set(workers.exclude(isolation="").values_list("isolation", flat=True))
    return words == {REFUSED}


def confined(
    isolation: Isolation, arguments: Sequence[str], *, work: Path, shown: Sequence[Path] = ()
) -> list[str]:
    """The command that runs Python inside with these arguments, in `work`, which it may write.

    shown: what it may read besides.
    """
    uid = sandbox_uid()
    if os.geteuid() == 0:
        for folder, _, names in os.walk(work):
            for path in (Path(folder), *(Path(folder) / name for name in names)):
                os.chown(path, uid, uid, follow_symlinks=False)
    # The folder is entered by its owner: the process that makes the sandbox may not.
    options = [*limits_here().options(uid), "--folder", str(work)]
    around = sandbox_command(
        isolation.program, str(storage.data_dir()), shown=shown, writable=work
    )
    program = [sys.executable, "-m", CONFINED, *options, "--", "0", *arguments]
    return [*around, *program]


def stray_output(work: Path) -> str:
    """The first thing in a folder that is neither file nor folder, such as a link; empty: none."""
    for folder, folders, names in os.walk(work):
        for name in (*folders, *names):
            mode = (Path(folder) / name).lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return name
    return ""
