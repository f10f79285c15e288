"""Reports: what may be said of a search in one paragraph, and what may not. Imports sibling reports."""

from collections.abc import Sequence

from django.utils.text import get_text_list

from experiments.catalog.plan_metrics import tested_metric
from experiments.data_schema import DataSchema
from experiments.evaluation.intervals import Interval
from experiments.models import Experiment, Trial
from experiments.models.trial import FailureKind
from experiments.number_words import figures, spread
from experiments.reports.experiments.failures import EXPLAINED
from experiments.reports.experiments.head import protocol_words
from experiments.reports.winner.baselines import Baseline
from experiments.reports.winner.locked_test import LockedTest
from experiments.reports.winner.winner_page import Verdict


def quote(experiment: Experiment, found: Verdict) -> str:
    """Plain sentences that may be quoted as they stand: data, protocol, both scores, doubt, test."""
    name = experiment.objective
    how = _in_fits(found)
    kind = "95 % interval" if experiment.protocol.parts_count > 1 else "spread over seeds"
    sure = f" ({kind})" if _has_width(found.interval) else ""
    data = experiment.training_data
    result = f"trial {found.winner.number} of “{experiment.name}” reached {name}"
    if experiment.is_elsewhere:
        return f"Where it ran, {result} {_estimate(found.interval)}, {_out_of(found.tried)}."
    where = f"On {data.name} ({data.details}, {protocol_words(experiment)})"
    expected = found.winner.expected
    if expected.value is None:
        parts = [
            f"{where}, {result} {_estimate(found.interval)} {how}{sure}, {_out_of(found.tried)}.",
        ]
    else:
        reached = f"is expected to reach {name} {expected.text} on new rows."
        parts = [
            f"{where}, trial {found.winner.number} of “{experiment.name}” {reached}",
            f"Its search score is {figures(found.winner.score)} {how}, {_out_of(found.tried)}.",
        ]
    if found.is_tested:
        parts.append(_ties(found))
    parts += _against(found.baselines)
    if found.again:
        parts.append(
            f"Re-evaluated with fresh seeds, it reached {get_text_list([figures(score) for score in found.again], 'and')}."
        )
    if found.confirmed is not None:
        parts.append(f"Confirmed with fresh seeds, it reached {_estimate(found.confirmed)}.")
    latest = found.locked.latest
    if latest is not None and latest.trial_id == found.trial.pk:
        schema = DataSchema.from_dict(experiment.dataset_version.schema)
        value = latest.scores.get(tested_metric(name, schema))
        if value is not None:
            low, high = latest.intervals.get(tested_metric(name, schema), (None, None))
            sure = f"95 % interval {figures(low)} to {figures(high)}, " if low is not None else ""
            reveal = f"{sure}reveal {latest.number} of these rows"
            parts.append(f"On {latest.rows:,} locked test rows: {figures(value)} ({reveal}).")
            parts.append(latest.range_words)
    return " ".join(parts)


def caveats(experiment: Experiment, found: Verdict) -> list[str]:
    """What can't be said, and what would let it be said."""
    return _unknown(found) if experiment.is_elsewhere else _open(experiment, found)


def _unknown(found: Verdict) -> list[str]:
    return [
        "Uncertainty of the score is unknown: repeats and validation rows of the trials are not recorded.",
        _optimism(found.tried),
    ]


def _open(experiment: Experiment, found: Verdict) -> list[str]:
    said = []
    expected = found.winner.expected
    if expected.why:
        said.append(expected.why)
    if expected.low is None and found.executions == 1:
        said.append(
            f"Uncertainty of the score is unknown: it comes from {_runs(found)}. Confirm the top trials, "
            "or search with folds or repeats."
        )
    elif expected.low is None and experiment.protocol.parts_count == 1:
        said.append(
            "The interval covers the noise of seeds only, not the choice of validation rows. Use folds "
            "to cover both."
        )
    if found.confirmed is None and expected.value is None:
        said.append(
            f"{_optimism(found.tried)} Confirm the top trials with fresh seeds to measure by how much."
        )
    said += _of_locked(found.locked)
    rivals = [each for each in found.baselines if not each.is_winner]
    said += [_without_score(each, each.trial) for each in rivals if each.trial and not each.scores]
    untested = [each.phrase for each in rivals if each.beaten is None and each.scores]
    if untested:
        said.append(
            f"No significance test against {get_text_list(untested, 'and')}. "
            "Keep predictions, or use 5 folds or 3 repeats, to get one."
        )
    return said


