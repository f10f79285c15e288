"""Names of samplers and pruners: forms, pages and reports show these labels, plans store these slugs."""

from experiments.search.strategies.registry import PRUNERS, SAMPLERS


def labels(strategies):
    return {slug: strategy.label for slug, strategy in strategies.items()}


def test_samplers_have_the_names_that_people_know():
    assert labels(SAMPLERS) == {
        "auto": "Auto",
        "random": "Random search",
        "quasi_random": "Quasi-random (Sobol)",
        "grid": "Grid search",
        "random_forest": "Random forest",
        "annealing": "Simulated annealing",
        "evolution": "Evolution",
        "bayesian": "Bayesian optimisation",
        "tpe": "Tree-structured Parzen estimator (TPE)",
        "cmaes": "CMA-ES",
    }


def test_pruners_have_the_names_that_people_know():
    assert labels(PRUNERS) == {
        "auto": "Auto",
        "none": "No pruning",
        "asha": "ASHA",
        "hyperband": "Hyperband",
        "median": "Median rule",
        "patience": "Patience",
        "extrapolation": "Learning-curve extrapolation",
    }
