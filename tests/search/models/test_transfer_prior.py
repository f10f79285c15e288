"""The prior mean of earlier studies: believed as far as it orders today's trials."""

import zlib

import numpy as np
import pytest

from experiments.search.history import History, ObservedTrial, WarmStart
from experiments.search.models.candidates import draw_new
from experiments.search.models.observations import normal_scores
from experiments.search.models.transfer_prior import learn, ordered_share, prior_mean
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.samplers.random_forest import RandomForestSampler
from experiments.search.space.encoding import Encoding
from tests.search.objectives import BOWL, bowl, search
from tests.search.warm import ended, opposite, study

ENCODING = Encoding.of(BOWL)
MODELS = [BayesianSampler(), RandomForestSampler()]
MODEL_NAMES = [sampler.slug for sampler in MODELS]


def today(count):
    rng = np.random.default_rng(5)
    values = draw_new(BOWL, frozenset(), rng, count)
    loss = np.array([bowl(each) for each in values])
    return ENCODING.matrix(values), normal_scores(loss) if count else loss


def mean_of(*studies, count=12):
    return prior_mean(learn(ENCODING, studies), *today(count))


def test_a_study_that_agrees_is_believed_and_one_that_says_the_opposite_is_not():
    found = mean_of(study(), study(opposite))
    agrees, contradicts = found.transfer_weights()
    assert agrees > 0.6
    assert contradicts == 0
    assert found.share[0] > 0.8 > 0.2 > found.share[1]


def test_without_trials_each_study_counts_the_same():
    found = mean_of(study(seed=1), study(seed=2), count=0)
    assert found.transfer_weights()[0] == found.transfer_weights()[1] > 0.3


def test_a_study_of_noise_counts_less_than_one_that_agrees():
    def noise(values):
        return float(zlib.crc32(BOWL.key(values).encode()))

    good, useless = mean_of(study(), study(noise)).transfer_weights()
    assert useless < good / 3


def test_opposites_alone_leave_a_mean_of_zero():
    found = mean_of(study(opposite))
    assert not found(today(12)[0]).any()


def test_shares_are_of_pairs_that_differ():
    share, pairs = ordered_share(
        np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [0.0, 0.0, 0.0]]), np.array([1.0, 2.0, 2.0])
    )
    assert pairs == 2
    assert share == pytest.approx([1.0, 0.0, 0.5])


def test_equal_scores_say_nothing_of_a_study():
    rows, _ = today(6)
    found = prior_mean(learn(ENCODING, (study(),)), rows, np.zeros(6))
    assert found.share == pytest.approx([0.5])
    assert np.isfinite(found(rows)).all()


def test_what_is_learnt_of_a_study_is_kept_by_its_key_and_space():
    first = learn(ENCODING, (study(key="a"),))[0]
    assert learn(ENCODING, (study(key="a"),))[0] is first
    assert learn(ENCODING, (study(key="b"),))[0] is not first
    assert learn(ENCODING, (study(),))[0] is not first


@pytest.mark.parametrize("loss", [(0.5,), (0.5, 0.5, 0.5), (1e300, -1e300)])
def test_studies_of_one_and_of_equal_and_of_huge_losses_are_survived(loss):
    whole = study(count=len(loss))
    found = mean_of(type(whole)("few", whole.values, loss))
    assert np.isfinite(found(today(5)[0])).all()


@pytest.mark.parametrize("sampler", MODELS, ids=MODEL_NAMES)
def test_once_a_hostile_study_is_found_out_the_answers_are_those_of_a_cold_search(sampler):
    trials = search(sampler, BOWL, bowl, 12).trials
    cold = History(trials)
    warm = History(trials, warm=WarmStart(studies=(study(opposite),)))
    answers = [
        sampler.suggest(BOWL, history, 12, np.random.default_rng(3)) for history in (cold, warm)
    ]
    assert answers[0].values == answers[1].values
    assert answers[0].predicted == answers[1].predicted
    assert answers[0].weights == ()
    assert answers[1].weights == (0.0,)


@pytest.mark.parametrize("sampler", MODELS, ids=MODEL_NAMES)
def test_a_study_that_agrees_shows_the_way(sampler):
    """Mean over two seeds of the best of 3 trials that follow 6 starting points: under half."""
    cold, warm = [], []
    for seed in range(2):
        start = search(sampler, BOWL, bowl, 6, seed=seed).trials
        for bests, studies in ((cold, ()), (warm, (study(seed=seed + 9),))):
            trials = list(start)
            for number in range(6, 9):
                history = History(tuple(trials), seed=seed, warm=WarmStart(studies))
                rng = np.random.default_rng([seed, number])
                found = sampler.suggest(BOWL, history, number, rng)
                trials.append(ObservedTrial(number, found.values, "completed", bowl(found.values)))
            bests.append(min(trial.score for trial in trials[6:]))
    assert np.mean(warm) < 0.5 * np.mean(cold)


@pytest.mark.parametrize("sampler", MODELS, ids=MODEL_NAMES)
def test_failed_and_nan_trials_do_not_count_when_studies_are_judged(sampler):
    good = ended([each.values for each in search(sampler, BOWL, bowl, 8).trials])
    bad = tuple(
        ObservedTrial(number, values, state, score)
        for number, (values, state, score) in enumerate(
            [
                (study(seed=3).values[0], "failed", None),
                (study(seed=3).values[1], "completed", float("nan")),
                (study(seed=3).values[2], "running", None),
            ],
            start=8,
        )
    )
    for trials in (good, (*good, *bad), bad):
        history = History(trials, warm=WarmStart(studies=(study(),)))
        found = sampler.suggest(BOWL, history, len(trials), np.random.default_rng(1))
        BOWL.check(found.values)
