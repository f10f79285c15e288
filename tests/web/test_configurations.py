"""Configurations as people write them, and back."""

import json

import pytest

from experiments.web.forms.experiment.configurations import (
    read_configurations,
    show_configurations,
)

ONE = {"values": {"units": 64, "optimizer": "adam"}, "score": None}
TWO = {"values": {"units": 32, "optimizer": "sgd", "momentum": 0.5}, "score": 0.9}


@pytest.mark.parametrize(
    "text",
    [
        '{"units": 64, "optimizer": "adam"}\n{"units": 32, "optimizer": "sgd", "momentum": 0.5, "score": 0.9}',
        '[{"units": 64, "optimizer": "adam"},\n {"units": 32, "optimizer": "sgd", "momentum": 0.5, "score": 0.9}]',
        "units,optimizer,momentum,score\n64,adam,,\n32,sgd,0.5,0.9\n",
        '\ufeffunits; optimizer; momentum; score\r\n64;"adam";;\r\n\r\n32;sgd;0.5;0.9',
        "units\toptimizer\tmomentum\tscore\n64\tadam\t\t\n32\tsgd\t0.5\t0.9",
        '[{"values": {"units": 64, "optimizer": "adam"}}, ' + json.dumps(TWO) + "]",
    ],
)
def test_each_way_to_write_them_says_the_same(text):
    assert read_configurations(text) == [ONE, TWO]


def test_what_is_shown_reads_the_same_again():
    named = {"values": {"score": 1, "values": "x"}, "score": 2.0}
    for entries in ([], [ONE, TWO], [named], [ONE, "units=3"]):
        assert read_configurations(show_configurations(entries)) == entries


@pytest.mark.parametrize(
    "text",
    [
        "units,optimizer\n64",
        "units,units\n1,2",
        '{"units": }',
        "[1, 2",
        "64",
        'a,b\n"1,2',
        "[[1]]",
    ],
)
def test_a_line_that_is_none_stays_for_the_validator_to_name(text):
    entries = read_configurations(text)
    assert not all(isinstance(entry, dict) for entry in entries)


def test_a_plan_that_holds_something_else_is_shown_as_it_is():
    assert show_configurations("units") == "units"
    assert read_configurations("  \n ") == []
