"""One trial on digits in this process, without worker, host and fork: for debuggers and profilers.

`python -m pdb -m tests.training.foreground image-mlp units=64 epochs=3`; with `--profile` at its end the
functions that took longest are printed.
"""

import cProfile
import json
import pstats
import sys
import tempfile
from pathlib import Path

from experiments.training.messages import Message, ModelOrder, StopReason
from tests.training.data import write_digits
from tests.training.orders import fit_order, trial_order


class Printed:
    """In the place of the child's end of its socket: says each message."""

    stop_reason: StopReason | None = None

    def send(self, message: Message) -> None:
        print(f"\033[2m{message}\033[0m")


def main(slug: str, *told: str) -> None:
    """Train a template with the assigned values."""
    from experiments.training.child import preload

    preload.load()
    from experiments.training.child.execution import Trial

    pairs = (each.split("=", 1) for each in told if "=" in each)
    values = {name: json.loads(text) for name, text in pairs}
    with tempfile.TemporaryDirectory() as name:
        data = write_digits(Path(name, "data"))
        order = trial_order(
            Path(name),
            values=values,
            model=ModelOrder(slug),
            data=data,
            fit=fit_order(epochs=values.pop("epochs", 3)),
        )
        with cProfile.Profile() as profile:
            Trial(order, Printed()).run()
    if "--profile" in told:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main(*sys.argv[1:])
