"""Reports: what a finding proposes, as a change of the plan of a copy. Imports models."""

from dataclasses import dataclass
from typing import Any

from experiments.models import Experiment
from experiments.search.findings.plan_changes import changed

LONGEST = 18  # digits of a key


@dataclass(frozen=True, slots=True)
class Proposal:
    """words: what the form says above its fields."""

    act: str
    change: dict[str, Any]
    words: str

    def written_into(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan with the change; checked by the form that shows it."""
        return changed(plan, self.act, self.change)


def proposal_of(experiment: Experiment, key: str) -> Proposal | None:
    """The proposal of the experiment's finding with this key; None where there is none."""
    if not (key.isascii() and key.isdigit() and len(key) <= LONGEST):
        return None
    found = experiment.findings.filter(pk=int(key)).first()
    if found is None:
        return None
    label = found.action.get("label", "")
    words = f"A copy of {experiment.name} with one change. {label}: {found.statement}"
    return Proposal(found.action.get("act", ""), found.action.get("change", {}), words)
