"""Every page and every private JSON address, one readable list."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
