"""What the checks of prepared data found, for tests."""

from experiments.ingest.checks.outcome import Found, from_stored


def found(prepared) -> dict[str, str]:
    """The texts and fixes by check, of those that found something."""
    said: dict[str, str] = {}
    for one in from_stored(prepared.profile["checks"]):
        if isinstance(one, Found):
            said[one.check] = f"{said.get(one.check, '')} {one.text} {one.fix}".strip()
    return said
