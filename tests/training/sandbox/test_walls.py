"""What code can see and reach from inside: nothing of the site, of its secrets, of other people's data."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from experiments.training import sandbox
from experiments.training.messages import Failure, LogLine
from experiments.training.sandbox import probe
from tests.training.orders import drain, of
from tests.training.sandbox import hostile
from tests.training.sandbox.conftest import BareSandbox

pytestmark = pytest.mark.training


def told(pool, order):
    """What the code printed; it fails on purpose at its end."""
    run = pool.run(order)
    try:
        seen = drain(run)
    finally:
        run.close()
    return "\n".join(line.text for line in of(seen, LogLine)), of(seen, Failure)


def test_files_variables_network_and_processes_of_the_site_are_out_of_sight(
    tight, code_order, data_folder, monkeypatch
):
    tight.discard()
    monkeypatch.setenv("SECRET_KEY", "a-very-secret-key")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:pw@db/x")
    paths = [
        str(data_folder),
        "/root",
        "/home",
        "/etc/passwd",
        "/etc/shadow",
        "/var",
        "/work/main/data",
    ]
    source = hostile.building(
        "import os, socket",
        f"for path in {paths!r}:",
        "    try: print('SEES', path, os.listdir(path) if os.path.isdir(path) else open(path).read(9))",
        "    except OSError: print('refused', path)",
        "print('ENVIRON', dict(os.environ))",
        "for pid in filter(str.isdigit, os.listdir('/proc')):",
        "    try: print('OF', pid, open(f'/proc/{pid}/environ').read())",
        "    except OSError: print('refused environ', pid)",
        "print('PIDS', sorted(int(n) for n in os.listdir('/proc') if n.isdigit()))",
        "for where in [('127.0.0.1', 6379), ('1.1.1.1', 80)]:",
        "    try: socket.create_connection(where, 2); print('CONNECTED', where)",
        "    except OSError as error: print('refused', where)",
        "print('ID', os.getuid(), os.getgid(), os.getgroups())",
    )
    text, _ = told(tight, code_order(source))
    assert "secret" not in text and "postgres" not in text
    assert "CONNECTED" not in text
    assert "ID" in text and "refused environ 1" in text
    for path in (str(data_folder), "/home", "/etc/passwd", "/etc/shadow", "/var"):
        assert f"refused {path}" in text
    pids = next(line for line in text.splitlines() if line.startswith("PIDS"))
    assert len(pids.split(",")) == 2  # the host and the trial


def test_nothing_outside_the_trials_folder_can_be_written(tight, code_order):
    source = hostile.building(
        "import os, sys, importlib.util",
        "places = ['/', '/usr', '/in', '/out', '/etc', sys.prefix]",
        "places += importlib.util.find_spec('tensorflow').submodule_search_locations",
        "for place in places:",
        "    try: open(os.path.join(place, 'x'), 'w'); print('WROTE', place)",
        "    except OSError: print('refused', place)",
        "for root, _, names in os.walk('/in'):",
        "    for name in names:",
        "        try: open(os.path.join(root, name), 'r+b'); print('OPENED', name)",
        "        except OSError: print('refused', name)",
        "open('mine', 'w').write('x'); open('/tmp/mine', 'w').write('x')",
    )
    text, failures = told(tight, code_order(source))
    assert not failures, failures
    assert "WROTE" not in text and "OPENED" not in text
    assert "refused x.npy" in text and "refused split.npz" in text


def test_the_host_can_be_neither_traced_nor_read(tight, code_order):
    source = hostile.building(
        "import ctypes, os",
        "libc = ctypes.CDLL(None, use_errno=True)",
        "print('PTRACE', libc.ptrace(16, 1, 0, 0))",
        "try: open('/proc/1/mem', 'r+b'); print('OPENED')",
        "except OSError: print('refused')",
        "try: os.setuid(0); print('ROOT')",
        "except OSError: print('no root')",
        "print('MOUNT', libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))",
    )
    text, _ = told(tight, code_order(source))
    assert "PTRACE -1" in text and "OPENED" not in text and "ROOT" not in text
    assert "MOUNT -1" in text


def test_another_project_gets_another_sandbox(tight, code_order):
    told(tight, code_order(hostile.GOOD))
    first = tight.host_pid
    told(tight, code_order(hostile.GOOD))
    assert tight.host_pid == first
    told(tight, code_order(hostile.GOOD, scope="project-2"))
    assert tight.host_pid != first


def test_a_data_folder_among_the_programs_is_hidden_as_a_whole(order, code_order, request):
    """Such as DATA_DIR in the folder of the virtual environment."""
    folder = Path(sys.prefix).resolve() / f"data-of-a-test-{os.getpid()}"
    folder.mkdir()
    request.addfinalizer(lambda: shutil.rmtree(folder))
    (folder / "secret_key").write_text("the key")
    isolation = probe(str(folder))
    assert isolation.is_whole, isolation.problem
    pool = BareSandbox(folder / "sandboxes", isolation)
    source = hostile.building("import os", f"print('LISTED', os.listdir({str(folder)!r}))")
    try:
        text, _ = told(pool, code_order(source))
    finally:
        pool.close()
    assert "LISTED []" in text


def test_a_data_folder_around_python_itself_shows_python_alone(tmp_path, monkeypatch):
    (tmp_path / "secret_key").write_text("the key")
    python = tmp_path / "python"
    python.mkdir()
    monkeypatch.setattr(
        sandbox, "_readable", lambda real=sandbox._readable: [*real(), str(python)]
    )
    assert probe(str(tmp_path)).is_whole


def test_a_data_folder_that_code_must_read_is_refused_with_the_mend():
    found = probe(sys.prefix)
    assert not found.is_whole
    assert "Set DATA_DIR to another folder" in found.problem
