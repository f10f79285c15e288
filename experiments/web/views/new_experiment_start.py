"""Room: web. From a checked plan to a running search; the form and the JSON view share it."""

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from experiments import permissions
from experiments.evaluation.protocol import ProtocolError
from experiments.models import Experiment, Project
from experiments.plan import ExperimentPlan
from experiments.search.problems import Problem
from experiments.services.experiments.baselines import start_search
from experiments.services.experiments.drafts import discard_draft
from experiments.services.experiments.lifecycle import NotAllowed, create_experiment
from experiments.services.experiments.warm_start import NoSuchExperiment
from experiments.web.views.new_experiment_state import FormState


def launch(
    request: HttpRequest, project: Project, plan: ExperimentPlan, state: FormState
) -> list[Problem]:
    """Create the experiment of a plan and start it, once for each token; or say what is wrong."""
    user = permissions.signed_in(request)
    source = None
    if state.cloned_from:
        source = Experiment.objects.filter(code=state.cloned_from, project=project).first()
    try:
        with transaction.atomic():  # one that can't start isn't left behind as a draft
            experiment = create_experiment(
                project, plan, by=user, cloned_from=source, code=state.token
            )
            start_search(experiment, by=user)
    except ProtocolError as error:
        return [problem.below("protocol") for problem in error.problems]
    except NoSuchExperiment as error:
        return [Problem("warm_start.experiments", str(error))]
    except NotAllowed as error:
        return [Problem("dataset_version", str(error))]
    except IntegrityError:
        # The form came twice at once, and the other request made the experiment.
        if not Experiment.objects.filter(code=state.token, project=project).exists():
            return [Problem("", "This form was already submitted. Open a new one.")]
        return []
    discard_draft(project, user)
    return []
