"""Bayesian optimisation."""

from experiments.search.samplers.bayesian import BayesianSampler
from tests.search.sampler_contract import SamplerContract


class TestBayesian(SamplerContract):
    sampler = BayesianSampler()
