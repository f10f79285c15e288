"""Room: web. A model of code as the form names it: `code-12`, where a plan says code and its version 12."""

import re
from collections.abc import Mapping
from typing import Any

from experiments.catalog.code import SLUG as CODE

CHOICE = re.compile(rf"{CODE}-(\d{{1,18}})")


def version_of(model: str) -> int | None:
    """The version that a form's model names; None for other models."""
    match = CHOICE.fullmatch(model)
    return int(match[1]) if match else None


def in_form(model: str, layers: Any) -> str:
    """How the form names a plan's model."""
    if model != CODE:
        return model
    first = layers[0] if isinstance(layers, list | tuple) and layers else {}
    version = first.get("version") if isinstance(first, Mapping) else None
    return f"{CODE}-{version}"


def put_model(plan: dict[str, Any]) -> None:
    """Write a form's model as a plan names it."""
    version = version_of(str(plan.get("model")))
    if version is not None:
        plan["model"], plan["layers"] = CODE, [{"version": version}]
