"""Reports: the models that a project's members may download. Imports models and the catalog."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from experiments.catalog.registry import CATALOG
from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.models import Artifact, Experiment, Project, Purpose, Trial, Worker
from experiments.reports.winner.bundle import BundleFiles, bundle_files
from experiments.reports.winner.downloads import ModelFile, downloads, stored_refits
from experiments.search.reading import read_code

UNRESPONSIVE_AFTER = datetime.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One downloadable model. sha256 and bytes: of the bundle once it is made, else of the model.

    bundle: None until it is requested. words: which training run the model is from. scored: the trial
    whose score stands beside it; of a refit, which nothing validates, the trial that it trains again.
    expected: what it is expected to score on new rows. is_best: no trial of its experiment scored better.
    is_recommended: its experiment recommends it.
    """

    trial: Trial
    experiment: Experiment
    model: str
    dataset: str
    bytes: int
    sha256: str
    bundle: BundleFiles | None
    is_best: bool
    is_recommended: bool
    words: str
    scored: Trial
    expected: ExpectedScore


@dataclass(frozen=True, slots=True)
class ModelFilter:
    """What the page's address asks for. `every`: not only the one that each experiment recommends.

    The recommended one gives way to its refit on all rows.
    """

    every: bool = False
    experiment: UUID | None = None

    @classmethod
    def from_query(cls, show: str, code: str) -> "ModelFilter":
        """Read an address; what can't be read is left out."""
        return cls(show == "all", read_code(code))


def model_trials(project: Project, wanted: ModelFilter) -> QuerySet[Trial]:
    """Trials that have a model: the newest experiment first, then by number."""
    stored = Artifact.objects.filter(trial=OuterRef("pk"), kind=Artifact.Kind.MODEL)
    trials = Trial.objects.filter(Exists(stored), experiment__project=project)
    trials = trials.filter(experiment__archived=None)
    if not wanted.every:
        chosen = Coalesce("experiment__recommended_trial", "experiment__best_trial")
        refits = stored_refits(trial__repeats=OuterRef("pk"), trial__experiment__archived=None)
        trials = trials.annotate(chosen=chosen).filter(chosen=F("pk")).exclude(Exists(refits))
    if wanted.experiment is not None:
        own = Q(experiment__code=wanted.experiment)
        its_refit = Q(
            experiment__purpose=Purpose.REFIT, repeats__experiment__code=wanted.experiment
        )
        trials = trials.filter(own | its_refit)
    return (
        trials.select_related(
            "experiment__hypermodel_version__hypermodel",
            "experiment__dataset_version__dataset",
            "repeats__experiment",
        )
        .prefetch_related(
            Prefetch("artifacts", Artifact.objects.select_related("execution").order_by("pk"))
        )
        .order_by("-experiment__created", "-experiment__pk", "number")
    )


def model_lines(trials: Iterable[Trial]) -> list[ModelLine]:
    """Shape one page of trials."""
    shown = list(trials)
    found = downloads(shown)
    return [_line(trial, found[trial.pk].own) for trial in shown]


def experiments_with_models(project: Project) -> list[tuple[str, str]]:
    """Return code and name of each experiment that has a model, for the filter."""
    stored = Artifact.objects.filter(trial__experiment=OuterRef("pk"), kind=Artifact.Kind.MODEL)
    rows = (
        Experiment.objects.filter(Exists(stored), project=project, archived=None)
        .order_by("-created")
        .values_list("code", "name")
    )
    return [(str(code), name) for code, name in rows[:200]]


def background_worker_lives() -> bool:
    """Whether a worker for background jobs has reported lately."""
    since = timezone.now() - UNRESPONSIVE_AFTER
    return Worker.objects.filter(kind=Worker.Kind.SHORT, heartbeat__gte=since).exists()


def _line(trial: Trial, model: ModelFile | None) -> ModelLine:
    experiment = trial.experiment
    artifacts = list(trial.artifacts.all())
    bundles = [artifact for artifact in artifacts if artifact.kind == Artifact.Kind.BUNDLE]
    models = [artifact for artifact in artifacts if artifact.kind == Artifact.Kind.MODEL]
    shown = bundles[-1] if bundles else models[0]
    recipe = experiment.hypermodel_version.hypermodel
    template = CATALOG.get(recipe.slug)
    scored = trial.validated or trial
    higher_is_better = scored.experiment.direction == "maximize"
    return ModelLine(
        trial=trial,
        experiment=experiment,
        model=template.name if template else recipe.name,
        dataset=experiment.training_data.name,
        bytes=shown.bytes,
        sha256=shown.sha256,
        bundle=bundle_files(bundles),
        is_best=experiment.best_trial_id == trial.pk,
        is_recommended=experiment.recommended_trial_id == trial.pk,
        words=model.words if model else "",
        scored=scored,
        expected=expected_score(scored.expected, higher_is_better=higher_is_better),
    )
