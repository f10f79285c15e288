"""Train this configuration again, in plain Keras, with the same seeds and rows.

    python reproduce.py DATA_FOLDER

DATA_FOLDER holds the arrays of the dataset version that MODEL_CARD.md names (x.npy, or
numbers.npy and categories.npy; y.npy). Their SHA-256 is checked before anything runs. The rows
of training and validation come from split.npz; the locked test rows are in neither.
"""

import argparse
import hashlib
import importlib.util
import inspect
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

FOLDER = Path(__file__).resolve().parent


def load_code():
    """Load model_code.py, which defines build_model."""
    spec = importlib.util.spec_from_file_location("model_code", FOLDER / "model_code.py")
    code = importlib.util.module_from_spec(spec)
    sys.modules["model_code"] = code
    spec.loader.exec_module(code)
    return code


def load_arrays(folder, hashes):
    """Map the arrays after a look at their hashes."""
    arrays = {}
    for name, digest in hashes.items():
        path = folder / name
        if not path.is_file():
            sys.exit(f"{path}: no such file. MODEL_CARD.md names the dataset.")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                sys.exit(f"{path}: differs from the array that the model was trained on.")
        arrays[path.stem] = np.load(path, mmap_mode="r", allow_pickle=False)
    return arrays


def take(arrays, rows, keys):
    """Return inputs and targets of some rows; several targets by their keys."""
    targets = arrays["y"][rows]
    if keys:
        files = ["y", *(f"y_{place}" for place in range(1, len(keys)))]
        targets = {key: arrays[file][rows] for key, file in zip(keys, files)}
    if "x" in arrays:
        return arrays["x"][rows], targets
    names = [name for name in ("numbers", "categories") if name in arrays]
    return {name: arrays[name][rows] for name in names}, targets


def count(targets):
    """Return how many rows there are."""
    return len(next(iter(targets.values())) if isinstance(targets, dict) else targets)


def at(inputs, order):
    """Return the inputs, or several targets, in another order."""
    if isinstance(inputs, dict):
        return {name: rows[order] for name, rows in inputs.items()}
    return inputs[order]


def build(inputs, targets, seed, most):
    """Build the model; of more than `most` rows, rows at equal distances set its scales."""
    keras.utils.set_random_seed(seed % 2**32)
    function = load_code().build_model
    step = max(1, -(-count(targets) // most))
    given = {"adapt": at(inputs, np.s_[::step]), "targets": at(targets, np.s_[::step])}
    accepted = inspect.signature(function).parameters
    return function(**{name: value for name, value in given.items() if name in accepted})


def balanced_weights(targets):
    """Return a weight for each row, so that every class weighs the same."""
    classes, inverse, counts = np.unique(targets, return_inverse=True, return_counts=True)
    weights = len(targets) / (len(classes) * counts)
    return weights[inverse].astype("float32")


class Batches(keras.utils.PyDataset):
    """Training batches; the order of an epoch's rows follows from seed and epoch alone."""

    def __init__(self, inputs, targets, training):
        """Shuffle nothing yet: Keras looks at a batch before the first epoch."""
        super().__init__()
        self.inputs, self.targets, self.training = inputs, targets, training
        self.weights = balanced_weights(targets) if training["class_weight"] else None
        self.epoch, self.order = 0, np.arange(count(targets))

    def __len__(self):
        """How many batches an epoch has."""
        return -(-count(self.targets) // self.training["batch_size"])

    def __getitem__(self, index):
        """Return one batch, with weights where classes weigh the same."""
        size = self.training["batch_size"]
        rows = self.order[index * size : (index + 1) * size]
        batch = (at(self.inputs, rows), at(self.targets, rows))
        return batch if self.weights is None else (*batch, self.weights[rows])

    def on_epoch_begin(self):
        """Shuffle."""
        self.epoch += 1
        generator = np.random.default_rng([self.training["seed"] % 2**63, self.epoch])
        self.order = generator.permutation(count(self.targets))


def callbacks(training, model):
    """Return the callbacks that the model was trained with, and one that prints each epoch."""
    found = []
    if training["early_stopping"]:
        found.append(keras.callbacks.EarlyStopping(**training["early_stopping"]))
    if training["reduce_lr"]:
        found.append(keras.callbacks.ReduceLROnPlateau(**training["reduce_lr"]))
    factors = training["learning_rate_factors"]
    if factors:
        start = float(model.optimizer.learning_rate)
        found.append(
            keras.callbacks.LearningRateScheduler(lambda epoch, _: start * factors[epoch])
        )
    found.append(keras.callbacks.LambdaCallback(on_epoch_end=show_epoch))
    return found


def show_epoch(epoch, logs):
    """Print what was measured."""
    words = ", ".join(f"{name} {value:.5g}" for name, value in logs.items())
    print(f"epoch {epoch + 1}: {words}", flush=True)


def beside(values, stored):
    """Return a line for each value, with the stored one and their difference where it is known."""
    lines = []
    for name, value in sorted(values.items()):
        line = f"{name}: {value:.6g}"
        if stored.get(name) is not None:
            line += f", stored {stored[name]:.6g}, difference {value - stored[name]:.2g}"
        lines.append(line)
    return lines


def main():
    """Train to the best epoch, evaluate, and compare with the stored values."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the dataset's arrays")
    parser.add_argument("--save", type=Path, help="write the trained model here (.keras)")
    arguments = parser.parse_args()
    training = json.loads((FOLDER / "training.json").read_text(encoding="utf-8"))
    arrays = load_arrays(arguments.data, training["array_sha256"])
    if training["deterministic"]:
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    split = np.load(FOLDER / "split.npz", allow_pickle=False)
    inputs, targets = take(arrays, split["train"], training["targets"])
    validation = take(arrays, split["validation"], training["targets"])
    # Keras's losses of several targets depend on the batches that they are measured in.
    size = training["batch_size"] if training["targets"] else 256
    model = build(inputs, targets, training["seed"], training["adapt_rows"])
    trained = model.fit(
        Batches(inputs, targets, training),
        validation_data=validation if count(validation[1]) else None,
        validation_batch_size=size,
        epochs=training["best_epoch"],
        callbacks=callbacks(training, model),
        shuffle=False,
        verbose=0,
    )
    if count(validation[1]):
        found = model.evaluate(*validation, batch_size=size, verbose=0, return_dict=True)
        values = {f"val_{name}": value for name, value in found.items()}
    else:  # all rows trained it: what there is to compare is the last epoch
        values = {name: history[-1] for name, history in trained.history.items()}
    print("\n".join(beside(values, training["metrics"])))
    if arguments.save:
        model.save(arguments.save)
    return 0


if __name__ == "__main__":
    sys.exit(main())
