"""A few configurations that together are good wherever earlier studies were."""

from experiments.search.history import EarlierStudy
from experiments.search.models.transfer_portfolio import SIZE, portfolio
from tests.search.objectives import BOWL, bowl
from tests.search.spaces import fixed, space_of
from tests.search.warm import study


def shifted(values):
    """A bowl whose optimum lies elsewhere: other units, another optimizer."""
    return bowl({**values, "units": 272 - values["units"]}) + (values["optimizer"] != "rmsprop")


def test_the_first_of_one_study_is_among_its_best():
    earlier = study()
    picks = portfolio(BOWL, [earlier])
    assert len(picks) == SIZE
    best = sorted(earlier.loss)[:3]
    assert earlier.loss[picks[0].place] in best
    assert earlier.values[picks[0].place] == picks[0].values


def test_different_studies_are_both_covered():
    studies = [study(), study(shifted)]
    first, second = portfolio(BOWL, studies, size=2)
    for earlier, score in zip(studies, (bowl, shifted), strict=True):
        found = min(score(first.values), score(second.values))
        assert found < sorted(earlier.loss)[len(earlier.loss) // 4]


def test_no_configuration_comes_twice():
    picks = portfolio(BOWL, [study(), study()])
    assert len({str(pick.values) for pick in picks}) == len(picks) == SIZE


def test_nothing_known_is_an_empty_portfolio():
    space = space_of(fixed("a", 1))
    assert portfolio(BOWL, []) == ()
    assert portfolio(space, [EarlierStudy("fixed", ({"a": 1},), (0.5,))]) == ()


def test_fewer_trials_than_places_are_all_taken():
    assert len(portfolio(BOWL, [study(count=2)])) == 2
