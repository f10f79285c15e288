"""Every page and every private JSON address, one readable list."""

from django.urls import URLPattern, URLResolver, include, path

from experiments.web.views import (
    chart_data,
    compare,
    experiments,
    health,
    history,
    home,
    members,
    projects,
    search,
    sign_in,
    trials,
    workers,
)

project_pages = [
    path("", projects.listing, name="list"),
    path("new/", projects.new, name="new"),
    path("<slug:slug>/", projects.detail, name="detail"),
    path("<slug:slug>/edit/", projects.edit, name="edit"),
    path("<slug:slug>/archive/", projects.archive, name="archive"),
    path("<slug:slug>/members/", members.listing, name="members"),
    path("<slug:slug>/members/<int:pk>/", members.change, name="member"),
    path("<slug:slug>/members/<int:pk>/remove/", members.remove, name="member-remove"),
]
one_experiment = [
    path("", experiments.detail, name="detail"),
    path("trials/", experiments.trials, name="trials"),
    path("protocol/", experiments.protocol, name="protocol"),
    path("log/", experiments.log, name="log"),
    path("edit/", experiments.edit, name="edit"),
    path("start/", experiments.start, name="start"),
    path("pause/", experiments.pause, name="pause"),
    path("resume/", experiments.resume, name="resume"),
    path("stop/", experiments.stop, name="stop"),
    path("archive/", experiments.archive, name="archive"),
]
experiment_data = [
    path("live.json", chart_data.live, name="live"),
    path("history.json", chart_data.history, name="history"),
    path("curves.json", chart_data.curves, name="curves"),
    path("sparks.json", chart_data.sparks, name="sparks"),
]
one_trial = [
    path("", trials.detail, name="detail"),
    path("stop/", trials.stop, name="stop"),
    path("requeue/", trials.requeue, name="requeue"),
]
experiment_pages = [
    path("experiments/<uuid:code>/", include(one_experiment)),
    path("projects/<slug:slug>/experiments/", projects.detail, name="list"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("search/", search.search, name="search"),
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
    path("", include((experiment_pages, "experiments"))),
]
