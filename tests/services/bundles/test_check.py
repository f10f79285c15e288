"""A bundle's own check of its files: told in words, before anything of it is read."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PREDICT = Path(__file__).resolve().parents[3] / "templates" / "bundle" / "predict.py"


@pytest.fixture
def bundle(tmp_path):
    for program in (PREDICT, PREDICT.with_name("read_rows.py")):
        shutil.copy(program, tmp_path)
    files = {"schema.json": "{}", "labels.json": "{}"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": digests}))
    return tmp_path


def self_test(folder):
    return subprocess.run(
        [sys.executable, "predict.py", "--self-test"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["schema.json", "labels.json"])
def test_a_damaged_description_is_named(bundle, name):
    (bundle / name).write_text('{"kind')
    done = self_test(bundle)
    assert done.returncode == 1
    assert done.stderr == f"Self-test failed: {name} isn't the file that was exported.\n"


def test_a_missing_file_is_named(bundle):
    (bundle / "labels.json").unlink()
    done = self_test(bundle)
    assert (done.returncode, done.stderr) == (1, "Self-test failed: labels.json is missing.\n")


@pytest.mark.parametrize("text", ['{"fi', "[]", "\x81"])
def test_a_damaged_manifest_is_told(bundle, text):
    (bundle / "manifest.json").write_text(text, encoding="latin-1")
    done = self_test(bundle)
    assert done.returncode == 1
    assert done.stderr == "Self-test failed: manifest.json can't be read.\n"
