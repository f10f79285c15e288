"""Scripts whose rows come as batches, as one-hot labels, or as their own answer, on made-up rows."""

from tests.pasted_tuners import DATA

TUNER = '\ntuner = kt.RandomSearch(build_model, objective="val_accuracy", max_trials=1)\n'

ENDLESS = (
    DATA
    + TUNER
    + """
train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(96).batch(12).repeat()
held = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(16)
tuner.search(train, epochs=2, steps_per_epoch=8, validation_data=held)
"""
)
OWN_BATCHES = (
    DATA
    + TUNER
    + """

class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x) // 16

    def __getitem__(self, index):
        part = slice(index * 16, (index + 1) * 16)
        return self.x[part], self.y[part]


tuner.search(Batches(x_train, y_train), epochs=2, validation_data=Batches(x_val, y_val))
"""
)
GENERATOR = (
    DATA
    + TUNER
    + """

def rows():
    while True:
        for start in range(0, 96, 16):
            yield x_train[start : start + 16], y_train[start : start + 16]


tuner.search(rows(), epochs=2, steps_per_epoch=6, validation_data=(x_val, y_val))
"""
)
# A fit that has no y, since the dataset holds it, and names what it passes on.
FIT_OF_A_DATASET = (
    DATA
    + """

class Net(kt.HyperModel):
    def build(self, hp):
        return build_model(hp)

    def fit(self, hp, model, x, validation_data=None, **kwargs):
        assert isinstance(x, tf.data.Dataset) and isinstance(validation_data, tf.data.Dataset)
        hp.Boolean("shuffle")
        return model.fit(x, validation_data=validation_data, **kwargs)


train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).batch(16)
held = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(16)
tuner = kt.RandomSearch(Net(), objective="val_accuracy", max_trials=1)
tuner.search(train, epochs=2, validation_data=held)
"""
)
AUTOENCODER = (
    DATA
    + """

def build(hp):
    inputs = keras.Input((8, 8, 1))
    code = keras.layers.Dense(hp.Choice("code", [4, 8]), activation="relu")(keras.layers.Flatten()(inputs))
    answer = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, activation="sigmoid")(code))
    model = keras.Model(inputs, answer)
    model.compile("adam", "mse")
    return model


(x, y), _ = load_data()
tuner = kt.RandomSearch(build, objective="val_loss", max_trials=1)
tuner.search(x, x, epochs=2, validation_split=0.2)
"""
)
# The tutorials' last lines: build by the tuner's hypermodel, and look at the best model.
ONE_HOT = (
    DATA
    + """

def one_hot(hp):
    model = build_model(hp)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


(x, y), _ = load_data()
y = keras.utils.to_categorical(y, 10)
tuner = kt.RandomSearch(one_hot, objective="val_accuracy", max_trials=1)
tuner.search(x, y, epochs=2, validation_split=0.2)
again = tuner.hypermodel.build(tuner.get_best_hyperparameters()[0])
again.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(16), epochs=1)
best = tuner.get_best_models()[0]
best.summary()
print("Score:", best.evaluate(x, y)[1] > 0)
"""
)
# KerasTuner's own model asks for Choice([True, False]).
TRUE_OR_FALSE = """
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Flatten()])
    if hp.Choice("use_bn", [True, False]):
        model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
XCEPTION = (
    DATA
    + """
from keras_tuner.applications import HyperXception

x = rng.random((16, 71, 71, 3)).astype("float32")
tuner = kt.RandomSearch(
    HyperXception(input_shape=(71, 71, 3), classes=10), objective="val_accuracy", max_trials=1
)
tuner.search(x, y_train[:16], epochs=1, validation_data=(x[:8], y_train[:8]))
"""
)

LABELLESS = DATA + TUNER + "tuner.search(x_train, epochs=2)\n"
LABELLESS_FIT = LABELLESS.replace(
    "tuner = kt.RandomSearch(build_model",
    """

class Net(kt.HyperModel):
    def build(self, hp):
        return build_model(hp)

    def fit(self, hp, model, x, **kwargs):
        hp.Int("asked", 1, 3)
        return model.fit(x, **kwargs)


tuner = kt.RandomSearch(Net()""",
)
WITHOUT_END = ENDLESS.replace(" steps_per_epoch=8,", "")
TEXTS = DATA + TUNER + 'tuner.search(np.array(["good", "bad"] * 48), y_train, epochs=2)\n'
SEVERAL = DATA + TUNER + "tuner.search([x_train, x_train], y_train, epochs=2)\n"
