"""Room: web. One experiment: its tabs, and what people may do to it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.catalog.code import SLUG as CODE
from experiments.evaluation.keep import Keep
from experiments.models import Experiment, Role, Trial
from experiments.reports.analysis.charts import ANALYSIS
from experiments.reports.analysis.findings import checks_of, open_findings
from experiments.reports.analysis.page import analysis_of
from experiments.reports.compare.trials import MOST
from experiments.reports.experiments import live as live_report
from experiments.reports.experiments.added_configurations import from_elsewhere
from experiments.reports.experiments.failures import failures
from experiments.reports.experiments.files import models_line
from experiments.reports.experiments.head import executions_of, experiment_head, protocol_words
from experiments.reports.experiments.protocol import protocol_page
from experiments.reports.experiments.rungs import rung_table
from experiments.reports.site.activity import activity_lines
from experiments.reports.trials.table import TrialRow, best_values
from experiments.reports.written.page import reports_of
from experiments.services.code.script_output import ask_for_output, script_of
from experiments.services.experiments import lifecycle as services
from experiments.services.experiments.baselines import start_search
from experiments.services.site.file_cleanup import would_free
from experiments.services.trials.queued_configurations import TAKING
from experiments.web.forms.experiment.split_picture import split_picture
from experiments.web.refusals import refusal_shown
from experiments.web.views.trial_table import table_of

State = Experiment.State
LOG_LINES = 500
FEW = Keep(models="best", models_best=3)  # a clean-up to offer
FIRST_CURVES = 6  # drawn at first; with more, a chart can't name its lines


def frame_of(request: HttpRequest, experiment: Experiment, tab: str) -> dict[str, Any]:
    """What every tab shows: the head, the tabs and what this person may do."""
    may_edit = permissions.may(request.user, experiment.project, Role.EDITOR)
    return {
        "experiment": experiment,
        "project": experiment.project,
        "head": experiment_head(experiment),
        "tab": tab,
        "executions": executions_of(experiment),
        "protocol_words": protocol_words(experiment),
        "may_edit": may_edit,
        "most_compared": MOST,
        "cursor": experiment.event_serial,
        "is_live": experiment.state in Experiment.ACTIVE,
        "has_curves": not experiment.is_imported
        or experiment.trials.filter(executions__epochs__gt=0).exists(),
        "can": _moves(experiment) if may_edit else {},
        "is_script": experiment.plan.get("model") == CODE and bool(script_of(experiment)),
    }


def first_curves(rows: Iterable[TrialRow], running: Sequence[int] = ()) -> str:
    """Numbers of the trials whose curves are drawn at first: running, best, then the longest trained.

    Where a pruner paused nearly all, those without a score are most of what there is to see.
    """
    trained = [row for row in rows if row.epochs]
    trained.sort(key=lambda row: (row.score is None, 0 if row.score is not None else -row.epochs))
    numbers = dict.fromkeys([*running, *(row.number for row in trained)])
    return ",".join(str(number) for number in list(numbers)[:FIRST_CURVES])


def _moves(experiment: Experiment) -> dict[str, bool]:
    """Which buttons the state allows."""
    allowed = Experiment.MOVES[State(experiment.state)]
    return {
        "start": experiment.state == State.DRAFT,
        "resume": experiment.state != State.DRAFT and State.QUEUED in allowed,
        "pause": State.PAUSING in allowed,
        "stop": State.STOPPING in allowed,
        "queue": experiment.state in TAKING,
        "clone": not experiment.is_elsewhere,
        "edit": True,
    }


@require_safe
@gzip_page  # fifty rows with their curves are 100 kB of repeating HTML; csrf tokens are masked
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    table, elsewhere = table_of(request, experiment), from_elsewhere(experiment)
    running = Trial.objects.filter(experiment=experiment, state=Trial.State.RUNNING)
    # Sorted here: the database would walk every trial in order to find the few that run.
    failed, found = failures(experiment), open_findings(experiment)
    numbers = sorted(running.order_by().values_list("number", flat=True))[:FIRST_CURVES]
    context = {
        **frame_of(request, experiment, "overview"),
        **table,
        "failures": failed,
        "findings": found,
        "checks": checks_of(experiment),
        "attention": len(failed) + len(found),
        "elsewhere": elsewhere,
        "waiting": elsewhere.waiting,
        "pruning": rung_table(experiment) if experiment.pruner != "none" else None,
        "events": live_report.events(experiment),
        "reports": reports_of(experiment),
        "slots": live_report.slots(experiment),
        "running_numbers": numbers,
        "first_curves": first_curves(table["table"].rows, numbers),
        "best_values": best_values(table["columns"], experiment),
    }
    return render(request, "experiments/detail.html", context)


@require_safe
@gzip_page
def trials(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    table = table_of(request, experiment)
    context = {
        **frame_of(request, experiment, "trials"),
        **table,
        "first_curves": first_curves(table["table"].rows),
    }
    return render(request, "experiments/trials.html", context)


@require_safe
@gzip_page
def analysis(request: HttpRequest, code: UUID) -> HttpResponse:
    """Charts of all trials, which read history.json; the address holds the selection."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    frame = frame_of(request, experiment, "analysis")
    context = {**frame, "analysis": analysis_of(experiment), "charts": ANALYSIS}
    return render(request, "experiments/analysis.html", context)


@require_safe
def protocol(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    page = protocol_page(experiment)
    frame = frame_of(request, experiment, "protocol")
    kept = {"models": models_line(experiment), "would_free": would_free(experiment, FEW)}
    picture = split_picture(page.protocol, page.facts) if page.facts else None
    context = {**frame, **kept, "page": page, "picture": picture}
    return render(request, "experiments/protocol.html", context)


@require_safe
def log(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    lines = activity_lines(experiment.activities.all(), LOG_LINES)
    frame = frame_of(request, experiment, "log")
    return render(request, "experiments/log.html", {**frame, "lines": lines})


@require_safe
def script(request: HttpRequest, code: UUID) -> HttpResponse:
    """What a pasted script printed once its search was done."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    frame = frame_of(request, experiment, "script output")
    context = {**frame, "output": experiment.script_output}
    return render(request, "experiments/script.html", context)


@require_POST
def script_again(request: HttpRequest, code: UUID) -> HttpResponse:
    """Run the script to its end once more, with the trials that there are now."""
    ask_for_output(permissions.get_experiment(request.user, code, Role.EDITOR))
    return redirect("experiments:script", code)


def _button(
    act: Callable[..., None], done: str = "", undo: str = ""
) -> Callable[..., HttpResponse]:
    """Door, service, back to the page; the page shows the state, or why the state forbids it.

    undo: the name of the address that takes it back, offered beside what was done.
    """

    @require_POST
    def press(request: HttpRequest, code: UUID) -> HttpResponse:
        experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
        with refusal_shown(request):
            act(experiment, by=permissions.signed_in(request))
            if done:
                address = reverse(undo, args=[code]) if undo else ""
                messages.info(request, done, extra_tags=address)
        return redirect("experiments:detail", code)

    return press


start = _button(start_search)
pause = _button(services.pause_experiment)
resume = _button(services.resume_experiment)
stop = _button(services.stop_experiment)
archive = _button(
    services.archive_experiment,
    "Archived: hidden from lists. Restore it under Edit.",
    undo="experiments:restore",
)
restore = _button(services.restore_experiment, "Restored: shown in lists again.")
