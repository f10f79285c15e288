"""A trial worker as the product's own, but its children note when each epoch ended. A program."""

import os

import django


def main() -> None:
    """Work until stopped."""
    django.setup()
    from experiments.training.pool import TrainingPool
    from experiments.tuner.worker import work_on_trials

    noted = {"BENCH_EPOCHS": os.environ["BENCH_EPOCHS"]}
    work_on_trials(TrainingPool(program="benchmarks.live.host", environment=noted))


if __name__ == "__main__":
    main()
