"""Checks of a built model's output: against its loss, and against its target.

A problem's words say what was seen, what was expected, and how to fix it.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from experiments.training.child.datasets import Part
from experiments.training.child.failures import first_line
from experiments.training.child.output_layers import RANGES, Output, outputs_of
from experiments.training.dry_run_messages import CheckName, SetupCheck

SPARSE: Final = "sparse_categorical_crossentropy"
OF_CLASSES: Final = (SPARSE, "categorical_crossentropy", "categorical_focal_crossentropy")
OF_TWO: Final = ("binary_crossentropy", "binary_focal_crossentropy")
OF_NUMBERS: Final = (
    "mse",
    "mean_squared_error",
    "mae",
    "mean_absolute_error",
    "mape",
    "mean_absolute_percentage_error",
    "msle",
    "mean_squared_logarithmic_error",
    "huber",
    "log_cosh",
)
PROBABILITIES: Final = ("softmax", "sigmoid", "hard_sigmoid")
FIELD: Final = "Model"
NEAR: Final = 0.01  # by which a sum of probabilities in half precision is off
OUTSIDE: Final = 0.01  # share of targets that a few outliers don't reach
LOGITS = "logits (any number, before softmax or sigmoid)"


def output_checks(model: Any, part: Part) -> list[SetupCheck]:
    """Check every output of a model: its softmax against its loss, and whether it fits its target."""
    if model.loss is None:
        why = "The code trains with a loss of its own."
        return [_unchecked("softmax", why), _unchecked("output", why)]
    try:
        outputs = outputs_of(model, part)
    except Exception as error:  # code of any kind; training says what is wrong with it
        why = f"The model can't be called on its own: {first_line(error)}"
        return [_unchecked("softmax", why), _unchecked("output", why)]
    if not outputs:
        why = "The outputs don't match the targets one by one."
        return [_unchecked("softmax", why), _unchecked("output", why)]
    return [
        _worst("softmax", outputs, softmax_problem),
        _worst("output", outputs, target_problem),
    ]


class Unknown(Exception):
    """Why something can't be checked."""


def softmax_problem(output: Output) -> str:
    """What is wrong between the last activation and the loss; "" for nothing. Raises: Unknown."""
    name, last = output.loss_name, output.activations[:1]
    if name in OF_NUMBERS:
        return ""
    if name not in (*OF_CLASSES, *OF_TWO):
        raise Unknown(f"The loss {name} is custom.")
    twice = [each for each in output.activations if each in PROBABILITIES]
    if len(twice) > 1:
        return (
            f"The output passes through {' after '.join(twice)}: applied twice, probabilities are "
            f"nearly equal. Expected one. Remove the activation of the layer before the last."
        )
    wanted = "softmax" if name in OF_CLASSES else "sigmoid"
    if output.from_logits:
        return _doubled(output, wanted, last)
    return _missing(output, wanted, last)


def _doubled(output: Output, wanted: str, last: tuple[str, ...]) -> str:
    if wanted == "softmax":
        is_probability = _are_probabilities(output.values)
    elif last:
        is_probability = last[0] in PROBABILITIES
    else:
        raise Unknown("The last activation is part of the model's own code.")
    if not is_probability:
        return ""
    seen = (
        "every row's outputs sum to 1"
        if wanted == "softmax"
        else f"its last activation is {last[0]}"
    )
    return (
        f"The loss has from_logits=True, so it expects {LOGITS}, but the model already returns "
        f"probabilities ({seen}): {wanted} is applied twice. Remove the last {wanted}, or set "
        "from_logits=False."
    )


def _missing(output: Output, wanted: str, last: tuple[str, ...]) -> str:
    values = output.values
    if wanted == "softmax":
        if _are_probabilities(values):
            return ""
        sums = values.sum(axis=-1)
        seen = f"the outputs of a row sum to {sums.min():.3g} … {sums.max():.3g}"
        expected = "probabilities that sum to 1"
    else:
        is_unbounded = bool(last) and last[0] not in PROBABILITIES
        if not is_unbounded and values.min() >= -NEAR and values.max() <= 1 + NEAR:
            return ""
        seen = f"the outputs range from {values.min():.3g} to {values.max():.3g}"
        expected = "probabilities between 0 and 1"
    activation = f" (last activation: {last[0]})" if last else ""
    return (
        f"The loss {output.loss_name} expects {expected}, but {seen}{activation}. End the model "
        f'with activation="{wanted}", or give the loss from_logits=True.'
    )


