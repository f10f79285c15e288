"""Scores and metrics to choose from in the new-experiment form."""

from dataclasses import dataclass

from experiments.catalog.metric_source import TOP
from experiments.catalog.plan_metrics import logged_names
from experiments.catalog.source_pieces import known_metrics
from experiments.evaluation.expression import CUSTOM
from experiments.evaluation.metrics import METRICS
from experiments.evaluation.objectives import direction_of, objectives
from experiments.evaluation.score_rules import OFFERED, RULE, score_rule_words
from experiments.training.fit import OBJECTIVE
from experiments.web.forms import typed
from experiments.web.forms.experiment import ExperimentForm
from experiments.web.forms.experiment_setting import Setting
from experiments.web.forms.plan_field import Pairs


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    label: str
    chosen: bool
    help: str = ""


def objective_choices(form: ExperimentForm, setting: Setting) -> Pairs:
    """Metrics of the validation rows; those of the training rows only where already chosen."""
    chosen = form.fields.get("objective", "")
    names = [
        name
        for name in objectives(logged_names(setting.schema, measurable(setting)))
        if name.startswith("val_") or name == chosen
    ]
    if chosen and chosen not in names:
        names.append(chosen)
    arrows = {"maximize": "↑", "minimize": "↓"}
    listed = [(name, f"{name} {arrows[direction_of(name)]}") for name in names if name != CUSTOM]
    return (*listed, (CUSTOM, "custom expression"))


def monitor_choices(form: ExperimentForm, setting: Setting) -> Pairs:
    """The objective, the task's metrics, and whatever else stands in the form."""
    names = list(objectives(logged_names(setting.schema, measurable(setting))))
    chosen = (form.fields.get("monitor", ""), form.fields.get("rate_monitor", ""))
    names += [name for name in dict.fromkeys(chosen) if name and name not in names]
    return (("", OBJECTIVE), *((name, name) for name in names))


def score_rule_choices(form: ExperimentForm) -> Pairs:
    """The usual rules, and another one that somebody wrote into the plan."""
    chosen = form.fields.get("score_rule", "")
    others = [chosen] if RULE.fullmatch(chosen) and chosen not in OFFERED else []
    return tuple((rule, score_rule_words(rule)) for rule in [*OFFERED, *others])


def metric_choices(form: ExperimentForm, setting: Setting) -> tuple[Choice, ...]:
    """What may be measured each epoch, with what each metric is."""
    chosen = typed.listed(form.fields.get("metrics", ""))
    names = measurable(setting)
    names += [name for name in chosen if name not in names]
    return tuple(
        Choice(name, name, name in chosen, METRICS[name].help if name in METRICS else "")
        for name in names
    )


def measurable(setting: Setting) -> list[str]:
    """Metrics that tell something of this data: all rows are among the best 3 of 3 classes."""
    schema = setting.schema
    most = max(len(target.classes) for target in schema.targets)
    return [name for name in known_metrics(schema) if name not in TOP or TOP[name] < most]
