"""What is shown of a search before it is imported: small, and the same after it was kept as JSON."""

import json

import pytest

from experiments.interop.import_report import LISTED, SHOWN, ImportReport
from experiments.interop.keras_tuner.project_files import read_project
from experiments.interop.trial_table import read_json_lines
from tests.interop.projects import files


@pytest.mark.parametrize("name", ["kt148_hyperband_cond", "kt102_nan", "kt148_truncated"])
def test_it_says_what_the_search_holds_and_survives_json(name):
    search = read_project(files(name), name)
    report = ImportReport.of(search)
    assert report.count == len(search.trials)
    assert report.best.values == search.best.values and report.best.score == search.best.score
    assert report.statuses == search.statuses
    assert [row for row, _ in report.space] == [row.name for row in search.space.hyperparameters]
    kept = json.dumps(report.to_dict(), allow_nan=False)
    assert ImportReport.from_dict(json.loads(kept)) == report


def test_it_stays_small_however_large_the_search_is():
    lines = [{"values": {"a": n % 7}, "state": f"odd {n}", "score": n} for n in range(500)]
    lines += [{**line, "number": 1} for line in lines[:200]]
    content = "\n".join(map(json.dumps, lines)).encode()
    report = ImportReport.of(read_json_lines(content, "x", direction="minimize"))
    assert report.count == 500 and report.best is None
    assert (len(report.shown), len(report.statuses)) == (SHOWN, SHOWN)
    assert len(report.skipped) == LISTED
