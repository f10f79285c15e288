"""Every page and every private JSON address, one readable list."""

from django.urls import URLPattern, URLResolver, include, path

from experiments.web.views import (
    analysis,
    by_hand,
    chart_data,
    compare,
    dataset_versions,
    datasets,
    edit,
    elsewhere,
    experiments,
    files,
    health,
    history,
    home,
    members,
    models,
    new_experiment,
    new_experiment_check,
    new_experiment_json,
    new_experiment_live,
    predictions,
    projects,
    rungs,
    search,
    sign_in,
    trials,
    winner,
    workers,
)

project_pages = [
    path("", projects.listing, name="list"),
    path("new/", projects.new, name="new"),
    path("<slug:slug>/", projects.detail, name="detail"),
    path("<slug:slug>/edit/", projects.edit, name="edit"),
    path("<slug:slug>/archive/", projects.archive, name="archive"),
    path("<slug:slug>/restore/", projects.restore, name="restore"),
    path("<slug:slug>/members/", members.listing, name="members"),
    path("<slug:slug>/leave/", members.leave, name="leave"),
    path("<slug:slug>/members/<int:pk>/", members.change, name="member"),
    path("<slug:slug>/members/<int:pk>/remove/", members.remove, name="member-remove"),
]
one_experiment = [
    path("", experiments.detail, name="detail"),
    path("trials/", experiments.trials, name="trials"),
    path("analysis/", analysis.detail, name="analysis"),
    path("winner/", winner.detail, name="winner"),
    path("winner/confirm/", winner.confirm, name="confirm"),
    path("winner/reveal/", winner.reveal, name="reveal"),
    path("protocol/", experiments.protocol, name="protocol"),
    path("log/", experiments.log, name="log"),
    path("files/", files.listing, name="files"),
    path("files/clean-up/", files.clean_up, name="clean-up"),
    path("files/delete-all/", files.delete_all, name="delete-files"),
    path("edit/", edit.edit, name="edit"),
    path("queue/", by_hand.queue, name="queue"),
    path("queue/<int:queued>/withdraw/", by_hand.withdraw, name="withdraw"),
    path("start/", experiments.start, name="start"),
    path("pause/", experiments.pause, name="pause"),
    path("resume/", experiments.resume, name="resume"),
    path("stop/", experiments.stop, name="stop"),
    path("archive/", experiments.archive, name="archive"),
    path("restore/", experiments.restore, name="restore"),
    path("clone/", new_experiment.clone, name="clone"),
]
new_experiment_pages = [
    path("", new_experiment.new, name="new"),
    path("json/", new_experiment_json.edit, name="json"),
    path("preview.json", new_experiment_live.preview, name="preview"),
    path("draft/", new_experiment_live.draft, name="draft"),
    path("check/<uuid:check>/", new_experiment_check.check, name="check"),
    path("check/<uuid:check>/state.json", new_experiment_check.check_state, name="check-state"),
    path("check/<uuid:check>/start/", new_experiment_check.check_start, name="check-start"),
    path("check/<uuid:check>/form/", new_experiment_check.check_form, name="check-form"),
]
experiment_data = [
    path("live.json", chart_data.live, name="live"),
    path("history.json", chart_data.history, name="history"),
    path("curves.json", chart_data.curves, name="curves"),
    path("sparks.json", chart_data.sparks, name="sparks"),
    path("rungs.json", rungs.rungs, name="rungs"),
    path("elsewhere.json", elsewhere.elsewhere, name="elsewhere"),
]
one_trial: list[URLPattern | URLResolver] = [
    path("", trials.detail, name="detail"),
    path("stop/", trials.stop, name="stop"),
    path("requeue/", trials.requeue, name="requeue"),
    path("refit/", winner.refit, name="refit"),
    path("again/", winner.again, name="again"),
    path("predictions.json", predictions.plots, name="prediction-plots"),
    path("predictions.csv", predictions.table, name="predictions"),
    path("model.zip", models.download, name="download"),
    path("model.json", models.bundle_state, name="bundle-state"),
    path("model/retry/", models.retry_bundle, name="retry-bundle"),
    path("model/check/", models.check_bundle, name="check-bundle"),
]
experiment_pages: list[URLPattern | URLResolver] = [
    path("experiments/<uuid:code>/", include(one_experiment)),
    path("projects/<slug:slug>/experiments/", projects.detail, name="list"),
    path("projects/<slug:slug>/experiments/new/", include(new_experiment_pages)),
]

one_version = [
    path("", datasets.version, name="version"),
    path("target/", dataset_versions.target, name="target"),
    path("state.json", dataset_versions.state, name="state"),
    path("pictures/<int:index>.png", dataset_versions.picture, name="picture"),
    path("again/", dataset_versions.again, name="again"),
    path("discard/", dataset_versions.discard, name="discard"),
]
dataset_pages: list[URLPattern | URLResolver] = [
    path("", datasets.listing, name="list"),
    path("new/", datasets.new, name="new"),
    path("built-in/<slug:key>/", dataset_versions.built_in, name="built-in"),
    path("<int:pk>/", datasets.detail, name="detail"),
    path("<int:pk>/edit/", datasets.edit, name="edit"),
    path("<int:pk>/archive/", datasets.archive, name="archive"),
    path("<int:pk>/restore/", datasets.restore, name="restore"),
    path("<int:pk>/versions/new/", datasets.new_version, name="new-version"),
    path("<int:pk>/versions/<int:number>/", include(one_version)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("search/", search.search, name="search"),
    path("search/quick.json", search.quick, name="quick-search"),
    path("workers/", include(([path("", workers.listing, name="list")], "workers"))),
    path("projects/", include((project_pages, "projects"))),
    path(
        "projects/<slug:slug>/history/",
        include(([path("", history.listing, name="list")], "history")),
    ),
    path(
        "projects/<slug:slug>/compare/",
        include(([path("", compare.detail, name="detail")], "compare")),
    ),
    path("experiments/<uuid:code>/", include((experiment_data, "chart_data"))),
    path(
        "experiments/<uuid:code>/trials/<int:number>/",
        include((one_trial, "trials")),
    ),
    path("projects/<slug:slug>/data/", include((dataset_pages, "datasets"))),
    path(
        "projects/<slug:slug>/models/",
        include(([path("", models.listing, name="list")], "models")),
    ),
    path("", include((experiment_pages, "experiments"))),
]
