"""Finding: a baseline is at least as good as the winner."""

from typing import Final

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    plain,
)
from experiments.search.findings.search_state import Rival, SearchState

KIND: Final = "baseline"


def check(look: SearchState) -> Outcome:
    """At most one, about all baselines that the site calls at least as good, with the same sentences.

    Several objectives don't hinder it: the main one is compared.
    """
    if not look.rivals:
        return NotChecked("No baseline has a score", "run the baselines with the search")
    if look.winner is None:
        return NotChecked("No winner is named", "a trial with a score")
    every = (*look.rivals, look.winner)
    is_expected = all(each.expected is not None for each in every)
    kind = "expected on new rows" if is_expected else "search scores"
    scores = [float((each.expected if is_expected else each.score) or 0.0) for each in every]
    ahead = [each for each in look.rivals if each.ahead]
    if not ahead:
        pairs = zip(every, scores, strict=True)
        *others, own = (f"{each.phrase} ({plain(score)})" for each, score in pairs)
        main = "main objective, " if look.history.more_objectives else ""
        return NotFound((f"{main}{look.objective}, {kind}: {', '.join(others)} against {own}",))
    low, high = min(scores), max(scores)
    shares = [(score - low) / (high - low) if high > low else 1.0 for score in scores]
    return Found(
        (
            Finding(
                kind=KIND,
                subject="baseline",
                statement=" ".join(each.ahead for each in ahead),
                gain="The baseline is simpler, and the search has not been shown to gain anything so far.",
                evidence=Evidence(
                    shape="bars",
                    x=tuple(each.phrase for each in every),
                    y=tuple(shares),
                    marked=tuple(bool(each.ahead) for each in every),
                    y_label=f"{look.objective}, from the lowest to the highest",
                ),
                confidence=Confidence(f"compared: {kind}, over the same split"),
                action=_shown(look, ahead),
                trials=() if look.winner.number is None else (look.winner.number,),
            ),
        )
    )


def _shown(look: SearchState, ahead: list[Rival]) -> Action:
    trained = [each for each in ahead if each.code]
    if not trained:
        return Action("protocol", "Check the split and the target")
    best = max(trained, key=lambda each: look.sign * each.score)
    return Action("baseline", "Open the baseline", {"run": best.code, "trial": best.number})
