"""Every page and every private JSON address, one readable list."""

from django.urls import URLPattern, path

from experiments.web.views import health

urlpatterns: list[URLPattern] = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
