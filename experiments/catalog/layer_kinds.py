"""The layers of layer lists as data, from which the browser renders its form."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from experiments.catalog.python_source import Code, call, literal
from experiments.catalog.rows import (
    Hyperparameter,
    Scalar,
    choice,
    log_real,
    power,
    share,
    whole,
)

Shape = tuple[int, ...]
Settings = dict[str, Scalar]


@dataclass(frozen=True, slots=True)
class LayerKind:
    """One kind of layer. `picture`: it needs height × width × channels.

    write: its Keras call, from settings and the weight penalty's code (None: off).
    shape: what it makes of a row's shape. weights: how many it has for that shape.
    """

    kind: str
    label: str
    help: str
    parameters: tuple[Hyperparameter, ...]
    write: Callable[[Settings, Code | None], Code]
    shape: Callable[[Shape, Settings], Shape] = lambda shape, _: shape
    weights: Callable[[Shape, Settings], int] = lambda _shape, _settings: 0
    picture: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON for the browser; `row` is what searching the parameter starts from."""
        return {
            "kind": self.kind,
            "label": self.label,
            "help": self.help,
            "params": [
                {
                    "name": parameter.name,
                    "type": parameter.type,
                    "default": parameter.default,
                    "lowest": _finite(parameter.limits[0]),
                    "highest": _finite(parameter.limits[1]),
                    "choices": list(parameter.choices),
                    "unit": parameter.unit,
                    "help": parameter.help,
                    "row": parameter.row(),
                }
                for parameter in self.parameters
            ],
        }


ACTIVATIONS = ("relu", "gelu", "silu", "tanh", "sigmoid", "linear")
ACTIVATION = choice(
    "activation",
    ACTIVATIONS,
    default="relu",
    help="Activation function; linear leaves values unchanged.",
)
UNITS = power("units", 16, 512, default=64, unit="neurons", help="Number of units.")
RATE = share(
    "rate",
    0.5,
    default=0.2,
    unit="share of neurons",
    help="Share of units dropped at random in each training step.",
)
FILTERS = power("filters", 8, 64, default=16, unit="filters", help="Number of filters.")
KERNEL_SIZE = choice(
    "kernel_size", (3, 5), default=3, unit="pixels", help="Height and width of a filter."
)
STRIDES = whole("strides", 1, 2, default=1, unit="pixels", help="Step of the window.")
PADDING = choice(
    "padding",
    ("same", "valid"),
    default="same",
    help="same keeps height and width; valid doesn't pad.",
)
POOL_SIZE = whole(
    "pool_size", 2, 3, default=2, unit="pixels", help="Height and width of the pooling window."
)
DIVIDE_BY = log_real(
    "divide_by",
    1.0,
    255.0,
    default=255.0,
    help="Divides inputs by this number: 255 for 8-bit images.",
)


def _finite(limit: float) -> float | None:
    return limit if math.isfinite(limit) else None


def _dense(settings: Settings, penalty: Code | None) -> Code:
    return call(
        "layers.Dense",
        literal(settings["units"]),
        activation=_activation(settings),
        kernel_regularizer=penalty,
    )


def _conv2d(settings: Settings, penalty: Code | None) -> Code:
    strides = settings["strides"]
    return call(
        "layers.Conv2D",
        literal(settings["filters"]),
        literal(settings["kernel_size"]),
        strides=literal(strides) if strides != 1 else None,
        padding=literal(settings["padding"]),
        activation=_activation(settings),
        kernel_regularizer=penalty,
    )


def _activation(settings: Settings) -> Code | None:
    name = settings["activation"]
    return None if name == "linear" else literal(name)


def _rescaling(settings: Settings, _penalty: Code | None) -> Code:
    divisor = float(settings["divide_by"])
    return call(
        "layers.Rescaling", f"1 / {literal(int(divisor) if divisor % 1 == 0 else divisor)}"
    )


