"""The same rows are locked in every version, order, seed and upload."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.evaluation.protocol import Protocol, ProtocolError
from experiments.evaluation.row_lock import SLACK, group_keys, lock_keys
from experiments.evaluation.splits import Brought
from experiments.evaluation.splitting import deal_out

SECRET = b"of a site"
KINDS = ("holdout", "k_fold", "subsampling")
seeds = st.integers(0, 2**32)
shares = st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.5])


def contents(n, seed=0):
    return np.random.default_rng(seed).integers(2**64, size=n, dtype=np.uint64)


def locked(content, labels=None, seed=0, *, share=0.2, secret=SECRET, kind="holdout", **protocol):
    """Row numbers of the locked rows, and the contents that are locked."""
    protocol = Protocol(kind, locked_test_share=share, **protocol)
    brought = Brought(lock=lock_keys(content, secret))
    test = deal_out(protocol, len(content), labels, seed, brought=brought).test
    return test, set(content[test].tolist())


def by_group(values, classes=None, *, share=0.2, respecting="groups", secret=SECRET):
    """The values of the groups that are locked, and how many rows they have."""
    names, codes = np.unique(values, return_inverse=True)
    digests = contents(int(names.max()) + 1, 99)[names]
    brought = Brought(codes, lock=group_keys(codes, digests, secret))
    protocol = Protocol(
        "k_fold", folds=2, locked_test_share=share, respecting=respecting, column="who"
    )
    test = deal_out(protocol, len(values), classes, 0, brought=brought).test
    return set(np.asarray(values)[test].tolist()), test


@given(st.integers(10, 600), shares, seeds, st.sampled_from(KINDS), st.booleans())
@settings(max_examples=150, deadline=None)
def test_neither_order_nor_seed_nor_kind_changes_what_is_locked(n, share, seed, kind, stratified):
    content = contents(n, seed)
    labels = np.random.default_rng(seed).integers(0, 3, n) if stratified else None
    try:
        rows, found = locked(content, labels, 0, share=share, folds=2)
    except ProtocolError:
        assume(False)
    order = np.random.default_rng(seed + 1).permutation(n)
    shuffled = None if labels is None else labels[order]
    _, again = locked(content[order], shuffled, seed, share=share, kind=kind, folds=2)
    assert again == found
    one_of_each_class = 2 if stratified else 0
    assert abs(len(rows) - share * n) <= SLACK * share * n + 0.5 + one_of_each_class


def test_another_site_locks_other_rows():
    content = contents(1_000)
    assert len(locked(content)[1] & locked(content, secret=b"of another")[1]) < 80


@given(st.integers(100, 3_000), st.integers(1, 1_000), shares, seeds)
@settings(max_examples=80, deadline=None)
def test_added_rows_leave_nearly_all_locked_rows_locked(n, added, share, seed):
    content = contents(n + added, seed)
    before, after = locked(content[:n], share=share)[1], locked(content, share=share)[1]
    # The border is a quantile of the keys: it moves by chance like the share below a point.
    noise = 5 * np.sqrt(share * (1 - share) * n) + 2
    assert len(before - after) <= noise
    assert before <= after or not (after & set(content[:n].tolist())) - before


def test_in_large_data_the_border_is_the_share_itself():
    content = contents(200_000)
    before, after = locked(content[:150_000])[1], locked(content)[1]
    assert before <= after
    assert len(before) == pytest.approx(30_000, rel=SLACK)


def test_a_smaller_share_locks_some_of_the_same_rows():
    content = contents(1_000)
    assert locked(content, share=0.1)[1] < locked(content, share=0.3)[1]


@given(st.integers(20, 300), st.integers(1, 5), seeds)
@settings(max_examples=80, deadline=None)
def test_equal_rows_go_the_same_way(n, copies, seed):
    content = np.tile(contents(n, seed), copies)
    rows, found = locked(content, folds=2, respecting="none")
    assert len(rows) == copies * len(found)
    assert abs(len(rows) - 0.2 * len(content)) <= SLACK * 0.2 * len(content) + copies


def test_of_a_row_that_a_part_of_the_data_is_made_of_the_share_is_locked():
    content = contents(4)[np.random.default_rng(0).integers(0, 4, 1_000)]
    rows, found = locked(content)
    assert len(found) == 4
    assert len(rows) == pytest.approx(200, rel=SLACK)
    turned = content[::-1]
    again, _ = locked(turned)
    assert sorted(turned[again]) == sorted(content[rows])


@given(st.lists(st.integers(3, 200), min_size=2, max_size=6), shares, seeds)
@settings(max_examples=80, deadline=None)
def test_each_class_gives_its_share(counts, share, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    content = contents(len(labels), seed)
    try:
        rows, _ = locked(content, labels, share=share)
    except ProtocolError:
        assume(False)
    given_off = np.bincount(labels[rows], minlength=len(counts))
    assert np.all(np.abs(given_off - share * np.array(counts)) <= 2)
    assert given_off.min() >= 1


def test_a_class_of_equal_rows_still_gives_one_and_keeps_the_rest():
    content = np.concatenate([contents(60), np.repeat(contents(1, 7), 4)])
    labels = np.repeat([0, 1], [60, 4])
    rows, _ = locked(content, labels)
    assert np.sum(labels[rows] == 1) == 1


@given(st.lists(st.integers(0, 60), min_size=60, max_size=600), seeds)
@settings(max_examples=80, deadline=None)
def test_whole_groups_are_locked_whatever_rows_they_have(values, seed):
    values = np.array(values)
    assume(len(np.unique(values)) > 10)
    found, test = by_group(values)
    assert found.isdisjoint(np.delete(values, test).tolist())
    again, _ = by_group(np.random.default_rng(seed).permutation(values))
    assert again == found
    smallest = np.bincount(values)[np.unique(values)].min()
    assert len(test) - 0.2 * len(values) <= SLACK * len(values) * 0.2 + 0.5
    assert 0.2 * len(values) - len(test) < smallest + SLACK * len(values) * 0.2 + 0.5


def test_groups_stay_locked_when_others_are_added():
    rng = np.random.default_rng(4)
    values = np.repeat(np.arange(120), rng.integers(1, 12, 120))
    before, _ = by_group(values[values < 100])
    after, _ = by_group(values)
    assert len(before - after) <= 4
    assert len(before) > 10


def test_stratified_groups_give_each_class_its_share_nearly():
    rng = np.random.default_rng(1)
    values = np.repeat(np.arange(80), rng.integers(1, 25, 80))
    classes = rng.choice(3, 80, p=[0.6, 0.3, 0.1])[values]
    unevenness = {}
    for respecting in ("groups", "stratified_groups"):
        spreads = []
        for site in range(20):
            found, test = by_group(
                values, classes, respecting=respecting, secret=f"{site}".encode()
            )
            assert found.isdisjoint(np.delete(values, test).tolist())
            shares_of = np.bincount(classes[test], minlength=3) / np.bincount(classes)
            spreads.append(np.abs(shares_of - 0.2).sum())
        unevenness[respecting] = np.mean(spreads)
    assert unevenness["stratified_groups"] < 0.5 * unevenness["groups"]


def test_the_newest_rows_are_locked_where_time_orders_them():
    times = np.random.default_rng(1).permutation(100)
    protocol = Protocol(respecting="time", column="when")
    brought = Brought(times, lock=lock_keys(contents(100), SECRET))
    split = deal_out(protocol, 100, None, 0, brought=brought)
    assert sorted(times[split.test]) == list(range(80, 100))
