"""Known faults of the packages that are installed: `python -m tests.audit pip`, or `npm`.

A registry that does not answer, or answers no such questions, is no failure: the output says so.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

BIN: Final = Path(sys.executable).parent
LONGEST_SECONDS: Final = 120
COMMANDS: Final = {
    "pip": (
        *(str(BIN / "pip-audit"), "--no-deps", "--disable-pip", "--timeout=10", "--format=json"),
        *("--progress-spinner=off", "-r", "requirements.txt", "-r", "requirements-dev.txt"),
    ),
    "npm": ("npm", "audit", "--json"),
}


def of_pip(told: Mapping[str, Any]) -> tuple[list[str], str]:
    """Faults, and how much was asked."""
    asked = [package for package in told["dependencies"] if "skip_reason" not in package]
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}"
        for package in asked
        for fault in package["vulns"]
    ]
    return faults, f"the registry knows {len(asked)} of {len(told['dependencies'])} packages"


def of_npm(told: Mapping[str, Any]) -> tuple[list[str], str]:
    """Faults, and how much was asked."""
    faults = [f"{name}: {fault['severity']}" for name, fault in told["vulnerabilities"].items()]
    return faults, f"{told['metadata']['dependencies']['total']} packages"


def audit(kind: str, output: str, errors: str) -> tuple[bool, str]:
    """Whether nothing is known against the packages, as far as somebody answered, and what to print."""
    try:
        faults, asked = {"pip": of_pip, "npm": of_npm}[kind](json.loads(output))
    except (ValueError, KeyError):
        said = [line for line in (errors or output).splitlines() if "error" in line.lower()]
        return True, f"not audited, the registry does not answer: {''.join(said[:1])}"
    return not faults, "\n".join([*faults, f"{len(faults)} known faults; {asked}"])


def main(kind: str) -> int:
    """Ask, and fail if a fault is known."""
    try:
        done = subprocess.run(
            COMMANDS[kind], capture_output=True, text=True, timeout=LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        print(f"not audited, no answer within {LONGEST_SECONDS} s")
        return 0
    is_clean, text = audit(kind, done.stdout, done.stderr)
    print(text)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
