"""Every address of /api/v1/; docs/guide/client.md describes them."""

from django.urls import URLPattern, path

from experiments.api import experiments, schemas, trials

urlpatterns: list[URLPattern] = [
    path("", experiments.whoami, name="whoami"),
    path("plan-schema/", schemas.plan, name="plan-schema"),
    path("external-plan-schema/", schemas.external_plan, name="external-plan-schema"),
    path("experiments/", experiments.find_or_make, name="experiments"),
    path("experiments/<uuid:code>/", experiments.detail, name="experiment"),
    path("experiments/<uuid:code>/ask/", experiments.ask, name="ask"),
    path("experiments/<uuid:code>/runs/", experiments.runs, name="runs"),
    path("trials/<str:key>/report/", trials.report, name="report"),
    path("trials/<str:key>/tell/", trials.tell, name="tell"),
    path("trials/<str:key>/learn/", trials.learn, name="learn"),
]
