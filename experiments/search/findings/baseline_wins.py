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
    """At most one, about the best baseline. No test: what stands is that the search brought no gain.

    Compared are scores expected on new rows where they are known, else search scores, of which that of the
    best of many trials is optimistic.
    """
    if not look.rivals:
        return NotChecked("No baseline has a score", "run the baselines with the search")
    if len(look.scored) < FEWEST:
        return too_few("scored trials", FEWEST, len(look.scored))
    number, score, scores = _compared(look)
    top = max(scores, key=lambda each: look.sign * each)
    rival = look.rivals[scores.index(top)]
    against = f"trial {number} ({plain(score)})"
    if look.sign * (score - top) > 0:
        named = zip(look.rivals, scores, strict=True)
        each_of = ", ".join(f"{each.phrase} ({plain(value)})" for each, value in named)
        return NotFound((f"scores of {each_of} against {against}",))
    behind = abs(score - top)
    by = f"{plain(behind)} better than" if behind else "as good as"
    on = " on new rows" if (number, score) == look.winner else ""
    names = tuple(each.phrase for each in look.rivals)
    low, high = min(*scores, score), max(*scores, score)
    shares = [(each - low) / (high - low) if high > low else 1.0 for each in (*scores, score)]
    return Found(
        (
            Finding(
                kind=KIND,
                subject="baseline",
                statement=(
                    f"{rival.phrase[0].upper()}{rival.phrase[1:]} reaches {look.objective} "
                    f"{plain(top)}{on}, {by} the best of {len(look.scored)} trials, {against}."
                ),
                gain="The baseline is simpler and at least as good so far.",
                evidence=Evidence(
                    shape="bars",
                    x=(*names, f"trial {number}"),
                    y=tuple(shares),
                    marked=(*(each is rival for each in look.rivals), False),
                    y_label=f"{look.objective}, from the lowest to the highest",
                ),
                confidence=Confidence(
                    "compared: means over the same split; the best of many is optimistic"
                ),
                action=_shown(rival),
                trials=(number,),
            ),
        )
    )


def _compared(look: SearchState) -> tuple[int, float, list[float]]:
    """The winner's number, its score and those of the baselines: expected on new rows where all are known."""
    expected = [each.expected for each in look.rivals if each.expected is not None]
    if look.winner is not None and len(expected) == len(look.rivals):
        return *look.winner, expected
    best = look.scored[int(look.best(1)[0])]
    return best.number, float(best.score or 0.0), [each.score for each in look.rivals]


def _shown(rival: Rival) -> Action:
    if not rival.code:
        return Action("protocol", "Check the split and the target")
    return Action("baseline", "Open the baseline", {"run": rival.code, "trial": rival.number})
