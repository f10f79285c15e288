"""What a search is judged by."""

from experiments.evaluation.metrics import direction_of, objectives


def test_objectives_put_validation_first_and_know_their_direction():
    assert objectives(["accuracy"]) == ("val_loss", "val_accuracy", "loss", "accuracy")
    assert direction_of("val_accuracy") == direction_of("top_3_accuracy") == "maximize"
    assert direction_of("val_loss") == direction_of("rmse") == "minimize"