def _are_probabilities(values: np.ndarray) -> bool:
    in_range = values.min() >= -NEAR and values.max() <= 1 + NEAR
    return bool(in_range and np.allclose(values.sum(axis=-1), 1, atol=NEAR))


def target_problem(output: Output) -> str:
    """Why the output can't become the target; "" where it can. Raises: Unknown."""
    if output.values.ndim > 2 and output.targets.ndim < output.values.ndim:
        shape = " × ".join(map(str, output.values.shape[1:]))
        return (
            f"The model returns {shape} numbers per row, but the target is one value per row. Expected "
            "one axis: add Flatten or a pooling layer before the last Dense layer."
        )
    if output.activations[:1] == ("softmax",) and output.values.shape[-1] == 1:
        return (
            "Softmax over 1 unit returns 1 for every row. Expected one unit per class, or "
            'Dense(1, activation="sigmoid") for two classes, or no activation for a number.'
        )
    is_count = output.loss_name in OF_NUMBERS and output.units == 1
    has_classes = output.is_one_hot or (output.is_index and not is_count)
    return _class_problem(output) if has_classes else _number_problem(output)


def _class_problem(output: Output) -> str:
    name, units, classes = output.loss_name, output.units, output.classes
    if name in OF_CLASSES and units < classes:
        return (
            f"The model has {_units(units)}, but the target has {classes} classes. Expected one "
            f'unit per class: end the model with Dense({classes}, activation="softmax").'
        )
    if output.is_index and units > 1 and name in (*OF_TWO, *OF_NUMBERS):
        return (
            f"The loss {name} compares each of the {units} units with the class index itself. "
            f"Expected {SPARSE} for class indices: use it as the loss."
        )
    if output.is_index and units == 1 and classes > 2:
        return (
            f"The model has 1 unit, but the target has {classes} classes. Expected one unit per "
            f'class: end the model with Dense({classes}, activation="softmax").'
        )
    return ""


def _number_problem(output: Output) -> str:
    name, targets = output.loss_name, output.targets.astype("float64")
    low, high = float(targets.min()), float(targets.max())
    if name in OF_CLASSES or (name in OF_TWO and not (low >= 0 and high <= 1)):
        return (
            f"The loss {name} is for classes, but the target is a number from {low:.4g} to "
            f"{high:.4g}. Expected a regression loss: use mean_squared_error."
        )
    wanted = int(np.prod(targets.shape[1:]))
    if output.units != wanted:
        return (
            f"The model has {_units(output.units)} per row, but the target has {wanted}. End the model "
            f"with Dense({wanted})."
        )
    if not output.activations:
        raise Unknown("The last activation is part of the model's own code.")
    lowest, highest = RANGES.get(output.activations[0], (-np.inf, np.inf))
    outside = float(np.mean((targets < lowest - NEAR) | (targets > highest + NEAR)))
    if outside <= OUTSIDE:
        return ""
    return (
        f"The last activation {output.activations[0]} returns {_range(lowest, highest)}, but the target "
        f"ranges from {low:.4g} to {high:.4g}: {outside:.0%} of the rows can't be reached. Expected an "
        f"unbounded output: end the model with Dense({wanted}) without activation."
    )


def _range(low: float, high: float) -> str:
    return f"{low:g} or more" if np.isinf(high) else f"{low:g} to {high:g}"


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def _worst(name: CheckName, outputs: list[Output], problem: Callable[[Output], str]) -> SetupCheck:
    unknown = ""
    for output in outputs:
        try:
            words = problem(output)
        except Unknown as why:
            unknown = str(why)
            continue
        if words:
            place = f"Output “{output.name}”: " if output.name else ""
            return SetupCheck(name, "found", place + words, FIELD)
    return _unchecked(name, unknown) if unknown else SetupCheck(name, "not_found")


def _unchecked(name: CheckName, why: str) -> SetupCheck:
    return SetupCheck(name, "not_checked", why)
