"""The image's own commands, run in a fresh virtual environment: no container engine is needed."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from experiments.stack.addresses import Address, free_port, readiness
from tests.pace import crowd
from tests.servers import RedisServer
from tests.stack.site import ROOT, new_postgres_database

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SERVICES = ("prepare", "web", "trial-worker", "short-worker", "housekeeping", "chief")


def build_commands() -> list[str]:
    """The RUN lines that install; those that make users and folders belong to the image alone.

    pip may use its cache here: it holds the very wheels that the set-up has just downloaded.
    """
    runs = re.findall(r"^RUN (.+)$", DOCKERFILE.replace(" --no-cache-dir", ""), re.MULTILINE)
    return [run for run in runs if run.split()[0] in ("npm", "pip", "python")]


def service_command(name: str) -> list[str]:
    found = re.search(rf"^  {name}:\n(?:    .*\n)*?    command: (\[.*\])$", COMPOSE, re.MULTILINE)
    assert found, name
    command: list[str] = json.loads(found[1])
    return command


def test_the_image_runs_as_a_user_without_rights():
    assert re.search(r"^USER tuning$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.index("USER tuning") < DOCKERFILE.index(
        'CMD ["python", "manage.py", "serve"]'
    )


def test_the_image_and_the_changes_name_the_version():
    assert f'org.opencontainers.image.version="{settings.VERSION}"' in DOCKERFILE
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(\d.*?)\]", changes, re.MULTILINE)[0] == settings.VERSION


def test_no_password_and_no_key_has_a_default():
    assert set(re.findall(r"\$\{POSTGRES_PASSWORD(.)", COMPOSE)) == {":"}
    assert "${POSTGRES_PASSWORD:-" not in COMPOSE
    assert "SECRET_KEY" not in COMPOSE + DOCKERFILE


def test_every_service_has_a_health_check():
    for name in ("postgres", "redis", *SERVICES[2:]):
        block = re.search(rf"^  {name}:\n((?:    .*\n)+)", COMPOSE, re.MULTILINE)
        assert block, name
        assert "healthcheck:" in block[1], name
    assert "HEALTHCHECK" in DOCKERFILE  # the web service takes the image's


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What the image holds: the files that .dockerignore lets in, and a fresh environment."""
    app = tmp_path / "app"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    left_out = tuple((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    for name in filter(None, listed.split("\0")):
        if name.split("/")[0] not in left_out and (ROOT / name).is_file():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, app / name)
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    yield app
    shutil.rmtree(tmp_path / "venv")


@pytest.mark.stack
@pytest.mark.thorough  # installs every package anew
@pytest.mark.needs("postgres", why="compose.yaml runs the image on PostgreSQL")
@pytest.mark.timeout(900)
def test_the_commands_of_the_image_make_a_site_that_searches(image, tmp_path):
    redis = RedisServer.in_new_folder().start()
    port = free_port()
    environment = {
        "PATH": f"{tmp_path / 'venv' / 'bin'}:{os.environ['PATH']}",
        **{name: value for name, value in os.environ.items() if "CERT" in name or "PIP_" in name},
        "HOME": str(tmp_path),
        "PIP_NO_COMPILE": "0",  # pip's way to say yes: what nobody imports needs no bytecode
        "DATA_DIR": str(tmp_path / "volume"),
        "DATABASE_URL": new_postgres_database(f"image_{os.getpid()}"),
        "REDIS_URL": redis.url,
        "PORT": str(port),
    }
    for command in build_commands():
        subprocess.run(command, cwd=image, env=environment, shell=True, check=True)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for name in SERVICES:
            command = [
                part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in service_command(name)
            ]
            process = subprocess.Popen(command, cwd=image, env=environment)
            if name == "prepare":
                assert process.wait(timeout=120 * crowd()) == 0
            else:
                processes.append(process)
        address = Address("127.0.0.1", port)
        wait(lambda: readiness(address, host_header="localhost") == "", seconds=60)
        probe = ["python", "-m", "experiments.stack.health_check"]
        subprocess.run(probe, cwd=image, env=environment, check=True)
        for kind in ("trials", "short", "housekeeping", "chief"):
            health = ["python", "manage.py", "worker_health", kind]
            wait(
                lambda c=health: subprocess.run(c, cwd=image, env=environment).returncode == 0,
                seconds=30,
            )
        count = [
            "python", "manage.py", "shell", "-v", "0", "-c",
            "from experiments.models import Trial; print(Trial.objects.filter(state='completed').count())",
        ]  # fmt: skip
        wait(
            lambda: int(subprocess.check_output(count, cwd=image, env=environment)) >= 1,
            seconds=90,
        )
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30 * crowd())
        redis.stop()


def wait(is_so, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds * crowd()
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.5)
