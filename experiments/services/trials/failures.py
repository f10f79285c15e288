"""The retry policy for each failure kind."""

import signal
from dataclasses import dataclass

from experiments.models import Activity, Attempt
from experiments.models.trial import FailureKind

# Attempts in a row that end in a failure and store nothing new, before the trial fails.
ATTEMPTS_LIMIT = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """Whether another attempt may help, and what pages say about the kind."""

    retries: bool
    words: str


POLICIES: dict[FailureKind, Policy] = {
    FailureKind.OUT_OF_MEMORY: Policy(
        retries=False, words="Training needed more memory than its limit."
    ),
    FailureKind.NAN: Policy(
        retries=False, words="The objective became NaN or infinite: training diverged."
    ),
    FailureKind.TIMEOUT: Policy(retries=True, words="Training sent nothing for too long."),
    FailureKind.USER_CODE: Policy(
        retries=False, words="Building or training the model raised an error."
    ),
    FailureKind.DATA: Policy(
        retries=False, words="The data could not be read, or doesn't fit the model."
    ),
    FailureKind.KILLED: Policy(retries=True, words="The training process was killed."),
    FailureKind.INFRASTRUCTURE: Policy(retries=True, words="The worker or its machine stopped."),
}


def may_retry(trial_pk: int, kind: FailureKind, *, progressed: bool) -> bool:
    """Whether a trial whose open attempt now fails goes back to waiting.

    progressed: the open attempt stored an execution or a checkpoint, so it does not count.
    """
    if not POLICIES[kind].retries:
        return False
    fruitless = 0 if progressed else 1 + fruitless_attempts(trial_pk)
    return fruitless < ATTEMPTS_LIMIT


def fruitless_attempts(trial_pk: int) -> int:
    """Ended attempts in a row, newest first, that failed without storing anything new.

    Pauses and drains don't count; a person who puts the trial back starts the count anew.
    """
    attempts = Attempt.objects.filter(trial=trial_pk, ended__isnull=False)
    forgiven = (
        Activity.objects.filter(trial=trial_pk, verb="trial.requeued")
        .values_list("created", flat=True)
        .first()
    )
    if forgiven is not None:
        attempts = attempts.filter(started__gt=forgiven)
    count = 0
    for attempt in attempts.order_by("-number"):
        if attempt.progressed:
            break
        if attempt.outcome in (Attempt.Outcome.FAILED, Attempt.Outcome.REAPED):
            count += 1
    return count


def signal_words(status: int) -> str:
    """An exit status in words: a negative one is the signal that ended the process."""
    if status >= 0:
        return f"The training process exited with code {status} before the trial ended."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"The training process was killed by {name} (signal {-status})."
