"""What an audit of the packages makes of the registry's answer."""

import json

import pytest

from tests.audit import audit

CLEAN = {"name": "a", "version": "1.0", "vulns": []}
FAULTY = {"name": "b", "version": "2.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI"}
TOTAL = {"dependencies": {"total": 7}}


def pip(*packages: dict) -> str:
    return json.dumps({"dependencies": packages})


def npm(**faults: dict) -> str:
    return json.dumps({"vulnerabilities": faults, "metadata": TOTAL})


@pytest.mark.parametrize(
    ("kind", "output", "text"),
    [
        ("pip", pip(CLEAN), "0 known faults; the registry knows 1 of 1 packages"),
        ("pip", pip(CLEAN, UNKNOWN), "0 known faults; the registry knows 1 of 2 packages"),
        ("npm", npm(), "0 known faults; 7 packages"),
    ],
)
def test_packages_without_known_faults_pass(kind, output, text):
    assert audit(kind, output, "") == (True, text)


@pytest.mark.parametrize(
    ("kind", "output", "first"),
    [
        ("pip", pip(CLEAN, FAULTY), "b 2.0: PYSEC-1"),
        ("npm", npm(vite={"severity": "high"}), "vite: high"),
    ],
)
def test_a_known_fault_fails_and_is_named(kind, output, first):
    is_clean, text = audit(kind, output, "")
    assert not is_clean
    assert text.splitlines()[0] == first


@pytest.mark.parametrize("kind", ["pip", "npm"])
@pytest.mark.parametrize("output", ["", '{"message": "405 Method Not Allowed"}'])
def test_a_registry_that_does_not_answer_fails_nothing_and_is_named(kind, output):
    is_clean, text = audit(
        kind, output, "npm warn a\nnpm error audit endpoint returned an error\nnpm error b\n"
    )
    assert is_clean
    assert text.startswith("not audited") and text.endswith("audit endpoint returned an error")
