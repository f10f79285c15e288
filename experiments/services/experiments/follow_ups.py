"""Follow-up runs of a search: confirmation, refit, repeat.

Each is an experiment of its own with trials that wait from the start, so that workers, leases,
checkpoints and pages treat it like any other; no sampler runs. The search that it follows keeps
its history as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from experiments import storage
from experiments.changed_files import in_words
from experiments.digests import ChangedFile
from experiments.evaluation.protocol import ALL_ROWS, Protocol
from experiments.evaluation.splits import Split
from experiments.models import (
    Execution,
    Experiment,
    HyperModelVersion,
    Purpose,
    SpaceVersion,
    Trial,
)
from experiments.services.datasets.split_facts import facts_of
from experiments.services.datasets.splits import other_split
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.experiments.states import NotAllowed, lock_experiment, refuse_elsewhere
from experiments.services.site import activity
from experiments.services.trials.lifecycle import Proposal, derived_seed, insert_trial
from experiments.training.fit import Fit, fit_of_refit

MOST_CONFIRMED: Final = 20
FEWEST_EXECUTIONS: Final = 3  # of a confirmation: with fewer it would confirm nothing
# The search's, where the run's plan has no other value
COLUMNS: Final = (
    *("project_id", "dataset_version_id", "sampler", "pruner", "objective", "direction"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What a follow-up runs: name, judgement, and its trials as proposals without numbers.

    changes: further values of the plan that differ from the search's.
    """

    purpose: Purpose
    name: str
    protocol: Protocol
    fit: Fit
    split_hash: str
    seed: int
    trials: tuple[Proposal, ...]
    hypermodel: HyperModelVersion
    space: dict[str, Any]
    changes: dict[str, Any]


def confirm(search: Experiment, numbers: Sequence[int], *, by: User | None) -> Experiment:
    """Run trials of a search again with fresh seeds, on a new split.

    A split that can't be drawn again stays. Raises: NotAllowed.
    """
    _refuse_second(search, Purpose.CONFIRMATION)
    chosen = _scored_trials(search, numbers)
    count = search.follow_ups.filter(purpose=Purpose.CONFIRMATION).count()
    seed = derived_seed(search.seed, count + 1, len("confirmation"))
    protocol = _confirming(search.protocol)
    before = _split(search.split_hash)
    split = other_split(search.dataset_version, protocol, before, seed)
    storage.save_split(split)
    words = "Trial {} of the search, with fresh seeds and other folds of the same rows."
    trials = tuple(
        _proposal(trial, why=words.format(trial.number), kind="confirm") for trial in chosen
    )
    run = _run_of(search, Purpose.CONFIRMATION, protocol, split, seed, trials)
    return follow(search, run, f"Confirmation of {_trials_in_words(chosen)} with fresh seeds", by)


def refit(trial: Trial, *, by: User | None) -> Experiment:
    """Train a trial again on all but the locked test rows, for its median best epoch.

    Raises: NotAllowed.
    """
    search = trial.experiment
    _refuse_second(search, Purpose.REFIT, trial)
    [trial] = _scored_trials(search, [trial.number])
    protocol = replace(search.protocol, kind=ALL_ROWS, repeats=1, racing=False)
    before = _split(search.split_hash)
    split = other_split(search.dataset_version, protocol, before, search.seed)
    storage.save_split(split)
    epochs = median_low(int(each.best_epoch or each.epochs) for each in trial.executions.all())
    fit = fit_of_refit(search.fit, search.objective, int(trial.values["epochs"]))
    rows = f"{len(split.parts[0][0]):,} rows except the test set"
    if search.training_data.why_not_locked:
        rows = "rows of the code"
    why = f"Trial {trial.number} on all {rows}, for its median best epoch."
    if search.fit.reduce_lr and not fit.reduce_lr:
        why += (
            " Its learning rate stays constant: without validation rows, no "
            "plateau can be detected."
        )
    proposal = replace(
        _proposal(trial, why=why, kind="refit"), values=trial.values | {"epochs": epochs}
    )
    run = _run_of(search, Purpose.REFIT, protocol, split, search.seed, (proposal,))
    changes = {"objective": "loss", "direction": "minimize", "score_rule": "last"}
    run = replace(run, fit=fit, changes=changes | {"expression": "", "more_objectives": []})
    return follow(
        search, run, f"Refit of trial {trial.number} on all rows except the test set", by
    )


def run_again(trial: Trial, *, by: User | None) -> Experiment:
    """Run a trial again with the same seeds on the same split, to compare each epoch.

    Raises: NotAllowed.
    """
    search = trial.experiment
    _refuse_second(search, Purpose.AGAIN, trial)
    [trial] = _scored_trials(search, [trial.number])
    executions = Execution.objects.filter(trial=trial).order_by("index")
    seeds = tuple(executions.values_list("seed", flat=True))
    why = f"Trial {trial.number} again with the same seeds."
    proposal = replace(_proposal(trial, why=why, kind="again"), seeds=seeds)
    protocol = replace(search.protocol, racing=False)
    split = _split(trial.split_hash)
    run = _run_of(search, Purpose.AGAIN, protocol, split, search.seed, (proposal,))
    return follow(search, run, f"Repeats trial {trial.number} with the same seeds", by)


