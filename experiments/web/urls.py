"""Every page and every private JSON address, one readable list."""

from django.urls import URLPattern, URLResolver, include, path

from experiments.web.views import (
    health,
    history,
    home,
    members,
    projects,
    search,
    sign_in,
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
experiment_pages = [
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
    path("", include((experiment_pages, "experiments"))),
]
