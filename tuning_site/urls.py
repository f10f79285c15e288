"""Root addresses: the product's pages, the admin panel and django-rq's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import django_rq.urls
from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, include, path

View = Callable[..., HttpResponseBase]


def _superusers_only(view: View) -> View:
    """django-rq lets staff in; its pages show job data and can delete, so only superusers may.

    Its pages hold scripts and styles of their own, which the site's policy would refuse.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_superuser:
            raise PermissionDenied("Only superusers see the job queues.")
        return view(request, *args, **kwargs)

    relaxed = csp_replace(
        {"script-src": [SELF, UNSAFE_INLINE], "style-src": [SELF, UNSAFE_INLINE]}
    )
    return cast(View, relaxed(guarded))


def _guarded(patterns: list[URLPattern]) -> list[URLPattern]:
    return [
        URLPattern(each.pattern, _superusers_only(each.callback), each.default_args, each.name)
        for each in patterns
    ]


@login_not_required
def favicon(request: HttpRequest) -> HttpResponseBase:
    """Pages that name no icon (the admin panel, a picture) make browsers ask for this address."""
    return redirect(static("img/logo.svg"), permanent=False)


rq_pages = _guarded(django_rq.urls.urlpatterns)

urlpatterns = [
    path("favicon.ico", favicon, name="favicon"),
    path("admin/rq/", include((rq_pages, "django_rq"))),
    path("admin/", admin.site.urls),
    path("api/v1/", include(("experiments.api.urls", "api"))),
    path("", include("experiments.web.urls")),
]
