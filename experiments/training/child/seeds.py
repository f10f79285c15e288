"""Seeds of Python, NumPy, TensorFlow and Keras."""

import random

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED
from tensorflow.python.eager import context


def seed_everything(seed: int) -> None:
    """Do what `keras.utils.set_random_seed` does, and keep the compiled functions.

    TensorFlow's own way forgets them all once it runs: 0.1 s for each further execution. Keras
    draws the seeds of initializers and dropout from Python's generator, so they are the same ones.
    """
    seed %= 2**32
    eager = context.context()
    if eager._context_handle is None:
        keras.utils.set_random_seed(seed)
        return
    global_state.set_global_attribute(GLOBAL_RANDOM_SEED, seed)
    global_state.set_global_attribute(GLOBAL_SEED_GENERATOR, None)
    random.seed(seed)
    np.random.seed(seed)
    eager._seed = seed
    eager._rng = random.Random(seed)
