"""What names a split."""

import numpy as np

from experiments.evaluation.splits import split_hash


def test_the_hash_tells_parts_from_one_another():
    a, b = np.array([0, 1]), np.array([2])
    none = a[:0]
    hashes = {
        split_hash([(a, b)], none),
        split_hash([(b, a)], none),
        split_hash([(a, none)], b),
        split_hash([(np.array([0, 1, 2]), none)], none),
        split_hash([(a, b), (none, none)], none),
    }
    assert len(hashes) == 5
