"""Scripts as KerasTuner's guides write them, on made-up rows, so that they take a moment."""

from tests.training.sources import UNTIL_TOLD

DATA = """
import keras
import keras_tuner as kt
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
x_train = rng.random((96, 8, 8, 1)).astype("float32")
y_train = rng.integers(0, 10, 96)
x_val, y_val = x_train[:32], y_train[:32]


def build_model(hp):
    model = keras.Sequential([keras.layers.Flatten()])
    model.add(keras.layers.Dense(hp.Choice("units", [8, 16]), activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""

# guides/custom_tuner: a loop of one's own over a model that isn't compiled.
LOOP = (
    DATA
    + """

class MyHyperModel(kt.HyperModel):
    def build(self, hp):
        inputs = keras.Input(shape=(8, 8, 1))
        x = keras.layers.Flatten()(inputs)
        x = keras.layers.Dense(units=hp.Choice("units", [8, 16]), activation="relu")(x)
        return keras.Model(inputs=inputs, outputs=keras.layers.Dense(10)(x))

    def fit(self, hp, model, x, y, validation_data, callbacks=None, **kwargs):
        batch_size = hp.Int("batch_size", 32, 64, step=32, default=32)
        train_ds = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)
        validation_data = tf.data.Dataset.from_tensor_slices(validation_data).batch(batch_size)
        optimizer = keras.optimizers.Adam(
            hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3)
        )
        loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        epoch_loss_metric = keras.metrics.Mean()

        @tf.function
        def run_train_step(images, labels):
            with tf.GradientTape() as tape:
                loss = loss_fn(labels, model(images))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))

        @tf.function
        def run_val_step(images, labels):
            epoch_loss_metric.update_state(loss_fn(labels, model(images)))

        for callback in callbacks:
            callback.set_model(model)
        best_epoch_loss = float("inf")
        for epoch in range(2):
            for images, labels in train_ds:
                run_train_step(images, labels)
            for images, labels in validation_data:
                run_val_step(images, labels)
            epoch_loss = float(epoch_loss_metric.result().numpy())
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs={"my_metric": epoch_loss})
            epoch_loss_metric.reset_state()
            best_epoch_loss = min(best_epoch_loss, epoch_loss)
        return best_epoch_loss


tuner = kt.RandomSearch(
    objective=kt.Objective("my_metric", "min"),
    max_trials=2,
    hypermodel=MyHyperModel(),
    directory="results",
    project_name="custom_training",
    overwrite=True,
)
tuner.search(x=x_train, y=y_train, validation_data=(x_val, y_val))
best_hps = tuner.get_best_hyperparameters()[0]
print(best_hps.values)
best_model = tuner.get_best_models()[0]
best_model.summary()
"""
)

# The FAQ on tuning the batch size.
BATCHES = (
    DATA
    + """

class MyTuner(kt.BayesianOptimization):
    def run_trial(self, trial, *args, **kwargs):
        kwargs["batch_size"] = trial.hyperparameters.Int("batch_size", 32, 96, step=32)
        kwargs["epochs"] = trial.hyperparameters.Int("epochs", 1, 2)
        return super().run_trial(trial, *args, **kwargs)


tuner = MyTuner(build_model, objective="val_accuracy", max_trials=2)
tuner.search(x_train, y_train, validation_data=(x_val, y_val))
print(tuner.get_best_hyperparameters()[0].get("batch_size"))
"""
)

# A run_trial that trains and scores by itself, of the bare Tuner with an oracle.
SCORES = (
    DATA
    + """

class CVTuner(kt.Tuner):
    def run_trial(self, trial, x, y):
        scores = []
        for part in range(2):
            held = np.arange(len(x)) % 2 == part
            model = self.hypermodel.build(trial.hyperparameters)
            model.fit(x[~held], y[~held], batch_size=32, epochs=1, verbose=0)
            scores.append(model.evaluate(x[held], y[held], verbose=0)[0])
        self.oracle.update_trial(trial.trial_id, {"val_loss": np.mean(scores)})
        self.save_model(trial.trial_id, model)


tuner = CVTuner(
    hypermodel=build_model,
    oracle=kt.oracles.BayesianOptimizationOracle(objective="val_loss", max_trials=2),
)
tuner.search(x_train, y_train)
"""
)

# What a tuner is given takes the place of what build compiles, and of what it asks.
GIVEN = (
    DATA
    + """

hp = kt.HyperParameters()
hp.Choice("units", [16, 32])
hp.Float("unused", 0.0, 1.0)


def plain(hp):
    model = keras.Sequential([keras.layers.Flatten()])
    model.add(keras.layers.Dense(hp.Choice("units", [8, 16]), activation="relu"))
    model.add(keras.layers.Dropout(hp.Float("rate", 0.1, 0.5)))
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model


tuner = kt.RandomSearch(
    plain,
    objective=[kt.Objective("val_accuracy", "max"), "val_loss"],
    max_trials=2,
    hyperparameters=hp,
    tune_new_entries=False,
    loss="sparse_categorical_crossentropy",
    optimizer=keras.optimizers.SGD(0.01),
    metrics=["accuracy"],
)
tuner.search(x_train, y_train, epochs=1, validation_data=(x_val, y_val))
tuner.results_summary()
"""
)

NO_MODEL = (
    DATA
    + """

class AnyTuner(kt.RandomSearch):
    def run_trial(self, trial, *args, **kwargs):
        return trial.hyperparameters.Float("x", -1.0, 1.0) ** 2


tuner = AnyTuner(max_trials=2)
tuner.search()
"""
)

# A run_trial with a fit inside, whose fourth epoch lasts until it is told to pause.
PAUSABLE = (
    DATA
    + UNTIL_TOLD
    + """

waits_at = [3]


class Waits(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch in waits_at:
            until_told()


class MyTuner(kt.RandomSearch):
    def run_trial(self, trial, x, y, callbacks=(), **kwargs):
        if "initial_epoch" in kwargs:
            waits_at.clear()
        model = self.hypermodel.build(trial.hyperparameters)
        history = model.fit(x, y, callbacks=[*callbacks, Waits()], **kwargs)
        return max(history.history["val_accuracy"])


tuner = MyTuner(build_model, objective="val_accuracy", max_trials=1)
tuner.search(x_train, y_train, epochs=12, validation_data=(x_val, y_val))
"""
)
# Its own loop, which begins at its first epoch whatever it is told.
PAUSABLE_LOOP = PAUSABLE.replace(
    """
        history = model.fit(x, y, callbacks=[*callbacks, Waits()], **kwargs)
        return max(history.history["val_accuracy"])
""",
    """
        for epoch in range(kwargs["epochs"]):
            if epoch in waits_at:
                until_told()
            told = model.fit(x, y, validation_data=kwargs["validation_data"], verbose=0)
            for callback in callbacks:
                callback.on_epoch_end(epoch, {name: each[-1] for name, each in told.history.items()})
""",
)
