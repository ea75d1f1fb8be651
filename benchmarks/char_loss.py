"""Train on the bundled stories until a held-out loss is reached: time and memory.

The lecture's recipe has one target for each window of 60 characters, one-hot. Ours
has a target at every position, and carries the state. Both have one LSTM(128).
"""

import course_utils

course_utils.start("quick")

import json  # noqa: E402
from collections.abc import Callable  # noqa: E402

import keras  # noqa: E402 -- after start(), which silences its backend
import numpy as np  # noqa: E402
from pairs import (  # noqa: E402
    TRY,
    in_turn,
    pair_of_runs,
    peak_megabytes,
    seconds,
    way_wanted,
    write,
)

from course_utils.datasets.fetch import bundled_path  # noqa: E402
from course_utils.datasets.prose import read_prose  # noqa: E402
from course_utils.profiles import Settings  # noqa: E402
from course_utils.text import streams  # noqa: E402

TARGET = 2.6 if TRY else 1.85  # nats on the last tenth of the text
EPOCHS = 12  # after which the target is given up
CONTEXT = 60  # characters that a network has seen before the first one scored
Training = tuple[Callable[[], None], Callable[[], float]]  # an epoch, the loss then


def the_lectures(learned: np.ndarray, held_out: np.ndarray, depth: int) -> Training:
    """One target for each window, one-hot."""
    settings = Settings("char_lstm", "lecture")
    vectors = np.eye(depth, dtype="bool")

    def windows(tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        starts = np.arange(0, len(tokens) - settings.maxlen, settings.step)
        rows = tokens[starts[:, None] + np.arange(settings.maxlen + 1)]
        return vectors[rows[:, :-1]], vectors[rows[:, -1]]

    data, tests = windows(learned), windows(held_out)
    model = keras.Sequential(
        [
            keras.Input((settings.maxlen, depth)),
            keras.layers.LSTM(settings.units),
            keras.layers.Dense(depth, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.RMSprop(settings.learning_rate)
    model.compile(optimizer, "categorical_crossentropy")
    return (
        lambda: model.fit(*data, batch_size=settings.batch_size, verbose=0),
        lambda: model.evaluate(*tests, batch_size=500, verbose=0),
    )


def every_position(learned: np.ndarray, held_out: np.ndarray, depth: int) -> Training:
    """A target at every position, integers and an Embedding, the state carried."""
    settings = Settings("char_lstm_every_position", "quick")
    first = keras.initializers.RandomNormal(stddev=settings.embedding_scale)

    def build(**shape) -> keras.Model:
        lstm = keras.layers.LSTM(
            settings.units, return_sequences=True, stateful="batch_shape" in shape
        )
        return keras.Sequential(
            [
                keras.Input(**shape, dtype="int32"),
                keras.layers.Embedding(depth, settings.embedding_dim, first),
                lstm,
                keras.layers.Dropout(settings.dropout),
                keras.layers.Dense(depth),
            ]
        )

    model = build(batch_shape=(settings.streams, settings.steps))
    reader = build(shape=(None,))
    data = streams(learned, settings.streams, settings.steps)
    steps = settings.epochs * len(data[0]) // settings.streams
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)

    def score() -> float:
        reader.set_weights(model.get_weights())
        p = reader(held_out[None, :-1], training=False)
        losses = keras.ops.sparse_categorical_crossentropy(
            held_out[None, 1:], p, from_logits=True
        )
        return float(keras.ops.mean(losses[0, CONTEXT - 1 :]))

    options = {"batch_size": settings.streams, "shuffle": False, "verbose": 0}
    return lambda: model.fit(*data, **options), score


WAYS = {
    "a target at every position": every_position,
    "the lecture's recipe": the_lectures,
}


def train(way: str) -> dict:
    """Train one way in this process; return seconds, memory added and losses."""
    text = read_prose(bundled_path("novel")).lower()
    indices = np.unique(list(text), return_inverse=True)[1].astype("int32")
    cut = round(0.9 * len(indices))
    before, made, losses = peak_megabytes(), [], []
    prepare = WAYS[way]
    job = indices[:cut], indices[cut:], int(indices.max()) + 1
    total = seconds(lambda: made.extend(prepare(*job)))
    epoch, score = made
    while not losses or losses[-1] > TARGET:
        if len(losses) == EPOCHS:
            raise RuntimeError(f"{way} does not reach {TARGET} nats: {losses}")
        total += seconds(epoch)
        losses.append(round(score(), 4))
    megabytes = round(peak_megabytes() - before)
    return {"seconds": round(total, 2), "megabytes": megabytes, "losses": losses}


def main() -> None:
    """Compare the two, and write the record; or train one for the comparison."""
    if way := way_wanted():
        print(json.dumps(train(way)))
        return
    runs = in_turn(__file__, list(WAYS), repeats=2)  # a minute each
    ours, theirs = WAYS
    write(
        "char_loss",
        {
            "what": f"LSTM(128) to {TARGET} nats, on bundled text it has not seen",
            "pairs": [pair_of_runs(ours, runs[ours], theirs, runs[theirs])],
            "losses": {way: runs[way][0]["losses"] for way in WAYS},
        },
    )


if __name__ == "__main__":
    main()
