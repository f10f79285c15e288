"""Endpoints of experiments: find or make one, ask for a trial, join a run."""

from dataclasses import asdict
from uuid import UUID

from django.urls import reverse

from experiments.api.endpoint import Answer, ApiRequest, Refused, endpoint
from experiments.api.reading import problems_below, read_run, read_who
from experiments.external_plan import ExternalPlan
from experiments.models import Experiment
from experiments.search.problems import SpaceError
from experiments.services.external.joined_runs import join
from experiments.services.external.searches import named_outside
from experiments.tuner.external_answers import Ended, TrialGiven, Wait
from experiments.tuner.external_trials import ask as ask_for_trial


@endpoint("GET")
def whoami(request: ApiRequest) -> Answer:
    """Whom the token acts for, and where."""
    bearer = request.bearer
    only = (
        Experiment.objects.filter(pk=bearer.experiment or 0).values_list("code", flat=True).first()
    )
    return {
        "person": bearer.person.get_username(),
        "project": bearer.project.slug,
        "only_experiment": None if only is None else str(only),
    }


@endpoint("POST")
def find_or_make(request: ApiRequest) -> Answer:
    """By name among the project's searches whose trials run elsewhere; made from the body if there is none."""
    plan = ExternalPlan.from_dict(request.body)
    bearer = request.bearer
    if bearer.experiment is not None:
        only = Experiment.objects.get(pk=bearer.experiment)
        if only.name != plan.name:
            text = f"This token is valid only for the experiment “{only.name}”."
            raise Refused(403, "token_for_one_experiment", text)
        return {**_experiment(request, only), "made": False}
    experiment, made = named_outside(bearer.project, plan, by=bearer.person)
    return {**_experiment(request, experiment), "made": made}


@endpoint("GET")
def detail(request: ApiRequest, code: UUID) -> Answer:
    """How an experiment stands, with its best trial."""
    return _experiment(request, opened(request, code))


@endpoint("POST")
def ask(request: ApiRequest, code: UUID) -> Answer:
    """A trial to run, or why there is none."""
    who = read_who(request.body)
    match ask_for_trial(opened(request, code), worker=who.worker, instance=who.instance):
        case TrialGiven() as given:
            return {"trial": asdict(given)}
        case Wait(why, seconds):
            return {"wait": {"why": why, "seconds": seconds}}
        case Ended(why):
            return {"ended": {"why": why}}


@endpoint("POST")
def runs(request: ApiRequest, code: UUID) -> Answer:
    """A run that started on its own; the same `run` again is the same trial."""
    who, values = read_run(request.body)
    experiment = opened(request, code)
    try:
        lease = join(
            experiment, values, worker=who.worker, instance=who.instance, by=request.bearer.person
        )
    except SpaceError as error:
        raise problems_below("values", error.problems) from error
    page = reverse("trials:detail", args=[experiment.code, lease.number])
    return {
        "trial": {"key": lease.token.hex, "number": lease.number, "page": request.absolute(page)}
    }


def opened(request: ApiRequest, code: UUID) -> Experiment:
    """The experiment; 404 if it doesn't exist or the token doesn't open it. Raises Refused."""
    experiment = Experiment.objects.select_related("project").filter(code=code).first()
    if experiment is None or not request.bearer.allows(experiment):
        raise Refused(404, "unknown_experiment", "No such experiment for this token.")
    return experiment


def _experiment(request: ApiRequest, experiment: Experiment) -> Answer:
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
        else {
            "number": best.number,
            "score": best.score,
            "expected": best.expected or None,
            "values": best.values,
        },
        "page": request.absolute(page),
    }
