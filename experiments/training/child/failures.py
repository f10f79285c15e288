"""Maps an exception to a failure kind and a message."""

import traceback

import tensorflow as tf

from experiments.catalog.template import CatalogError
from experiments.training.messages import Failure, FailureKind

TRACEBACK_LIMIT = 200_000
MODEL_FILE = "model.py"  # how tracebacks name the source of a trial


class DataProblem(Exception):
    """The arrays or the split are missing or do not fit each other."""


class Diverged(Exception):
    """The loss is no finite number any more."""


class ModelProblem(Exception):
    """Custom code or a part of it isn't as expected; the message names the fix.

    line: where that is; 0: where the code was when the error was raised.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def failure_of(error: BaseException, execution: int) -> Failure:
    """Describe an exception that ended the trial."""
    kind, message = _kind_and_words(error)
    text = "".join(traceback.format_exception(error))
    if len(text) > TRACEBACK_LIMIT:
        half = TRACEBACK_LIMIT // 2
        text = f"{text[:half]}\n[… {len(text) - 2 * half} characters omitted …]\n{text[-half:]}"
    return Failure(execution, kind, message[:1000], text)


def _kind_and_words(error: BaseException) -> tuple[FailureKind, str]:
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return "out_of_memory", "The model and its data need more memory than available."
    if isinstance(error, Diverged):
        return "nan", str(error)
    if isinstance(error, DataProblem):
        return "data", str(error)
    if isinstance(error, ModelProblem | CatalogError):
        return "user_code", str(error)
    if isinstance(error, OSError) and not _is_of_the_model(error):
        return "infrastructure", f"A file could not be read or written: {error}"
    if isinstance(error, SystemExit):
        return "user_code", f"The code exited the program (exit status {error.code})."
    return "user_code", f"{type(error).__name__}: {first_line(error)}"


def _is_of_the_model(error: BaseException) -> bool:
    """Whether the model's own source was at work: a refused file or process is then its mistake."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(frame.filename == MODEL_FILE for frame in frames)


def first_line(error: BaseException) -> str:
    """The first line that an error says."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0].strip() if lines else "no message"
