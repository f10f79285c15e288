"""Says where people wait for it that a background job was interrupted again and again."""

from typing import Final

from experiments.models import CodeFetch
from experiments.services.bundles import bundles
from experiments.services.code import fetches, script_output, versions
from experiments.services.datasets import preparation, uploads
from experiments.services.experiments import reveals
from experiments.services.site.background_jobs import MOST_ATTEMPTS

INTERRUPTED: Final = (
    f"This was interrupted {MOST_ATTEMPTS} times. Its worker may need more memory. Try again."
)


def give_up(job: str, key: int) -> None:
    """End a job's record as failed; `key` is the job's argument."""
    found = {"problem": INTERRUPTED}
    match job:
        case versions.JOB:
            versions.record_reading(key, found)
        case versions.CHECK_JOB:
            versions.record_checks(key, found)
        case fetches.JOB:
            fetches.record(CodeFetch(pk=key), {"state": CodeFetch.State.FAILED, **found})
        case script_output.JOB:
            script_output.record_output(key, found)
        case uploads.PREPARE_JOB:
            preparation.fail_preparing(key, INTERRUPTED)
        case bundles.JOB:
            bundles.fail_bundle(key, INTERRUPTED)
        case reveals.JOB:
            reveals.fail_reveal(key, INTERRUPTED)
