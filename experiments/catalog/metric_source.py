"""Keras source of the epoch metrics.

Keras's own classes want one column a class, and
the targets here are class indices: small classes stand in between, written only where needed.
"""

from typing import Final

from experiments.catalog.python_source import Code, call, literal

SCORES: Final = {  # what ClassScore computes, and over which classes
    "balanced_accuracy": ("recall", "present"),
    "precision": ("precision", "mean"),
    "recall": ("recall", "mean"),
    "f1": ("f1", "mean"),
    "precision_weighted": ("precision", "weighted"),
    "f1_weighted": ("f1", "weighted"),
}
TOP: Final = {"top_3_accuracy": 3, "top_5_accuracy": 5}

CLASS_SCORE: Final = '''class ClassScore(keras.metrics.F1Score):
    """Precision, recall or F1 from class indices and probabilities.

    over: the second class, or the mean over the classes that occur ("mean"), over those
    that have rows ("present"), or over those weighted by their rows ("weighted").
    """

    def __init__(self, score, over, name):
        super().__init__(name=name)
        self.score = score
        self.over = over

    def update_state(self, y_true, y_pred, sample_weight=None):
        if y_pred.shape[-1] == 1:
            y_pred = keras.ops.concatenate([1 - y_pred, y_pred], axis=-1)
        labels = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        y_true = keras.ops.one_hot(labels, y_pred.shape[-1])
        super().update_state(y_true, y_pred, sample_weight)

    def result(self):
        right, rows = self.true_positives, self.intermediate_weights
        answered = right + self.false_positives
        scores = {
            "precision": keras.ops.divide_no_nan(right, answered),
            "recall": keras.ops.divide_no_nan(right, rows),
            "f1": keras.ops.divide_no_nan(2 * right, answered + rows),
        }[self.score]
        if self.over == "second":
            return scores[1]
        weights = {"mean": answered + rows > 0, "present": rows > 0, "weighted": rows}
        weights = keras.ops.cast(weights[self.over], scores.dtype)
        total = keras.ops.sum(scores * weights)
        return keras.ops.divide_no_nan(total, keras.ops.sum(weights))'''

CLASS_AUC: Final = '''class ClassAUC(keras.metrics.AUC):
    """AUC of each class against the rest, and their mean, from class indices."""

    def __init__(self, classes, name):
        super().__init__(multi_label=True, num_labels=classes, name=name)
        self.classes = classes

    def update_state(self, y_true, y_pred, sample_weight=None):
        labels = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        super().update_state(keras.ops.one_hot(labels, self.classes), y_pred)'''

LONE_LOG_LOSS: Final = '''class LoneLogLoss(keras.metrics.BinaryCrossentropy):
    """Log loss of the second class's probability, from class indices."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = keras.ops.reshape(y_true, (-1, 1))
        super().update_state(y_true, y_pred, sample_weight)'''


def metric_code(name: str, classes: int, *, is_lone: bool) -> Code:
    """Write one metric. is_lone: the model answers with the probability of the second class alone."""
    if name in SCORES:
        score, over = SCORES[name]
        over = "second" if over == "mean" and classes == 2 else over
        return call("ClassScore", literal(score), literal(over), name=literal(name))
    if name in TOP:
        top = "keras.metrics.SparseTopKCategoricalAccuracy"
        return call(top, k=literal(TOP[name]), name=literal(name))
    if name == "auc":
        if is_lone:
            return call("keras.metrics.AUC", name=literal(name))
        return call("ClassAUC", literal(classes), name=literal(name))
    if name == "log_loss":
        sparse = "keras.metrics.SparseCategoricalCrossentropy"
        return call("LoneLogLoss" if is_lone else sparse, name=literal(name))
    own = {"rmse": "RootMeanSquaredError", "r2": "R2Score"}
    if name in own:
        return call(f"keras.metrics.{own[name]}", name=literal(name))
    return literal(name)


def metric_classes(names: tuple[str, ...], *, is_lone: bool) -> list[str]:
    """Write the classes that these metrics need."""
    needed = []
    if any(name in SCORES for name in names):
        needed.append(CLASS_SCORE)
    if "auc" in names and not is_lone:
        needed.append(CLASS_AUC)
    if "log_loss" in names and is_lone:
        needed.append(LONE_LOG_LOSS)
    return needed
