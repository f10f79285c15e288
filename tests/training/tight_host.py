"""A pool host with hardly any memory for data."""

from experiments.training.child import host, trainers

if __name__ == "__main__":
    trainers.MEMORY_MOST = 1000
    host.main()
