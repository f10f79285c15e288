"""Every single-valued field of the new-experiment form, and where it lies in the plan.

They follow from the plan's declarations; here stand only the switches, which make one value of the plan
out of several fields, and the further objectives, which are a list there. The names are stable: `make demo`
and other scripts post them. A field that is left out takes the form's default. Checkboxes send 1, or an
empty value when they are off.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from experiments.catalog.further_objectives import MOST
from experiments.evaluation.metrics import direction_of
from experiments.plan import ExperimentPlan
from experiments.search.declarations import Declaration, declaration_of
from experiments.training.fit import Fit, usual_patience
from experiments.training.schedule import Schedule
from experiments.web.forms.experiment.configurations import (
    read_configurations,
    show_configurations,
)
from experiments.web.forms.plan_field import FieldView, Pairs, PlanField, plan_fields, put, take

MORE_OBJECTIVES: Final = tuple(f"more_objective_{place}" for place in range(1, MOST + 1))
FURTHER: Final = dict(
    zip(
        MORE_OBJECTIVES,
        ("Second objective", "Third objective", "Fourth objective"),
        strict=True,
    )
)
PLACE: Final = re.compile(r"more_objectives\.(\d+)(?:\..*)?")


def show_more_objectives(plan: Mapping[str, Any]) -> dict[str, str]:
    """Write a plan's further objectives, which may be wrong, as fields."""
    given = plan.get("more_objectives")
    names = [
        str(each.get("name", ""))[:60] if isinstance(each, dict) else ""
        for each in (given if isinstance(given, list) else [])
    ]
    names += [""] * MOST
    return dict(zip(MORE_OBJECTIVES, names[:MOST], strict=True))


def read_more_objectives(fields: Mapping[str, str]) -> list[dict[str, str]]:
    """The plan's list; each follows its own direction."""
    return [
        {"name": fields[name], "direction": direction_of(fields[name])} for name in _used(fields)
    ]


def more_objective_field(path: str, fields: Mapping[str, str]) -> str:
    """The field that shows a problem of the plan's path; empty where it is another's."""
    found = PLACE.fullmatch(path)
    if found is None:
        return MORE_OBJECTIVES[0] if path == "more_objectives" else ""
    used = _used(fields)
    return used[int(found[1])] if int(found[1]) < len(used) else MORE_OBJECTIVES[0]


def _used(fields: Mapping[str, str]) -> list[str]:
    return [name for name in MORE_OBJECTIVES if fields.get(name, "").strip()]


PATIENCE: Final = "patience"
USUAL: Final = "usual"
PLATEAU: Final = "plateau"
STOPPING: Final = "fit.early_stopping_"

EARLY_STOPPING: Final = Declaration(
    name="early_stopping",
    kind="choice",
    label="Early stopping",
    help="Ends an execution that no longer improves; automatic: off in grid search, else a patience "
    f"of {Fit().early_stopping_patience} epochs.",
    choices={USUAL: "automatic", "1": "on", "": "off"},
)
RATE: Final = Declaration(
    name="rate",
    kind="choice",
    label="Learning rate schedule",
    help="Multiplies the trial’s own learning rate, once per epoch.",
    choices={
        "": "constant",
        PLATEAU: "reduce on plateau",
        **declaration_of(Schedule, "kind").choices,
    },
)
LOCKED_TEST: Final = Declaration(
    name="locked_test",
    kind="choice",
    label="Locked test set",
    help="Rows that no trial reads.",
    choices={"own": "dataset’s own", "share": "share of the rows", "none": "none"},
)
CONSTRAINTS: Final = Declaration(name="constraints", label="Constraints")
SWITCHES: Final = tuple(
    PlanField(each.name, "", each) for each in (EARLY_STOPPING, RATE, LOCKED_TEST)
)
SHOWN_BY_SWITCH: Final = {
    STOPPING: (EARLY_STOPPING.name, ("1",)),
    "fit.reduce_lr.": (RATE.name, (PLATEAU,)),
    "protocol.locked_test_share": (LOCKED_TEST.name, ("share",)),
}


class ConfigurationsField(PlanField):
    """Configurations, one a line: JSON or CSV."""

    def read(self, text: str) -> Any:
        """Lines of JSON, or CSV."""
        return read_configurations(text)

    def show(self, value: Any) -> str:
        """One line each."""
        return show_configurations(value)


def _declared() -> Iterator[PlanField]:
    for each in plan_fields(ExperimentPlan):
        switch = next(
            (shown for start, shown in SHOWN_BY_SWITCH.items() if each.path.startswith(start)),
            None,
        )
        kind = ConfigurationsField if each.name == "configurations" else PlanField
        yield kind(each.name, each.path, each.declaration, each.shown_if or switch)


