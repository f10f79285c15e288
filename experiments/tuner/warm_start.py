"""The warm start of a search as samplers see it."""

from collections.abc import Mapping

from experiments.models import Experiment
from experiments.reports.sampling.warm_start import record_of, studies_of, warm_start_of
from experiments.search.history import Value, WarmStart
from experiments.search.models.transfer_portfolio import portfolio
from experiments.search.space.changes import fitting_start
from experiments.search.space.space import Space
from experiments.services.experiments.warm_start import record_portfolio


def told_before(
    experiment: Experiment, space: Space, counted_as: Mapping[str, Value]
) -> WarmStart:
    """The warm start. Models of the studies take seconds, so no page waits for the portfolio."""
    record = record_of(experiment)
    if record is not None and record.portfolio is None:
        record_portfolio(experiment, portfolio(space, studies_of(experiment, record)))
        record = record_of(experiment)
    return fitting_start(warm_start_of(experiment, record), space, counted_as)
