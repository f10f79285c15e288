"""Starts chiefs and scripts of the chief bench: `python -m benchmarks.chief.side FOLDER TRIALS`.

Seconds count from the first script's `search` to the end of the last one's, so that imports do not
count; a chief listens before its scripts start. Prints one JSON object last.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.installation import set_up
from experiments.stack.addresses import free_port

FOLDER = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("script.py")
LONGEST_SECONDS = 900.0
Process = subprocess.Popen[str]


class CutOff(Exception):
    """Something did not happen in time."""


def wait(what: str, is_so: Callable[[], bool]) -> None:
    """Look ten times a second. Raises CutOff."""
    until = time.monotonic() + LONGEST_SECONDS
    while not is_so():
        if time.monotonic() > until:
            raise CutOff(what)
        time.sleep(0.1)


def start_script(folder: Path, name: str, port: int, trials: int) -> Process:
    """The script with KerasTuner's three variables and nothing else."""
    variables = {"TUNER_ID": name, "ORACLE_IP": "127.0.0.1", "ORACLE_PORT": str(port)}
    place = str(folder / name.rpartition(".")[2])
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), place, str(trials)],
        env={**os.environ, **{f"KERASTUNER_{key}": each for key, each in variables.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def start_chief(port: int) -> "subprocess.Popen[bytes]":
    """`manage.py chief`, once it listens."""
    process = subprocess.Popen(
        [sys.executable, str(FOLDER / "manage.py"), "chief"],
        env={**os.environ, "CHIEF_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait("the chief listens", lambda: listens(port))
    return process


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def seconds_of(scripts: list[Process]) -> float:
    """From the first one's search to the end of the last one's. Raises CutOff."""
    outputs = [script.communicate(timeout=LONGEST_SECONDS)[0] for script in scripts]
    if any(script.returncode for script in scripts):
        raise CutOff("a script failed")
    times = [json.loads(text.strip().splitlines()[-1]) for text in outputs]
    seconds: float = max(end for _, end in times) - min(begin for begin, _ in times)
    return round(seconds, 2)


def new_search(trials: int) -> tuple[Any, str]:
    """An experiment for scripts, by random search as theirs, and its token."""
    from django.contrib.auth.models import User

    from experiments.external_plan import ExternalPlan
    from experiments.services.external.searches import create_outside
    from experiments.services.external.tokens import create_token
    from experiments.services.site.projects import create_project

    user, _ = User.objects.get_or_create(username="bench", is_superuser=True)
    project = create_project("Bench", "", by=user)
    plan = {"name": "Bench", "objective": "val_accuracy", "max_trials": trials}
    experiment = create_outside(
        project, ExternalPlan.from_dict({**plan, "sampler": "random"}), by=user
    )
    return experiment, create_token(project, "bench", by=user, experiment=experiment).text


def keras_tuner_seconds(folder: Path, trials: int) -> float:
    """KerasTuner's own chief and two scripts."""
    port = free_port()
    chief = start_script(folder, "chief", port, trials)
    try:
        wait("KerasTuner's chief listens", lambda: listens(port))
        return seconds_of([start_script(folder, name, port, trials) for name in ("a", "b")])
    finally:
        chief.kill()
        chief.wait()


def our_seconds(folder: Path, trials: int) -> float:
    """This product's chief and two scripts."""
    port = free_port()
    _, token = new_search(trials)
    chief = start_chief(port)
    try:
        names = (f"{token}.a", f"{token}.b")
        return seconds_of([start_script(folder, name, port, trials) for name in names])
    finally:
        chief.kill()
        chief.wait()


def killed(folder: Path, trials: int) -> dict[str, int]:
    """The chief is killed in the middle and started again; what became of trials and scripts."""
    port = free_port()
    experiment, token = new_search(trials)
    completed = experiment.trials.filter(state="completed")
    chief = start_chief(port)
    try:
        names = (f"{token}.a", f"{token}.b")
        scripts = [start_script(folder, name, port, trials) for name in names]
        wait("half of the trials", lambda: completed.count() >= trials // 2)
        chief.kill()
        chief.wait()
        killed_at = completed.count()
        chief = start_chief(port)
        for script in scripts:
            script.communicate(timeout=LONGEST_SECONDS)
    finally:
        chief.kill()
        chief.wait()
    return {
        "killed_at": killed_at,
        "scripts_that_ended": sum(script.returncode != 0 for script in scripts),
        "trials_lost": trials - completed.count(),
    }


def main() -> None:
    """Both chiefs, then the killed one."""
    folder, trials = Path(sys.argv[1]), int(sys.argv[2])
    set_up(folder / "data")
    figures = {
        "keras_tuner": keras_tuner_seconds(folder / "theirs", trials),
        "ours": our_seconds(folder / "ours", trials),
        **killed(folder / "killed", trials),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
