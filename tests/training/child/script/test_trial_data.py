"""What a script trains on: its own arrays, in the rows of the form's split where they are as many."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.training.child.datasets import Data
from experiments.training.child.script.trial_data import OwnData
from tests.training.data import write_digits

pytestmark = pytest.mark.training


def test_rows_of_the_form_keep_what_belongs_together(tmp_path):
    order = write_digits(tmp_path / "digits", rows=60)
    units = np.arange(60) // 4
    np.save(tmp_path / "units.npy", units)
    data = Data(replace(order, units=str(tmp_path / "units.npy")))
    own = OwnData(data, {"x": np.zeros((60, 3), "float32"), "y": data.targets}, share=0.2)
    part = own.part(0)
    assert np.array_equal(part.units, units[part.validation.row_numbers])
    fewer = OwnData(data, {"x": np.zeros((40, 3), "float32"), "y": data.targets[:40]}, share=0.2)
    assert fewer.part(0).units is None


def test_it_says_which_of_its_rows_validate(tmp_path):
    data = Data(write_digits(tmp_path / "digits", rows=60))
    x, y = np.zeros((60, 3), "float32"), data.targets
    assert OwnData(data, {"x": x, "y": y}, share=0.2).seen.last_rows == 0, "the form's split"
    last = OwnData(data, {"x": x[:39], "y": y[:39]}, share=0.25)
    assert last.seen.last_rows == len(last.part(0).validation.row_numbers) == 10
    own = OwnData(data, {"x": x, "y": y, "validation_data": (x[:7], y[:7])}, share=0.2)
    assert (own.seen.validation_rows, own.seen.last_rows) == (7, 0)