def _conv2d_shape(shape: Shape, settings: Settings) -> Shape:
    kernel, stride = int(settings["kernel_size"]), int(settings["strides"])
    lost = kernel - 1 if settings["padding"] == "valid" else 0
    sides = [-(-(side - lost) // stride) for side in shape[:2]]
    return (*sides, int(settings["filters"]))


def _conv2d_weights(shape: Shape, settings: Settings) -> int:
    window = int(settings["kernel_size"]) ** 2 * shape[2]
    return (window + 1) * int(settings["filters"])


def _pooled(shape: Shape, settings: Settings) -> Shape:
    size = int(settings["pool_size"])
    return (shape[0] // size, shape[1] // size, shape[2])


KINDS: dict[str, LayerKind] = {
    kind.kind: kind
    for kind in (
        LayerKind(
            kind="dense",
            label="Dense",
            help="Connects every input to every unit.",
            parameters=(UNITS.within(1, 65_536), ACTIVATION),
            write=_dense,
            shape=lambda shape, settings: (*shape[:-1], int(settings["units"])),
            weights=lambda shape, settings: (shape[-1] + 1) * int(settings["units"]),
        ),
        LayerKind(
            kind="dropout",
            label="Dropout",
            help="Drops units at random in training, against overfitting.",
            parameters=(RATE.within(0.0, 0.99),),
            write=lambda settings, _: call("layers.Dropout", literal(settings["rate"])),
        ),
        LayerKind(
            kind="flatten",
            label="Flatten",
            help="Flattens an image into one vector.",
            parameters=(),
            write=lambda _settings, _penalty: call("layers.Flatten"),
            shape=lambda shape, _: (math.prod(shape),),
        ),
        LayerKind(
            kind="conv2d",
            label="Convolution",
            help="Applies filters across an image.",
            parameters=(
                FILTERS.within(1, 4_096),
                KERNEL_SIZE.within(1, 31),
                STRIDES.within(1, 8),
                PADDING,
                ACTIVATION,
            ),
            write=_conv2d,
            shape=_conv2d_shape,
            weights=_conv2d_weights,
            picture=True,
        ),
        LayerKind(
            kind="max_pooling",
            label="Max pooling",
            help="Keeps the maximum of each window.",
            parameters=(POOL_SIZE.within(1, 16),),
            write=lambda settings, _: call("layers.MaxPooling2D", literal(settings["pool_size"])),
            shape=_pooled,
            picture=True,
        ),
        LayerKind(
            kind="global_average_pooling",
            label="Global average pooling",
            help="Averages each channel of an image.",
            parameters=(),
            write=lambda _settings, _penalty: call("layers.GlobalAveragePooling2D"),
            shape=lambda shape, _: (shape[2],),
            picture=True,
        ),
        LayerKind(
            kind="batch_normalization",
            label="Batch normalization",
            help="Normalizes each channel over the batch.",
            parameters=(),
            write=lambda _settings, _penalty: call("layers.BatchNormalization"),
            weights=lambda shape, _: 4 * shape[-1],
        ),
        LayerKind(
            kind="activation",
            label="Activation",
            help="Applies an activation function.",
            parameters=(ACTIVATION,),
            write=lambda settings, _: call("layers.Activation", literal(settings["activation"])),
        ),
        LayerKind(
            kind="rescaling",
            label="Rescaling",
            help="Divides inputs, so that pixels of 0–255 become 0–1.",
            parameters=(DIVIDE_BY.within(1e-6, 1e9),),
            write=_rescaling,
        ),
        LayerKind(
            kind="normalization",
            label="Normalization",
            help="Scales inputs to mean 0 and deviation 1, learned from the training "
            "rows. First layer only.",
            parameters=(),
            write=lambda _settings, _penalty: "normalization",
        ),
    )
}


def layer_kinds() -> list[dict[str, Any]]:
    """Return every kind as JSON, in the order in which the browser offers them."""
    return [kind.to_dict() for kind in KINDS.values()]
