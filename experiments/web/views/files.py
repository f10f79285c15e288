"""Room: web. What an experiment's files take of the disk, and how to free it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.evaluation.keep import MOST_BEST, Keep
from experiments.models import Purpose, Role
from experiments.number_words import size
from experiments.reports.experiments.files import files_lines
from experiments.services.site import file_cleanup
from experiments.web.forms import typed
from experiments.web.refusals import refusal_shown
from experiments.web.views.experiments import frame_of

ALSO = ("predictions", "logs", "checkpoints")
USUAL = 3


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What a person would keep in a clean-up: the models of the best few (0: the winner's), and what goes too."""

    best: int
    also: tuple[str, ...]

    @classmethod
    def of(cls, posted: QueryDict) -> "CleanUp":
        """Read an address or a posted form; what can't be read is the usual."""
        best = typed.number(posted.get("best", ""))
        is_count = isinstance(best, int) and 0 <= best <= MOST_BEST
        chosen = posted.getlist("also")
        return cls(best if is_count else USUAL, tuple(name for name in ALSO if name in chosen))

    @property
    def keep(self) -> Keep:
        """As a rule; what is not named stays."""
        return Keep(
            models="best" if self.best else "none",
            models_best=self.best or 1,
            predictions=("best" if self.best else "none") if "predictions" in self.also else "all",
            predictions_best=self.best or 1,
            logs="failed" if "logs" in self.also else "all",
            checkpoints="ended" if "checkpoints" in self.also else "resumable",
        )


@require_safe
def listing(request: HttpRequest, code: UUID) -> HttpResponse:
    """What is stored, and what the chosen clean-up would free, before it is confirmed."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    chosen = CleanUp.of(request.GET)
    lines = files_lines(experiment)
    total = sum(line.bytes for line in lines[:-1])
    removal = file_cleanup.would_free(experiment, chosen.keep)
    context = {
        **frame_of(request, experiment, "files"),
        "lines": lines,
        "total": total,
        "chosen": chosen,
        "removal": removal,
        "left": total - removal.bytes,
        "may_delete_all": experiment.state in file_cleanup.ENDED
        and permissions.may(request.user, experiment.project, Role.OWNER),
        "is_refit": experiment.purpose == Purpose.REFIT,
    }
    return render(request, "experiments/files.html", context)


@require_POST
def clean_up(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    by = permissions.signed_in(request)
    with refusal_shown(request):
        freed = file_cleanup.clean_up(experiment, CleanUp.of(request.POST).keep, by=by)
        messages.success(request, f"Freed {size(freed)}.")
    return redirect("experiments:files", code)


@require_POST
def delete_all(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.OWNER)
    if request.POST.get("name", "").strip() != experiment.name:
        messages.error(request, "Type the experiment's name to delete all of its files.")
        return redirect("experiments:files", code)
    with refusal_shown(request):
        freed = file_cleanup.delete_all_files(experiment, by=permissions.signed_in(request))
        messages.success(request, f"Freed {size(freed)}. Scores, curves and settings stay.")
    return redirect("experiments:files", code)
