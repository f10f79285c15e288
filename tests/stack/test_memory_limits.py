"""The web process stays small: what single pages need is not imported before, and threads share heaps."""

import os
import subprocess
import sys

from tests.stack.site import ROOT

LARGE = (
    "pandas",
    "scipy.special",
    "scipy.stats",
    "scipy.optimize",
    "sklearn",
    "optuna",
    "cmaes",
    "tensorflow",
)

PAGES = f"""
import sys
from experiments.stack.memory_limits import spare_memory
spare_memory()
import os
assert os.environ["ARROW_DEFAULT_MEMORY_POOL"] == "system", os.environ
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
from experiments.reports.trials.all_curves import _numbers
assert _numbers(["1, 2.5,null", " -1e-3 "])[[0, 1, 3]].tolist() == [1.0, 2.5, -0.001]
print([name for name in {LARGE!r} if name in sys.modules])
"""


def test_the_addresses_and_the_curves_of_all_trials_load_nothing_large():
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tuning_site.settings",
        "SECRET_KEY": "x",
    }
    environment.pop("ARROW_DEFAULT_MEMORY_POOL", None)
    told = subprocess.run(
        [sys.executable, "-c", PAGES], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )  # fmt: skip
    assert told.stdout.strip() == "[]"
