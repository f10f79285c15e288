"""Program: the host of custom samplers, pruners and tuners, without TensorFlow.

Started and talked to as `host.py` is; each order is a session in a fresh child.
"""

from experiments.training.child import host


def load() -> host.RunChild:
    """Import what samplers need, so that a session begins at once."""
    from experiments.training.child.strategy_session import run_child

    return run_child


if __name__ == "__main__":
    host.main(load)
