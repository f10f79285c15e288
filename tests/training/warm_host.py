"""The product's pool host, whose children also train what no catalog has.

An order says so by one of its values: `source` is a model as text; so many `units` as CRASHING make one
that reads address 0; `memory` is how many bytes of data may be held. All is set in the order's own child,
so nothing of it is there for the next one.
"""

from experiments.training.child import builders, host, trainers
from tests.training.sources import CRASH, CRASHING

ORIGINAL = builders.source_for


def _source_of(slug, layers, values, schema, metrics=()):
    if "memory" in values:
        trainers.MEMORY_MOST = values["memory"]
        values = {name: value for name, value in values.items() if name != "memory"}
    if values.get("units") == CRASHING:
        return CRASH
    if "source" in values:
        return values["source"]
    return ORIGINAL(slug, layers, values, schema, metrics)


if __name__ == "__main__":
    builders.source_for = _source_of
    host.main()
