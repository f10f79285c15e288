"""Room: web. A trial's out-of-fold predictions: what its plots draw, and the whole of them as CSV."""

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.changed_files import artifact_file, in_words
from experiments.data_schema import DataSchema
from experiments.digests import ChangedFile
from experiments.models import Artifact, Role, Trial
from experiments.reports.trials.files import without_formula
from experiments.reports.trials.prediction_plots import prediction_plots
from experiments.reports.trials.predictions import Predicted, pooled, predicted
from experiments.web.json_view import json_view


@json_view
def plots(request: HttpRequest, code: UUID, number: int) -> dict[str, Any]:
    """The plots' data; `n` is 0 where nothing is kept, and where a file changed: then `changed` says which."""
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    schema = _schema(trial)
    try:
        return prediction_plots(pooled(trial, classes=schema.classes_count), schema)
    except ChangedFile as changed:
        return prediction_plots(None, schema) | {"changed": in_words(changed)}


@require_safe
@never_cache
def table(request: HttpRequest, code: UUID, number: int) -> HttpResponseBase:
    """Every prediction of every execution, a line each."""
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    kept = trial.artifacts.filter(kind=Artifact.Kind.PREDICTIONS)
    if not kept:
        raise Http404("No predictions of this trial are kept.")
    try:
        for each in kept:
            artifact_file(each)
    except ChangedFile as changed:
        return HttpResponse(in_words(changed), status=409, content_type="text/plain")
    schema = _schema(trial)
    answer = StreamingHttpResponse(_lines(trial, schema), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="trial-{number}-predictions.csv"'
    return answer


def _schema(trial: Trial) -> DataSchema:
    return DataSchema.from_dict(trial.experiment.dataset_version.schema)


class _Echo:
    """Gives each line back instead of writing it to a file."""

    def write(self, line: str) -> str:
        return line


def _lines(trial: Trial, schema: DataSchema) -> Iterator[str]:
    writer = csv.writer(_Echo())
    names = [without_formula(name) for name in schema.classes]
    probabilities = [f"p_{name}" for name in schema.classes]
    yield writer.writerow(["execution", "row", "target", "prediction", *probabilities])
    for part in predicted(trial, classes=schema.classes_count):
        for line in _cells(part, names):
            yield writer.writerow(line)


def _cells(part: Predicted, names: list[str]) -> Iterator[list[Any]]:
    for row, target, prediction in zip(
        part.rows.tolist(), part.targets.tolist(), part.predictions, strict=True
    ):
        if names:
            answer = names[int(prediction.argmax())]
            shares = [f"{share:.7g}" for share in prediction]
            yield [part.number, row, names[int(target)], answer, *shares]
        else:
            yield [part.number, row, target, f"{prediction:.9g}"]
