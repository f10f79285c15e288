"""Keras source that several templates share."""

from experiments.catalog.metric_source import TOP, metric_classes, metric_code
from experiments.catalog.python_source import STEP, Call, Code, call, laid_out, listing, literal
from experiments.catalog.template import CatalogError, Order
from experiments.data_schema import DataSchema
from experiments.evaluation.metrics import epoch_metrics

METRICS = {
    "classification": ("accuracy",),
    "regression": ("mae", "rmse"),
}
NUMBER_LOSSES = ("mse", "mae")
OPTIMIZERS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}


def module(order: Order, body: str, *, before: str = "", numpy: bool = False) -> str:
    """Put docstring and imports around the code."""
    template = order.template
    imports = ["import keras"]
    if numpy:
        imports.append("import numpy as np")
    imports.append("from keras import layers")
    opening = f'"""{template.name}: a {template.level.lower()} Keras model."""'
    parts = [opening + "\n\n" + "\n".join(imports)]
    if before and not before.startswith(("def ", "class ", "@")):
        parts[0] += "\n\n" + before  # constants stay near the imports
    elif before:
        parts.append(before)
    parts += [*metric_classes(measured(order), is_lone=answers_alone(order)), body]
    return "\n\n\n".join(parts) + "\n"


def head(order: Order, *, adapts: bool) -> str:
    """Write the first lines of `build_model`."""
    regression = order.schema.task == "regression"
    arguments = "adapt=None, targets=None" if regression else "adapt=None"
    words = ["Return the compiled model."]
    if adapts:
        words += ["adapt: training rows that the normalization learns its scale from."]
    if regression:
        words += ["targets: training targets; the last layer answers on their scale."]
    if len(words) == 1:
        doc = [f'{STEP}"""{words[0]}"""']
    else:
        doc = [f'{STEP}"""{words[0]}', "", *(STEP + word for word in words[1:]), f'{STEP}"""']
    lines = [f"def build_model({arguments}):", *doc]
    if regression:
        lines += [
            f"{STEP}center, spread = 0.0, 1.0",
            f"{STEP}if targets is not None:",
            f"{STEP}{STEP}center, spread = float(np.mean(targets)), float(np.std(targets)) or 1.0",
        ]
    return "\n".join(lines)


def regularizer(order: Order) -> Code | None:
    """Write the weight penalty, or nothing when it is off."""
    strength = order.real("l2")
    return f"keras.regularizers.L2({literal(strength)})" if strength else None


def dense(order: Order, units: int, *, activation: str = "relu") -> Call:
    """Write a dense layer under the weight penalty."""
    return call(
        "layers.Dense",
        literal(units),
        activation=literal(activation) if activation else None,
        kernel_regularizer=regularizer(order),
    )


def convolution(order: Order, filters: int, size: int, *, activation: str = "relu") -> Call:
    """Write a convolution that keeps the image's size."""
    return call(
        "layers.Conv2D",
        literal(filters),
        literal(size),
        padding=literal("same"),
        activation=literal(activation) if activation else None,
        kernel_regularizer=regularizer(order),
    )


def answer(order: Order) -> list[Code]:
    """Write the last layers: class probabilities, or one number on the targets' scale."""
    if order.schema.task == "regression":
        return [
            call("layers.Dense", "1"),
            call("layers.Rescaling", "spread", offset="center"),
        ]
    if answers_alone(order):
        return [call("layers.Dense", "1", activation=literal("sigmoid"))]
    classes = literal(order.schema.classes_count)
    return [call("layers.Dense", classes, activation=literal("softmax"))]


def optimizer(order: Order) -> Call:
    """Write the optimizer; momentum belongs to plain gradient descent alone.

    Plain gradient descent steps as far as the loss is steep, and a squared error in the targets'
    own units is very steep: without a limit to the gradient it diverges.
    """
    name = order.text("optimizer")
    steep = name == "sgd" and order.schema.task == "regression"
    return call(
        f"keras.optimizers.{OPTIMIZERS[name]}",
        learning_rate=literal(order.real("learning_rate")),
        momentum=literal(order.real("momentum")) if name == "sgd" else None,
        global_clipnorm="1.0" if steep else None,
    )


