"""Identifies a script by token and name in its KERASTUNER_TUNER_ID."""

import re
from dataclasses import dataclass
from typing import Final

from experiments.chief.refusals import Refused
from experiments.models import Experiment
from experiments.services.external.tokens import Bearer, TokenRefused, authenticate

# The ID is the name of a file where the script runs.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
FORM: Final = (
    "KERASTUNER_TUNER_ID must be TOKEN.NAME: a token of the experiment, a dot, and a "
    "unique name of letters, digits, - and _. The experiment's page shows the lines "
    "to paste."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A script that showed a good token."""

    experiment: Experiment
    worker: str
    bearer: Bearer


def identify(tuner_id: str) -> Caller:
    """Whom an ID names. Raises Refused."""
    token, _, name = tuner_id.partition(".")
    if not NAME.fullmatch(name):
        raise Refused("token", FORM)
    try:
        bearer = authenticate(token)
    except TokenRefused as refused:
        raise Refused("token", str(refused)) from refused
    if bearer.experiment is None:
        raise Refused(
            "token",
            "This token is for a whole project, but KerasTuner can't name an "
            "experiment. Create a token on the experiment's page, and use that.",
        )
    return Caller(Experiment.objects.get(pk=bearer.experiment), name, bearer)