def _without_score(each: Baseline, trial: Trial) -> str:
    run = f"trial {trial.number} of “{trial.experiment.name}”"
    failure = EXPLAINED.get(FailureKind(trial.failure_kind)) if trial.failure_kind else None
    why = f"{run} {failure.cause}" if failure else f"{run} has no score: it is {each.state}"
    return f"No comparison with {each.phrase}: {why}."


def _of_locked(locked: LockedTest) -> list[str]:
    said = []
    if locked.rows == 0:
        said.append(f"No unbiased test score. {locked.none}")
    elif locked.latest is None:
        said.append("No unbiased test score yet: the locked test set has not been revealed.")
    elif locked.latest.number > 1:
        said.append(
            f"The test score may be optimistic: it is reveal {locked.latest.number} of its rows, "
            "and decisions after the first reveal may depend on it."
        )
    return [*said, *(locked.seen.warnings if locked.seen else ())]


def beats_nothing(found: Verdict) -> bool:
    """Whether a baseline without training is not beaten: the search has learned nothing."""
    return any(each.beaten is False and each.trial is None for each in found.baselines)


def _out_of(tried: int) -> str:
    return "the only trial" if tried == 1 else f"selected from {tried:,} trials"


def _optimism(tried: int) -> str:
    if tried == 1:
        return "A repeat may score differently."
    return f"The score is optimistic: it is the best of {tried:,} trials."


def _ties(found: Verdict) -> str:
    others = found.tied_count - 1
    if found.compared == 1:
        return "There is no other trial to compare it with."
    test = f"(paired test over {found.tested_on})"
    if found.compared == 2:
        return (
            f"The other trial is statistically tied with the best {test}."
            if others
            else f"It is significantly better than the other trial {test}."
        )
    every = f"{found.compared - 1:,} other trials"
    if others == 0:
        return f"It is significantly better than each of the {every} {test}."
    are = "is" if others == 1 else "are"
    return f"{others:,} of {every} {are} statistically tied with the best {test}."


def _against(baselines: Sequence[Baseline]) -> list[str]:
    """A sentence each of what it is better than, what is better and what does as well."""
    better = [_by_how_much(each) for each in baselines if (each.gain or 0) > 0]
    worse = [_by_how_much(each) for each in baselines if (each.gain or 0) < 0]
    equal = [each.phrase for each in baselines if each.gain == 0]
    found = []
    if any(each.is_winner for each in baselines):
        found.append("It is the default configuration.")
    if better:
        found.append(f"It is better than {get_text_list(better, 'and')}.")
    if worse:
        found.append(f"It is worse than {get_text_list(worse, 'and')}.")
    if equal:
        found.append(f"It is as good as {get_text_list(equal, 'and')}.")
    return found


def _by_how_much(each: Baseline) -> str:
    gain = each.gain or 0.0
    is_shown = each.beaten if gain > 0 else each.wins
    doubt = {True: "", False: " (not significant)", None: " (no test)"}[is_shown]
    return f"{each.phrase} by {spread(gain)}{doubt}"


def _runs(found: Verdict) -> str:
    again = len(found.again)
    return (
        f"one execution and {again} repeat{'s' if again > 1 else ''}" if again else "one execution"
    )


def _in_fits(found: Verdict) -> str:
    """Equal scores have no interval; that they are equal is said instead."""
    if found.executions == 1:
        return "in one execution"
    over = "over" if found.interval is None or _has_width(found.interval) else "in each of"
    return f"{over} {found.executions} executions"


def _has_width(found: Interval | None) -> bool:
    return found is not None and found.half_width is not None


def _estimate(found: Interval | None) -> str:
    if found is None:
        return "no score"
    if found.half_width is None:
        return figures(found.mean)
    return f"{figures(found.mean)} ± {spread(found.half_width)}"
