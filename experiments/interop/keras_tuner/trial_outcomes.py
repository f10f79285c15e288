"""Outcomes of KerasTuner trials that their files leave ambiguous."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from experiments.interop.keras_tuner.trial_file import RawTrial

THIRD: Final = (
    "Left running after two failures in a row. KerasTuner ends a search at the third "
    "failure without recording it, so this trial counts as failed. Its message was "
    "not stored."
)


def third_failure(trials: Sequence[RawTrial], oracle: Mapping[str, Any]) -> RawTrial | None:
    """The trial at which three failures in a row ended the search, in the order of starts.

    Since 1.2 KerasTuner raises there before it saves: the last trial stays RUNNING in its file.
    """
    running = [trial for trial in trials if trial.status == "RUNNING"]
    before = trials[-3:-1]
    if "end_order" not in oracle or len(running) != 1 or len(before) < 2:
        return None
    failed_before = all(trial.status == "FAILED" for trial in before)
    return running[0] if failed_before and trials[-1] is running[0] else None


def told(trials: Sequence[RawTrial]) -> list[str]:
    """Sentences about trials that count otherwise here than there."""
    notes = []
    lost = [each.key for each in trials if each.status == "COMPLETED" and each.state == "failed"]
    if lost:
        notes.append(
            f"{len(lost)} completed without a finite score and count as failed: {_few(lost)}."
        )
    cut = [each.key for each in trials if each.status == "RUNNING"]
    if cut:
        notes.append(f"Interrupted while running, imported as stopped: {_few(cut)}.")
    guessed = [each.key for each in trials if each.message == THIRD]
    return notes + [f"Trial {key}: {THIRD}" for key in guessed]


def _few(keys: Sequence[str]) -> str:
    return ", ".join(keys[:10]) + (" …" if len(keys) > 10 else "")
