"""Room: web. A search as files of other tools: what each is for, and the download."""

import io
import zipfile
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.interop.exported_search import write_json_lines
from experiments.interop.keras_tuner.export import OPEN, how_to_continue, write_project
from experiments.interop.optuna.export import write_storage
from experiments.models import Experiment, Role
from experiments.reports.experiments.export import exported_search
from experiments.web.views.experiments import frame_of


@require_safe
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    search = exported_search(experiment)
    page = {
        **frame_of(request, experiment, "export"),
        "code": how_to_continue(search),
        "open": experiment.trials.filter(state__in=OPEN).count(),
        "rules": len(search.space.constraints),
        "folder": _file_name(experiment),
    }
    return render(request, "experiments/export.html", page)


@require_safe
def download(request: HttpRequest, code: UUID, kind: str) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    name = _file_name(experiment)
    if kind == "keras-tuner":
        return _attached(_keras_tuner(experiment), "application/zip", f"{name}.zip")
    if kind == "json-lines":
        content = write_json_lines(exported_search(experiment))
        return _attached(content, "application/x-ndjson", f"{name}.jsonl")
    if kind == "optuna":
        content = write_storage(exported_search(experiment))
        return _attached(content, "application/vnd.sqlite3", f"{name}.db")
    raise Http404("No such format.")


def _keras_tuner(experiment: Experiment) -> bytes:
    folder, buffer = _file_name(experiment), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in write_project(exported_search(experiment)).items():
            archive.writestr(f"{folder}/{name}", content)
    return buffer.getvalue()


def _attached(content: bytes, content_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003
    return answer


def _file_name(experiment: Experiment) -> str:
    return slugify(experiment.name)[:80] or "experiment"
