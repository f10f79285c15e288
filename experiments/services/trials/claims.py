"""A new trial for the worker that asked, in one transaction: nobody else can take it in between."""

from django.db import transaction

from experiments.services.trials.leases import Lease, claim_trial
from experiments.services.trials.lifecycle import add_trial
from experiments.services.trials.proposals import Proposal


def add_and_claim(experiment_pk: int, proposal: Proposal, *, worker: str) -> Lease:
    """Add a trial for the worker that asked for it. Raises as `add_trial` does."""
    with transaction.atomic():
        return claim_trial(add_trial(experiment_pk, proposal), worker=worker)
