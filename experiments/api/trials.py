"""Endpoints of one trial, which a script names by its key."""

from dataclasses import asdict

from experiments.api.endpoint import Answer, ApiRequest, endpoint
from experiments.api.reading import problems_below, read_ending, read_learning, read_report
from experiments.models import Attempt
from experiments.search.problems import ProblemsError
from experiments.search.space.space import Space
from experiments.tuner import external_trials
from experiments.tuner.external_answers import UnknownTrial


@endpoint("POST")
def report(request: ApiRequest, key: str) -> Answer:
    """Epochs; none is a heartbeat."""
    epochs = read_report(request.body)
    return asdict(external_trials.report(_attempt(request, key), epochs))


@endpoint("POST")
def tell(request: ApiRequest, key: str) -> Answer:
    """The end of the trial; the same end again has no effect."""
    ending = read_ending(request.body)
    result = external_trials.tell(
        _attempt(request, key),
        ending.metrics,
        failed=ending.failed,
        stopped=ending.stopped,
        best_epoch=ending.best_epoch,
    )
    return asdict(result)


@endpoint("POST")
def learn(request: ApiRequest, key: str) -> Answer:
    """The space that the script's trial had, and its values."""
    source, values = read_learning(request.body)
    attempt = _attempt(request, key)
    try:
        space = Space.from_dict(source)
    except ProblemsError as error:
        raise problems_below("space", error.problems) from error
    external_trials.learn(attempt, space, values)
    return {"learnt": True}


def _attempt(request: ApiRequest, key: str) -> Attempt:
    """The attempt; one of another project is as unknown as none. Raises UnknownTrial."""
    attempt = external_trials.find(key)
    if not request.bearer.allows(attempt.trial.experiment):
        raise UnknownTrial("No trial has this key.")
    return attempt
