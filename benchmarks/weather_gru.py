"""Train the lecture's GRU with dropout on the weather: our way and Keras's defaults.

The numbers are random: what a step costs does not depend on them.
"""

import course_utils

course_utils.start("lecture")

from collections.abc import Callable  # noqa: E402

import keras  # noqa: E402 -- after start(), which silences its backend
import numpy as np  # noqa: E402
from pairs import compare, write  # noqa: E402

from course_utils.profiles import Settings  # noqa: E402

SETTINGS = Settings("weather_gru", "lecture")
BATCHES = 10  # of each timed run
STEPS, COLUMNS = SETTINGS.lookback // SETTINGS.step, 14
WHAT = f"{BATCHES} batches of {SETTINGS.batch_size} windows of {STEPS} steps"
PLAIN = "GRU, jit_compile"
OURS = "GRU with recurrent dropout, jit_compile"


def windows() -> tuple[np.ndarray, np.ndarray]:
    """Return random windows (batches, samples, steps, columns) and their targets."""
    rng = np.random.default_rng(0)
    size = (BATCHES, SETTINGS.batch_size)
    x = rng.normal(size=(*size, STEPS, COLUMNS))
    return x.astype("float32"), rng.normal(size=(*size, 1)).astype("float32")


def keras_run(dropout: float = SETTINGS.dropout, **options) -> Callable[[], None]:
    """Return what trains a Keras model on all windows once."""
    model = keras.Sequential(
        [
            keras.Input((STEPS, COLUMNS)),
            keras.layers.GRU(
                SETTINGS.units, dropout=dropout, recurrent_dropout=dropout
            ),
            keras.layers.Dense(1),
        ]
    )
    model.compile("rmsprop", "mae", **options)
    batches = list(zip(*windows(), strict=True))

    def run() -> None:
        for x, y in batches:
            model.train_on_batch(x, y)

    return run


def main() -> None:
    """Compare, and write the record."""
    compiled = keras_run(jit_compile=True)
    plain = keras_run(dropout=0.0, jit_compile=True)
    theirs = "Keras's defaults"
    pairs = [
        compare(PLAIN, plain, theirs, keras_run(dropout=0.0)),
        compare(OURS, compiled, theirs, keras_run()),
    ]
    write("weather_gru", {"what": WHAT, "pairs": pairs})


if __name__ == "__main__":
    main()
