"""Room: catalog. Takes what is measured, and what ranks trials, out of a plan's JSON."""

from experiments.catalog.pieces import METRICS
from experiments.evaluation.metrics import epoch_metrics
from experiments.evaluation.objectives import direction_of, objectives
from experiments.search.reading import Reader


def read_metrics(reader: Reader, task: str) -> tuple[str, ...]:
    """The metrics of a task; those of its default where none are named."""
    known = epoch_metrics(task)
    names = reader.items("metrics", longest=20, default=()) or list(METRICS[task])
    for index, name in enumerate(names):
        if name not in known:
            message = f"Is no metric of {task}. Known: {', '.join(known)}."
            reader.note(f"metrics.{index}", message)
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def read_objective(reader: Reader, metrics: tuple[str, ...], task: str) -> str:
    """The objective's name; empty where it is none of this search's."""
    known = objectives(metrics)
    name = reader.take("objective")
    if name is None or name in known:
        return name or ""
    if isinstance(name, str) and name in objectives(epoch_metrics(task)):
        reader.note(
            "objective", f"Isn't measured. Add {name.removeprefix('val_')} to the metrics."
        )
        return name
    reader.note("objective", f"Is no metric of this search. Known: {', '.join(known)}.")
    return ""


def read_direction(reader: Reader, objective: str) -> str:
    """Whether lower or higher is better, which follows from the objective."""
    right = direction_of(objective)
    given = reader.one_of("direction", ("minimize", "maximize"), default=right)
    if objective and given != right and reader.take("direction", default=right) == given:
        word = "higher" if right == "maximize" else "lower"
        reader.note("direction", f"{objective} is better when it is {word}. Choose {right}.")
    return given