def _split(split_hash: str) -> Split:
    try:
        return storage.load_split(split_hash)
    except ChangedFile as changed:
        raise NotAllowed(in_words(changed)) from changed


def _confirming(protocol: Protocol) -> Protocol:
    """One validation set says little: several are drawn; every trial runs to its end."""
    protocol = replace(protocol, racing=False)
    if protocol.kind == "holdout" and protocol.respecting != "time":
        return replace(protocol, kind="subsampling", rounds=max(5, protocol.repeats), repeats=1)
    if protocol.executions < FEWEST_EXECUTIONS:
        return replace(protocol, repeats=FEWEST_EXECUTIONS)
    return protocol


def _scored_trials(search: Experiment, numbers: Sequence[int]) -> list[Trial]:
    """The trials in this order. Raises NotAllowed for one without a score."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise NotAllowed("Choose at least one trial.")
    if len(wanted) > MOST_CONFIRMED:
        raise NotAllowed(f"At most {MOST_CONFIRMED} trials can be confirmed at a time.")
    found = {trial.number: trial for trial in search.trials.filter(number__in=wanted)}
    for number in wanted:
        if number not in found:
            raise NotAllowed(f"The search has no trial {number}.")
        if found[number].state != Trial.State.COMPLETED or found[number].score is None:
            raise NotAllowed(f"Trial {number} has no score: it did not complete.")
    return [found[number] for number in wanted]


def _refuse_second(search: Experiment, purpose: Purpose, trial: Trial | None = None) -> None:
    if search.purpose != Purpose.SEARCH:
        raise NotAllowed("This isn't a search. Start it from the search's page.")
    refuse_elsewhere(search)
    running = search.follow_ups.filter(purpose=purpose, state__in=Experiment.ACTIVE)
    if trial is not None:
        running = running.filter(trials__repeats=trial)
    if running.exists():
        raise NotAllowed("Already running. Wait for it, or stop it first.")


def _proposal(trial: Trial, *, why: str, kind: str) -> Proposal:
    return Proposal(
        number=0,
        space_version=0,
        values=trial.values,
        values_key=trial.values_key,
        why=why,
        kind=kind,
        origin="follow-up",
        repeats=trial.pk,
    )


def _run_of(
    search: Experiment,
    purpose: Purpose,
    protocol: Protocol,
    split: Split,
    seed: int,
    trials: tuple[Proposal, ...],
) -> Run:
    return Run(
        purpose=purpose,
        name=f"{purpose.label} of {search.name}"[:120],
        protocol=protocol,
        fit=search.fit,
        split_hash=split.hash,
        seed=seed,
        trials=trials,
        hypermodel=search.hypermodel_version,
        space=search.space_versions.order_by("-number")[0].space,
        changes={},
    )


def follow(search: Experiment, run: Run, text: str, by: User | None) -> Experiment:
    """Make the experiment with its waiting trials, write into the search's log, and start it."""
    # One trial that fails doesn't take the others along.
    budget = {"max_failures": len(run.trials) + 1}
    own: dict[str, Any] = {"protocol": run.protocol.to_dict(), "fit": run.fit.to_dict()}
    own |= {"budget": budget, "seed": run.seed}
    own |= {"pruner": "none", "pruner_options": {}, **run.changes}
    facts = _facts(search, run)
    with transaction.atomic():
        lock_experiment(search.pk)
        experiment = Experiment.objects.create(
            **{name: own.get(name, getattr(search, name)) for name in COLUMNS},
            plan=search.plan | own,
            name=run.name,
            purpose=run.purpose,
            follows=search,
            hypermodel_version=run.hypermodel,
            split_hash=run.split_hash,
            split_facts=facts,
            max_trials=len(run.trials),
            parallel=min(search.parallel, len(run.trials)),
            created_by=by,
        )
        version = SpaceVersion.objects.create(
            experiment=experiment,
            number=1,
            space=run.space,
            sampler=experiment.sampler,
            sampler_options=experiment.sampler_options,
            created_by=by,
        )
        for number, proposal in enumerate(run.trials):
            placed = replace(proposal, number=number, space_version=version.pk)
            insert_trial(experiment, placed)
        activity.next_event(search.pk)
        activity.record(
            f"experiment.{run.purpose.value}",
            text,
            experiment=search,
            user=by,
            detail={"follow_up": str(experiment.code)},
        )
        start_experiment(experiment, by=by)
    return experiment


def _facts(search: Experiment, run: Run) -> dict[str, Any]:
    """Facts of the run's split: the search's where it is the same."""
    if run.split_hash == search.split_hash:
        return dict(search.split_facts)
    split = _split(run.split_hash)
    return facts_of(search.dataset_version, run.protocol, split).to_dict()


def _trials_in_words(trials: Sequence[Trial]) -> str:
    numbers = ", ".join(str(trial.number) for trial in trials)
    return f"trial {numbers}" if len(trials) == 1 else f"trials {numbers}"
