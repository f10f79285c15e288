"""Room: api. Whom a token acts for; experiments found or made; trials asked for; runs that join."""

from uuid import UUID

from django.urls import reverse

from experiments.api.door import Answer, Asking, Refused, door
from experiments.api.reading import problems_below, read_run, read_who
from experiments.external_plan import ExternalPlan
from experiments.models import Experiment
from experiments.search.problems import SpaceError
from experiments.services.external.joined_runs import join
from experiments.services.external.searches import named_outside
from experiments.tuner.external_answers import Ended, TrialGiven, Wait
from experiments.tuner.external_trials import ask as ask_for_trial


@door("GET")
def whoami(asking: Asking) -> Answer:
    """Whom the token acts for, and where."""
    bearer = asking.bearer
    return {
        "person": bearer.person.get_username(),
        "project": bearer.project.slug,
        "only_experiment": _code_of(bearer.experiment),
    }


@door("POST")
def find_or_make(asking: Asking) -> Answer:
    """By name among the project's searches whose trials run elsewhere; made from the body if there is none."""
    plan = ExternalPlan.from_dict(asking.body)
    bearer = asking.bearer
    if bearer.experiment is not None:
        only = Experiment.objects.get(pk=bearer.experiment)
        if only.name != plan.name:
            text = f"This token is valid only for the experiment “{only.name}”."
            raise Refused(403, "token_for_one_experiment", text)
        return {**_experiment(asking, only), "made": False}
    experiment, made = named_outside(bearer.project, plan, by=bearer.person)
    return {**_experiment(asking, experiment), "made": made}


@door("GET")
def detail(asking: Asking, code: UUID) -> Answer:
    """How an experiment stands, with its best trial."""
    return _experiment(asking, opened(asking, code))


@door("POST")
def ask(asking: Asking, code: UUID) -> Answer:
    """A trial to run, or why there is none now or any more."""
    who = read_who(asking.body)
    match ask_for_trial(opened(asking, code), worker=who.worker, instance=who.instance):
        case TrialGiven() as given:
            return {
                "trial": {
                    "key": given.key,
                    "number": given.number,
                    "values": given.values,
                    "again": given.again,
                    "is_probe": given.is_probe,
                }
            }
        case Wait(why, seconds):
            return {"wait": {"why": why, "seconds": seconds}}
        case Ended(why):
            return {"ended": {"why": why}}


@door("POST")
def runs(asking: Asking, code: UUID) -> Answer:
    """A run that began by itself; sent again under its `run`, it is the same trial."""
    who, values = read_run(asking.body)
    experiment = opened(asking, code)
    try:
        lease = join(
            experiment, values, worker=who.worker, instance=who.instance, by=asking.bearer.person
        )
    except SpaceError as error:
        raise problems_below("values", error.problems) from error
    page = reverse("trials:detail", args=[experiment.code, lease.number])
    return {
        "trial": {"key": lease.token.hex, "number": lease.number, "page": asking.address(page)}
    }


def opened(asking: Asking, code: UUID) -> Experiment:
    """The experiment, if the token opens it; else it is as if there were none. Raises Refused."""
    experiment = Experiment.objects.select_related("project").filter(code=code).first()
    if experiment is None or not asking.bearer.allows(experiment):
        raise Refused(404, "unknown_experiment", "No such experiment for this token.")
    return experiment


def _experiment(asking: Asking, experiment: Experiment) -> Answer:
    best = experiment.best_trial
    page = reverse("experiments:detail", args=[experiment.code])
    return {
        "experiment": str(experiment.code),
        "name": experiment.name,
        "state": experiment.state,
        "reason": experiment.state_reason,
        "objective": experiment.objective,
        "direction": experiment.direction,
        "silence_seconds": experiment.silence_seconds,
        "trials": experiment.trials.count(),
        "best": None
        if best is None
        else {"number": best.number, "score": best.score, "values": best.values},
        "page": asking.address(page),
    }


def _code_of(experiment_pk: int | None) -> str | None:
    if experiment_pk is None:
        return None
    return str(Experiment.objects.values_list("code", flat=True).get(pk=experiment_pk))