def measured(order: Order) -> tuple[str, ...]:
    """Name the metrics beside the loss. Raises CatalogError for one that no target's task has."""
    names = tuple(name for name in order.metrics if name != "loss") or usual_metrics(order.schema)
    for name in names:
        if name not in known_metrics(order.schema):
            raise CatalogError(f"{name} isn't a metric of {order.schema.task}.")
    return tuple(name for name in names if not (answers_alone(order) and name in TOP))


def measured_of(order: Order, task: str) -> tuple[str, ...]:
    """Name the metrics of one head: those of its task."""
    return tuple(name for name in measured(order) if name in epoch_metrics(task))


def usual_metrics(schema: DataSchema) -> tuple[str, ...]:
    """Return the default metrics of each target's task."""
    tasks = dict.fromkeys(target.task for target in schema.targets)
    return tuple(name for task in tasks for name in METRICS[task])


def known_metrics(schema: DataSchema) -> tuple[str, ...]:
    """Name every metric that the targets' tasks have."""
    tasks = dict.fromkeys(target.task for target in schema.targets)
    return tuple(dict.fromkeys(name for task in tasks for name in epoch_metrics(task)))


def answers_alone(order: Order) -> bool:
    """Whether the model answers with one probability instead of one for each class."""
    return order.chosen.get("loss") == "binary_crossentropy"


def metrics(order: Order) -> list[Code]:
    """Write the metrics beside the loss."""
    classes, is_lone = order.schema.classes_count, answers_alone(order)
    return [metric_code(name, classes, is_lone=is_lone) for name in measured(order)]


def ending(order: Order) -> str:
    """Write compile and return."""
    compiled = call(
        "model.compile",
        optimizer=optimizer(order),
        loss=literal(order.text("loss")),
        metrics=listing(metrics(order)),
    )
    return laid_out(compiled) + f"\n{STEP}return model"


NORMALIZATION = f"""{STEP}normalization = layers.Normalization()
{STEP}if adapt is not None:
{STEP}{STEP}normalization.adapt(adapt)"""


def entry(schema: DataSchema) -> tuple[str, list[Code]]:
    """Write the way into a model of one tensor: lines before the layers, and the first layers.

    Images are divided by their largest value; other arrays are normalized; words are numbers.
    """
    taken = taken_by(schema)
    if schema.kind == "text":
        return "", [taken]
    if schema.kind == "image":
        return "", [taken, call("layers.Rescaling", f"1 / {whole_or_real(schema.scale)}")]
    return NORMALIZATION, [taken, "normalization"]


def taken_by(schema: DataSchema) -> Call:
    """Write the input of a model of one tensor."""
    words = schema.kind == "text"
    return call(
        "keras.Input",
        shape=literal(schema.shape),
        dtype=literal("int32") if words else None,
    )


def whole_or_real(number: float) -> str:
    """Write a number, without a decimal point where it needs none."""
    return literal(int(number) if float(number).is_integer() else number)


def sequential(order: Order, stack: list[Code]) -> str:
    """Write a whole module around a plain stack of layers, with the data's own way in."""
    before, first = entry(order.schema)
    return layered(order, [*first[1:], *stack], adapts=bool(before))


def layered(order: Order, stack: list[Code], *, adapts: bool) -> str:
    """Write a whole module around a plain stack of layers; `adapts`: one is `normalization`."""
    taken = taken_by(order.schema)
    name = literal(order.template.slug.replace("-", "_"))
    model = call("keras.Sequential", listing([taken, *stack, *answer(order)]), name=name)
    lines = [head(order, adapts=adapts), *([NORMALIZATION] if adapts else [])]
    body = "\n".join([*lines, laid_out(model, before="model = "), ending(order)])
    return module(order, body, numpy=order.schema.task == "regression")
