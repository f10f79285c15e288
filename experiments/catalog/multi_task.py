"""Template: shared dense layers over a table, with one head per target.

R. Caruana, Multitask Learning, 1997.
"""

from experiments.catalog.functional_source import (
    applied,
    assembled,
    has_numbers,
    model_of,
    one_hot_entry,
)
from experiments.catalog.metric_source import metric_code
from experiments.catalog.python_source import STEP, Code, call, laid_out, listing, literal
from experiments.catalog.rows import Hyperparameter, choice
from experiments.catalog.shared_rows import ACTIVATION, depth, dropout, width
from experiments.catalog.source_pieces import NUMBER_LOSSES, dense, measured_of, optimizer
from experiments.catalog.template import Order, Template
from experiments.data_schema import DataSchema, Target

CLASS_LOSS = "sparse_categorical_crossentropy"
SCALES = """    if targets is not None:
        for name in scales:
            rows = targets[name]
            scales[name] = float(np.mean(rows)), float(np.std(rows)) or 1.0"""


def _own(schema: DataSchema) -> tuple[Hyperparameter, ...]:
    return (
        depth("shared_layers", 4, default=2, help="Dense layers shared by all targets."),
        width("units", 16, 256, default=64, help="Units of each shared layer."),
        width("head_units", 8, 128, default=32, help="Units of each target's own layer.").fixed(),
        dropout(default=0.1),
        ACTIVATION,
        _loss(schema),
    )


def _loss(schema: DataSchema) -> Hyperparameter:
    """Return the loss of regression heads; classification heads have one loss alone."""
    losses: tuple[str, ...] = (CLASS_LOSS,)
    words = "Loss of each target; the losses are added."
    if any(target.task == "regression" for target in schema.targets):
        losses = NUMBER_LOSSES
        words = (
            "Loss of regression targets, each on its own scale; classification targets use "
            "crossentropy. mse penalizes large errors most, mae is robust to outliers."
        )
    return choice("loss", losses, default=losses[0], help=words).fixed()


def _write(order: Order) -> str:
    lines = one_hot_entry(order)
    shared = dense(order, order.whole("units"), activation=order.text("activation"))
    dropped = call("layers.Dropout", literal(order.real("dropout")))
    for _ in range(order.whole("shared_layers")):
        lines += [applied(shared), applied(dropped)]
    lines.append(f"{STEP}outputs = {{}}")
    heads = list(zip(order.schema.keys, order.schema.targets, strict=True))
    for key, target in heads:
        lines += _head(order, key, target)
    return assembled(order, [_beginning(order), *lines, *model_of(order), _ending(order)])


def _beginning(order: Order) -> str:
    """Write the first lines of `build_model`, with the scale of each target that is a number."""
    words = []
    if has_numbers(order):
        words += ["adapt: training rows that the normalization learns its scale from."]
    numbers = _numbers(order)
    if numbers:
        words += ["targets: training targets by name; each number is answered on its own scale."]
    lines = [
        "def build_model(adapt=None, targets=None):",
        f'{STEP}"""Return the compiled model: one output for each target.',
        "",
        *(STEP + word for word in words),
        f'{STEP}"""',
    ]
    if not words:
        lines = [lines[0], f'{lines[1]}"""']
    if numbers:
        scales = {key: "(0.0, 1.0)" for key in numbers}
        lines += [_table("scales", scales), SCALES]
    return "\n".join(lines)


def _head(order: Order, key: str, target: Target) -> list[str]:
    """Write the layers from the shared ones to one answer."""
    own = dense(order, order.whole("head_units"), activation=order.text("activation"))
    lines = [f"{STEP}key = {literal(key)}", applied(own, name="head")]
    if target.task == "classification":
        classes = literal(len(target.classes))
        answer = call("layers.Dense", classes, activation=literal("softmax"), name="key")
        return [*lines, applied(answer, to="head", name="outputs[key]")]
    scaled = call("layers.Rescaling", "spread", offset="center", name="key")
    return [
        *lines,
        applied(call("layers.Dense", "1"), to="head", name="head"),
        f"{STEP}center, spread = scales[key]",
        applied(scaled, to="head", name="outputs[key]"),
    ]


def _ending(order: Order) -> str:
    """Write compile and return: a loss, its weight and the metrics for each head."""
    losses: dict[str, Code] = {}
    weights: dict[str, Code] = {}
    metrics: dict[str, Code] = {}
    for key, target in zip(order.schema.keys, order.schema.targets, strict=True):
        is_number = target.task == "regression"
        power = " ** 2" if order.text("loss") == "mse" else ""
        losses[key] = literal(order.text("loss") if is_number else CLASS_LOSS)
        weights[key] = f"1.0 / scales[{literal(key)}][1]{power}" if is_number else "1.0"
        names = measured_of(order, target.task)
        codes = [metric_code(name, len(target.classes), is_lone=False) for name in names]
        metrics[key] = listing(codes)
    lines = [_table("losses", losses)]
    if _numbers(order):
        lines.append(
            f"{STEP}# Each number's loss counts in spreads of its target: all heads weigh alike."
        )
    lines += [_table("weights", weights), _table("metrics", metrics)]
    compiled = call(
        "model.compile",
        optimizer=optimizer(order),
        loss="losses",
        loss_weights="weights",
        metrics="metrics",
    )
    return "\n".join([*lines, laid_out(compiled), f"{STEP}return model"])


def _numbers(order: Order) -> list[str]:
    targets = zip(order.schema.keys, order.schema.targets, strict=True)
    return [key for key, target in targets if target.task == "regression"]


def _table(name: str, entries: dict[str, Code] | dict[str, str]) -> str:
    """Write a dict with one line an entry."""
    inner = [
        laid_out(code, indent=2, before=f"{literal(key)}: ", after=",")
        for key, code in entries.items()
    ]
    return "\n".join([f"{STEP}{name} = {{", *inner, f"{STEP}}}"])


TEMPLATE = Template(
    slug="multi-task",
    name="Several targets",
    summary="Dense layers shared by all targets, and a head with its own loss for each target.",
    level="Functional",
    kinds=("table",),
    tasks=("classification", "regression"),
    parameter_range="2,500–240,000 weights on 20 columns and two targets",
    own=_own,
    write=_write,
    unfit=lambda schema: "" if schema.more_targets else "This dataset has one target only.",
    several_targets=True,
)
