"""Real Keras in a process of its own, kept warm: importing TensorFlow costs seconds."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TextIO

PROGRAM = Path(__file__).with_name("keras_check.py")


class RealKeras:
    """Asks keras_check.py about one case after the other; a case that ends it gets a new one."""

    def __init__(self, errors: TextIO) -> None:
        self._errors = errors
        self._process: subprocess.Popen[str] | None = None

    def problem_of(self, case: dict) -> str:
        """What went wrong, or nothing."""
        process = self._process or self._started()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(case) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if answer:
            return str(json.loads(answer))
        self.close()
        self._errors.seek(0)
        return f"{self._errors.read()[-3000:]}\nKeras ended with exit status {process.returncode}."

    def _started(self) -> "subprocess.Popen[str]":
        self._errors.seek(0)
        self._errors.truncate()
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        return self._process

    def close(self) -> None:
        """End the process if there is one."""
        if self._process is not None:
            self._process.communicate()
            self._process = None
