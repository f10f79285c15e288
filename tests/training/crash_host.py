"""A pool host whose catalog writes a model that reads address 0 where it has 32 units."""

from experiments.training.child import builders, host

ORIGINAL = builders.source_for
CRASH = "import ctypes\n\n\ndef build_model(*_, **__):\n    ctypes.string_at(0)\n"


def _source_of(slug, layers, values, schema, metrics=()):
    source = ORIGINAL(slug, layers, values, schema, metrics)
    return CRASH if values["units"] == 32 else source


if __name__ == "__main__":
    builders.source_for = _source_of
    host.main()
