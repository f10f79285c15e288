"""Which training run the stored weights of a trial are from."""

from collections.abc import Iterable

from experiments.models.execution import Artifact, Execution
from experiments.models.experiment import Experiment, Purpose


def best_model(artifacts: Iterable[Artifact]) -> Artifact | None:
    """The model of a trial's best execution; among equals the first. None without a scored one."""
    scored = [
        (float(each.execution.score), each.pk, each)
        for each in artifacts
        if each.execution is not None and each.execution.score is not None
    ]
    if not scored:
        return None
    sign = -1.0 if scored[0][2].trial.experiment.direction == "maximize" else 1.0
    return min(scored, key=lambda row: (sign * row[0], row[1]))[2]


def origin(experiment: Experiment, execution: Execution) -> str:
    """Say which run of a trial trained the weights, at which epoch they were kept, and on which rows."""
    parts = (_run(experiment, execution), _epoch(execution), _rows(experiment, execution))
    return ", ".join(filter(None, parts))


def _run(experiment: Experiment, execution: Execution) -> str:
    protocol = experiment.protocol
    if experiment.purpose == Purpose.REFIT:
        is_locked = not experiment.training_data.why_not_locked
        has_test = is_locked and protocol.locked_test_share != 0
        return f"refit on all rows{' except the test set' * has_test}"
    part = {"k_fold": "fold", "subsampling": "round"}.get(protocol.kind, "")
    words = []
    if part:
        words.append(f"{part} {execution.part + 1} of {protocol.parts_count}")
    if protocol.repeats > 1:
        words.append(f"seed {execution.repeat + 1} of {protocol.repeats}")
    return ", ".join(words)


def _epoch(execution: Execution) -> str:
    kept, trained = execution.best_epoch, execution.epochs
    if not kept:
        return f"{trained} epochs" if trained else ""
    return f"epoch {kept}" if kept == trained else f"epoch {kept} of {trained}"


def _rows(experiment: Experiment, execution: Execution) -> str:
    """Training rows; not counted where code brings its own, and of splits from before they were counted."""
    if not experiment.training_data.is_form:
        return "rows of the code"
    parts = experiment.split_facts.get("parts", ())
    if execution.part >= len(parts):
        return ""
    return f"{parts[execution.part][0]:,} training rows"
