"""Room: api. What a script says of its trial, which it names by the key that it was given."""

from experiments.api.door import Answer, Asking, door
from experiments.api.reading import problems_below, read_ending, read_learning, read_report
from experiments.search.problems import ProblemsError
from experiments.search.space.space import Space
from experiments.tuner import external_trials
from experiments.tuner.external_answers import UnknownTrial


@door("POST")
def report(asking: Asking, key: str) -> Answer:
    """Epochs, or none to say that the script lives."""
    told = read_report(asking.body)
    _check(asking, key)
    heard = external_trials.report(key, told)
    return {"epochs": heard.epochs, "stop": heard.stop, "why": heard.why}


@door("POST")
def tell(asking: Asking, key: str) -> Answer:
    """How the trial ended; told twice it is told once."""
    ending = read_ending(asking.body)
    _check(asking, key)
    told = external_trials.tell(
        key,
        ending.metrics,
        failed=ending.failed,
        stopped=ending.stopped,
        best_epoch=ending.best_epoch,
    )
    return {
        "number": told.number,
        "state": told.state,
        "score": told.score,
        "why": told.why,
        "again": told.again,
    }


@door("POST")
def learn(asking: Asking, key: str) -> Answer:
    """The space that the script's trial had, and its values."""
    source, values = read_learning(asking.body)
    _check(asking, key)
    try:
        space = Space.from_dict(source)
    except ProblemsError as error:
        raise problems_below("space", error.problems) from error
    external_trials.learn(key, space, values)
    return {"learnt": True}


def _check(asking: Asking, key: str) -> None:
    """A trial of another project is as unknown as one that never was. Raises UnknownTrial."""
    if not asking.bearer.allows(external_trials.find(key).trial.experiment):
        raise UnknownTrial("No trial has this key.")