DECLARED: Final = tuple(_declared())
FIELDS: Final = tuple(
    each for each in DECLARED if each.declaration.in_form and each.declaration.part is None
)
EDITABLE: Final = tuple(each for each in FIELDS if each.declaration.editable)
BY_NAME: Final = {each.name: each for each in (*SWITCHES, *FIELDS)}
LABELS: Final[Mapping[str, str]] = {
    **{each.name: each.declaration.label for each in (*DECLARED, *FIELDS, *SWITCHES)},
    **FURTHER,
    CONSTRAINTS.name: CONSTRAINTS.label,
}
CHOOSING: Final = {each.shown_if[0] for each in BY_NAME.values() if each.shown_if} | {
    "sampler",
    "pruner",
}
OTHERS: Final = (*(each.name for each in SWITCHES), "layers", CONSTRAINTS.name)
PLACES: Final[Mapping[str, str]] = {
    "space.constraints": CONSTRAINTS.name,
    **{
        each.path: each.name
        for each in DECLARED
        if each.declaration.in_form or each.declaration.field
    },
    "space": "space",
    "layers": "layers",
}


def under(prefix: str) -> tuple[str, ...]:
    """Names of the fields whose path begins so."""
    return tuple(each.name for each in FIELDS if each.path.startswith(prefix))


def field_of(path: str, chosen: Mapping[str, str] | None = None) -> str:
    """Name the form field that shows a problem of the plan's `path`; empty: above the form.

    chosen: the slug of the sampler and of the pruner, whose options have fields of their own.
    """
    head, rest = path, ""
    while head:
        if head in PLACES:
            name = PLACES[head]
            slug = (chosen or {}).get(name) if head.endswith("_options") else None
            return f"{name}-{slug}-{rest}" if slug and rest else name
        head, _, last = head.rpartition(".")
        rest = f"{last}.{rest}".rstrip(".")
    return ""


def message_at(name: str, message: str) -> str:
    """A problem as its field counts."""
    return BY_NAME[name].in_its_units(message) if name in BY_NAME else message


def show_plan(plan: Mapping[str, Any]) -> dict[str, str]:
    """Write a plan's JSON, which may be wrong, as fields and switches.

    What the plan doesn't use shows its default, ready to be turned on.
    """
    fields = {each.name: each.show(take(plan, each.path)) for each in FIELDS}
    share = take(plan, "protocol.locked_test_share")
    fields[LOCKED_TEST.name] = "own" if share is None else "share" if share else "none"
    if not share:
        fields["locked_percent"] = BY_NAME["locked_percent"].show(None)
    fields[EARLY_STOPPING.name] = _shown_stopping(plan)
    has_plateau = take(plan, "fit.reduce_lr") is not None
    kind = take(plan, "fit.schedule.kind")
    fields[RATE.name] = PLATEAU if has_plateau else "" if kind is None else str(kind)
    return fields


def read_fields(fields: Mapping[str, str]) -> dict[str, Any]:
    """Read the plan's JSON; what nobody sees is left out, so that its default counts."""
    plan: dict[str, Any] = {name: {} for name in ("protocol", "fit", "budget", "keep")}
    for each in FIELDS:
        if each.counts(fields):
            put(plan, each.path, each.read(fields.get(each.name, "")))
    rate, locked = fields.get(RATE.name, "").strip(), fields.get(LOCKED_TEST.name, "")
    if rate not in ("", PLATEAU):
        put(plan, "fit.schedule.kind", rate)
    if not fields.get(EARLY_STOPPING.name):
        put(plan, f"{STOPPING}patience", None)
    if locked != "share":
        put(plan, "protocol.locked_test_share", None if locked == "own" else 0)
    return plan


def field_views(
    fields: Mapping[str, str],
    at: Mapping[str, str],
    choices: Mapping[str, Pairs] | None = None,
    filled: frozenset[str] = frozenset(),
) -> dict[str, FieldView]:
    """Every field as the template draws it.

    at: what is wrong. choices: those that data decide. filled: names of what a link filled in.
    """
    views = {name: FieldView(name, text, at.get(name, "")) for name, text in fields.items()}
    for name, each in BY_NAME.items():
        declaration = each.declaration
        views[name] = FieldView(
            name=name,
            value=fields.get(name, ""),
            error=at.get(name, ""),
            declaration=declaration,
            choices=(choices or {}).get(name) or tuple(declaration.choices.items()),
            shown_if=each.shown_if,
            is_shown=each.counts(fields),
            chooses=name in CHOOSING,
            is_filled=name in filled,
        )
    return views


def _shown_stopping(plan: Mapping[str, Any]) -> str:
    """Which choice of EARLY_STOPPING a plan made."""
    usual = Fit(early_stopping_patience=usual_patience(str(plan.get("sampler", ""))))
    fit = plan.get("fit") or {}
    if all(
        fit.get(name, value) == value
        for name, value in usual.to_dict().items()
        if name.startswith("early_stopping_")
    ):
        return USUAL
    return "" if take(plan, f"{STOPPING}patience") is None else "1"
