"""Hypermodels of a project: made when an experiment first names them."""

import hashlib
import json
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Max

from experiments.models import HyperModel, HyperModelVersion, Project

LAYERS = "layers"
CODE = "code"


def hypermodel_version(
    project: Project, slug: str, name: str, layers: list[dict[str, Any]], *, by: User | None
) -> HyperModelVersion:
    """The version of that recipe, made on first use; equal recipes are one version.

    Call it inside a transaction.
    """
    if slug == CODE:
        # Written on its own page; a plan only names it.
        return HyperModelVersion.objects.get(
            pk=layers[0]["version"], hypermodel__project=project, hypermodel__kind=CODE
        )
    kind = HyperModel.Kind.LAYERS if slug == LAYERS else HyperModel.Kind.TEMPLATE
    hypermodel, _ = HyperModel.objects.get_or_create(
        project=project, name=name, defaults={"kind": kind, "slug": slug, "created_by": by}
    )
    HyperModel.objects.select_for_update(no_key=True).get(pk=hypermodel.pk)
    digest = recipe_digest(slug, layers)
    known = hypermodel.versions.filter(digest=digest).first()
    if known:
        return known
    last = hypermodel.versions.aggregate(last=Max("number"))["last"] or 0
    return HyperModelVersion.objects.create(
        hypermodel=hypermodel, number=last + 1, layers=layers, digest=digest, created_by=by
    )


def recipe_digest(slug: str, layers: list[dict[str, Any]]) -> str:
    """SHA-256 of the recipe in canonical JSON."""
    text = json.dumps([slug, layers], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
