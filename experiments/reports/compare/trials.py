"""Reports: the trials that are set side by side, with the scores of their parts. Imports models."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from experiments.evaluation.expected_words import ExpectedScore, expected_score
from experiments.models import Execution, Experiment, Trial
from experiments.reports.figures import finite

FEWEST, MOST = 2, 20
COLOURS, DASHES = 8, 4  # of the trial palette: static/js/lib/palette.js
EXACT = "exact "  # before the name of a metric that was measured from the predictions

Key = tuple[UUID, int]  # an experiment's code and a trial's number
Part = tuple[int, int]  # fold and repeat
Measured = Mapping[str, Mapping[Part, float]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One column: a trial with its experiment, and what each of its parts measured.

    key: <experiment code>:<number>, as in the address. colour: by the trial's number, as on every
    page. dash: apart from each other column of that colour. measured: finite numbers by metric, part
    and repeat; the objective's are the scores.
    """

    trial: Trial
    experiment: Experiment
    key: str
    colour: int
    dash: int
    executions: int
    measured: Measured = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"Trial {self.trial.number}"

    @property
    def finished(self) -> int:
        """How many of its executions have a score."""
        return len(self.measured.get(self.experiment.objective, {}))

    @property
    def expected(self) -> ExpectedScore:
        """What it is expected to score on new rows."""
        is_higher_better = self.experiment.direction == "maximize"
        return expected_score(self.trial.expected, higher_is_better=is_higher_better)

    def expected_beside(self, base: "Compared") -> ExpectedScore:
        """The same in a row with the base; without a value where their objectives differ."""
        if self.experiment.objective == base.experiment.objective:
            return self.expected
        return ExpectedScore(note=f"Its objective is {self.experiment.objective}.")

    @property
    def is_ranked(self) -> bool:
        """Whether it has run all of its parts and counts."""
        return self.trial.state == Trial.State.COMPLETED and not self.trial.set_aside


def compared(project_pk: int, wanted: Sequence[Key]) -> tuple[Compared, ...]:
    """The named trials of the project in the order asked for; others are left out. Three queries.

    All that there are: of those beyond `MOST` the parts stay unread.
    """
    experiments = {
        experiment.code: experiment
        for experiment in Experiment.objects.filter(
            project=project_pk, code__in={code for code, _ in wanted}
        ).select_related("dataset_version__dataset", "hypermodel_version__hypermodel")
    }
    return columns_of([(experiments[code], n) for code, n in wanted if code in experiments])


def columns_of(wanted: Iterable[tuple[Experiment, int]]) -> tuple[Compared, ...]:
    """Columns of the trials by experiment and number; two queries."""
    named = {(experiment.pk, number): experiment for experiment, number in wanted}
    if not named:
        return ()
    any_of = reduce(or_, (Q(experiment=pk, number=number) for pk, number in named))
    trials = Trial.objects.filter(any_of).defer("traceback", "environment", "epoch_figures")
    found = {(trial.experiment_id, trial.number): trial for trial in trials}
    kept = [(found[name], experiment) for name, experiment in named.items() if name in found]
    measured = _measured({trial.pk: experiment for trial, experiment in kept[:MOST]})
    styles: list[tuple[int, int]] = []
    for trial, _ in kept:
        styles.append(_style(trial.number, styles))
    return tuple(
        Compared(
            trial=trial,
            experiment=experiment,
            key=f"{experiment.code}:{trial.number}",
            colour=colour,
            dash=dash,
            executions=experiment.protocol.executions,
            measured=measured.get(trial.pk, {}),
        )
        for (trial, experiment), (colour, dash) in zip(kept, styles, strict=True)
    )


def _style(number: int, taken: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The number's colour and dash as on every page; another dash where a column has them."""
    colour, own = number % COLOURS, number // COLOURS
    free = [(own + step) % DASHES for step in range(DASHES)]
    dash = next((dash for dash in free if (colour, dash) not in taken), free[0])
    return colour, dash


def _measured(experiments: Mapping[int, Experiment]) -> dict[int, dict[str, dict[Part, float]]]:
    """Numbers of every part by the trial's key and the metric; histories stay unread."""
    rows = Execution.objects.filter(trial__in=experiments).order_by("trial", "index")
    found: dict[int, dict[str, dict[Part, float]]] = {}
    fields = ("trial", "part", "repeat", "score", "metrics", "exact")
    for trial, part, repeat, score, metrics, exact in rows.values_list(*fields):
        numbers = {**metrics, experiments[trial].objective: score}
        numbers |= {EXACT + name: each for name, each in exact.get("values", {}).items()}
        for name, value in numbers.items():
            if isinstance(value, (int, float)) and finite(float(value)) is not None:
                metric = found.setdefault(trial, {}).setdefault(name, {})
                metric[part, repeat] = float(value)
    return found
