"""Folds share a trace although each has its own constants, but for what the trace can't read anew."""

import pytest

from tests.training.data import write_several, write_table
from tests.training.orders import printed_by

pytestmark = pytest.mark.training


@pytest.mark.parametrize(
    ("slug", "write", "shared"),
    [
        ("table-mlp", write_table, True),
        *(
            pytest.param(slug, write_table, True, marks=pytest.mark.thorough)
            for slug in ("wide-deep", "linear", "residual-mlp")
        ),
        # The heads of several targets weigh their losses by the spread of the fold's own targets.
        ("multi-task", write_several, False),
    ],
)
def test_folds_of_a_table_share_one_trace_and_weighed_losses_ask_for_their_own(
    training_pool, tmp_path, slug, write, shared
):
    write(tmp_path / "table", parts=2)
    source = "from pathlib import Path\nfrom tests.training.tracing import shares\n"
    source += f"print('SHARES', shares({slug!r}, Path({str(tmp_path / 'table')!r})))\n"
    assert f"SHARES {shared}" in printed_by(training_pool, source, tmp_path)
