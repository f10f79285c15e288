"""Copies among images and texts, in one part and across both."""

import numpy as np

from experiments.ingest.checks.outcome import Found, NotFound
from experiments.ingest.checks.repeats import array_repeats, text_repeats

IMAGES = ("image", "images")
TEXTS = ("text", "texts")


def outcomes(found):
    return {one.check: one for one in found}


def images(count=300, side=32):
    rng = np.random.default_rng(4)
    small = rng.integers(0, 256, (count, 8, 8, 1))
    return np.repeat(np.repeat(small, side // 8, 1), side // 8, 2).astype(np.uint8)


def test_images_that_repeat_nothing():
    for one in array_repeats(images()[:200], images()[200:], IMAGES):
        assert isinstance(one, NotFound)


def test_images_with_noise_are_near_copies_across_the_parts():
    x = images()
    noise = np.random.default_rng(1).integers(-6, 7, x[:20].shape)
    test = np.clip(x[:20].astype(int) + noise, 0, 255).astype(np.uint8)
    said = outcomes(array_repeats(x, test, IMAGES))
    assert isinstance(said["copies"], NotFound)
    assert isinstance(said["test_overlap"], NotFound)
    assert isinstance(said["near_copies"], Found)
    assert "20 of them are test images beside a training image" in said["near_copies"].text


def test_equal_images_are_counted_in_each_part():
    x = np.concatenate([images(), images()[:3]])
    said = outcomes(array_repeats(x, images()[:2], IMAGES))
    assert said["copies"].text.startswith("3 images repeat an earlier one.")
    assert said["test_overlap"].text.startswith("2 images of the test set are also in")


def test_texts_that_differ_in_rare_words_are_near_copies():
    x = np.random.default_rng(1).integers(3, 500, (60, 12)).astype(np.int32)
    near = x[:5].copy()
    near[:, 4], near[:, 0] = 2, 1
    base = x.copy()
    base[:5, 4], base[:5, 0] = 1, 2
    said = outcomes(text_repeats(np.concatenate([base, near]), None, TEXTS, ignored=3))
    assert isinstance(said["copies"], NotFound)
    assert said["near_copies"].text.startswith("5 texts repeat an earlier one but for rare words")
