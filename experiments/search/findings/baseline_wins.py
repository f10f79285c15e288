"""Finding: a baseline scores at least as well as the best trial."""

from typing import Final

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    plain,
    too_few,
)
from experiments.search.findings.search_state import Rival, SearchState

KIND: Final = "baseline"
FEWEST: Final = 10  # scored trials: before, a search has hardly begun


def check(look: SearchState) -> Outcome:
    """At most one, about the best baseline. No test: what stands is that the search brought no gain."""
    if not look.rivals:
        return NotChecked("No baseline has a score", "run the baselines with the search")
    if len(look.scored) < FEWEST:
        return too_few("scored trials", FEWEST, len(look.scored))
    rival = max(look.rivals, key=lambda each: look.sign * each.score)
    best = look.scored[int(look.best(1)[0])]
    score = float(best.score or 0.0)
    if look.sign * (score - rival.score) > 0:
        rests = f"{each_of(look.rivals)} against trial {best.number} ({plain(score)})"
        return NotFound((f"scores of {rests}",))
    behind = abs(score - rival.score)
    by = f"{plain(behind)} better than" if behind else "as good as"
    names = tuple(each.phrase for each in look.rivals)
    scores = [each.score for each in look.rivals]
    low, high = min(*scores, score), max(*scores, score)
    shares = [(each - low) / (high - low) if high > low else 1.0 for each in (*scores, score)]
    return Found(
        (
            Finding(
                kind=KIND,
                subject="baseline",
                statement=(
                    f"{rival.phrase[0].upper()}{rival.phrase[1:]} reaches {look.objective} "
                    f"{plain(rival.score)}, {by} the best of {len(look.scored)} trials (trial "
                    f"{best.number}, {plain(score)})."
                ),
                gain="The baseline is simpler and at least as good so far.",
                evidence=Evidence(
                    shape="bars",
                    x=(*names, f"trial {best.number}"),
                    y=tuple(shares),
                    marked=(*(each is rival for each in look.rivals), False),
                    y_label=f"{look.objective}, from the lowest to the highest",
                ),
                confidence=Confidence(
                    "compared: means over the same split; the best of many is optimistic"
                ),
                action=_shown(rival),
                trials=(best.number,),
            ),
        )
    )


def each_of(rivals: tuple[Rival, ...]) -> str:
    """Such as "a linear model (0.902), the majority class (0.5)"."""
    return ", ".join(f"{each.phrase} ({plain(each.score)})" for each in rivals)


def _shown(rival: Rival) -> Action:
    if not rival.code:
        return Action("protocol", "Check the split and the target")
    return Action("baseline", "Open the baseline", {"run": rival.code, "trial": rival.number})
