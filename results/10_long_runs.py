"""The long runs of lesson 10: the homework as it was set, and a larger network.

They take from ten minutes to two hours on two cores, so no lesson repeats them. An
interrupted run goes on after its last whole epoch::

    COURSE_DATA=../shared/data python results/10_long_runs.py novel
    COURSE_DATA=../shared/data python results/10_long_runs.py philosophy
    COURSE_DATA=../shared/data python results/10_long_runs.py large
"""

from __future__ import annotations

import argparse
from pathlib import Path

import course_utils

course = course_utils.start("lecture", data=["novel", "philosophy"])

import keras  # noqa: E402 -- after start(), which silences its backend
import numpy as np  # noqa: E402

from course_utils.datasets.fetch import ROOT  # noqa: E402
from course_utils.datasets.prose import clean_novel, read_prose  # noqa: E402
from course_utils.generation import Generator  # noqa: E402
from course_utils.sampling import sample  # noqa: E402
from course_utils.text import streams  # noqa: E402
from course_utils.training import Resume  # noqa: E402
from keeper.record import write_section  # noqa: E402

NAME = "10_long_runs"
STATES = ROOT / "build" / "results" / NAME
HELD_OUT = 0.1  # the last tenth of a book, which no model is trained on
EPOCHS = {"novel": 60, "philosophy": 10}
KEPT = (1, 20, 56, 59)  # epochs whose texts go into the record, as the homework's
PROMPT = "it was late in the evening, and "
TEMPERATURES = (0.2, 0.5, 1.0, 1.2)


def homework(book: str) -> dict:
    """Train the lecture's network on a book; write texts after each epoch.

    The one-hot vectors are made batch by batch, so that they need no memory; the
    network, and what it is given, are the lecture's.
    """
    characters, train, held_out = read(book)
    settings = course.settings("char_lstm")
    epochs = EPOCHS[book]
    model = keras.Sequential(
        [
            keras.Input((settings.maxlen,), dtype="int32"),
            keras.layers.CategoryEncoding(len(characters), output_mode="one_hot"),
            keras.layers.LSTM(settings.units),
            keras.layers.Dense(len(characters), activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.RMSprop(settings.learning_rate)
    model.compile(optimizer, "sparse_categorical_crossentropy")

    def windows(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        every = np.lib.stride_tricks.sliding_window_view(ids, settings.maxlen + 1)
        return every[:: settings.step, :-1], every[:: settings.step, -1]

    def write(epoch: int, logs: dict) -> None:
        print(epoch + 1, logs, flush=True)
        rng = np.random.default_rng([course.seed, epoch + 1])
        start = int(rng.integers(len(train) - settings.maxlen))
        rows = np.tile(train[start : start + settings.maxlen], (len(TEMPERATURES), 1))
        for _ in range(400):  # the window slides, as in the lecture
            p = np.asarray(model(rows[:, -settings.maxlen :], training=False))
            drawn = sample(np.log(np.maximum(p, 1e-30)), TEMPERATURES, rng)
            rows = np.column_stack([rows, drawn])
        seed_text, *texts = written(characters, [rows[0, :60], *rows[:, 60:]])
        lines = [f"epoch {epoch + 1}", f"seed text: {seed_text}"]
        for temperature, text in zip(TEMPERATURES, texts, strict=True):
            lines += [f"temperature {temperature}:", text]
        STATES.mkdir(parents=True, exist_ok=True)
        text_file(book, epoch + 1).write_text("\n".join(lines) + "\n", encoding="utf-8")

    x, y = windows(train)
    history = model.fit(
        x,
        y,
        batch_size=settings.batch_size,
        epochs=epochs,
        validation_data=windows(held_out),
        callbacks=[
            Resume(book, train, settings, folder=STATES),
            keras.callbacks.LambdaCallback(on_epoch_end=write),
        ],
        verbose=0,
    ).history
    kept = sorted({min(epoch, epochs) for epoch in KEPT})
    return {
        "characters": len(train) + len(held_out),
        "distinct": len(characters),
        "windows": len(y),
        "parameters": model.count_params(),
        "loss": np.round(history["loss"], 4).tolist(),
        "val_loss": np.round(history["val_loss"], 4).tolist(),
        "texts": {epoch: text_file(book, epoch).read_text("utf-8") for epoch in kept},
    }


def large() -> dict:
    """Train a large network with a target at every position, and let it write."""
    characters, train, held_out = read("novel")
    settings = course.settings("char_lstm_large")

    def build(stateful: bool = False, **shape) -> keras.Model:
        scale = keras.initializers.RandomNormal(stddev=settings.embedding_scale)
        lstm = keras.layers.LSTM(
            settings.units, return_sequences=True, stateful=stateful
        )
        return keras.Sequential(
            [
                keras.Input(**shape, dtype="int32"),
                keras.layers.Embedding(len(characters), settings.embedding_dim, scale),
                lstm,
                keras.layers.Dropout(settings.dropout),
                keras.layers.Dense(len(characters)),
            ]
        )

    model = build(stateful=True, batch_shape=(settings.streams, settings.steps))
    x, y = streams(train, settings.streams, settings.steps)
    updates = settings.epochs * len(x) // settings.streams
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, updates, warmup_target=settings.learning_rate, warmup_steps=200
    )
    optimizer = keras.optimizers.Adam(rate, clipnorm=1.0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss)
    model.fit(
        x,
        y,
        batch_size=settings.streams,
        epochs=settings.epochs,
        shuffle=False,
        callbacks=[Resume("large", train, settings, folder=STATES)],
        verbose=2,
    )
    reader = build(shape=(None,))
    reader.set_weights(model.get_weights())
    prompt = np.searchsorted(characters, list(PROMPT))
    rows = Generator(reader).generate(
        [prompt] * len(TEMPERATURES), 400, temperature=TEMPERATURES, seed=course.seed
    )
    return {
        "parameters": reader.count_params(),
        "held_out": round(carried_loss(reader, held_out), 4),
        "prompt": PROMPT,
        "samples": dict(
            zip(map(str, TEMPERATURES), written(characters, rows), strict=True)
        ),
    }


def read(book: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the characters of a book, and its two parts as integers."""
    text = read_prose(course.data(book))
    text = clean_novel(text, end_stars=True) if book == "novel" else text.lower()
    characters = sorted(set(text))
    ids = np.searchsorted(characters, list(text)).astype("int32")
    cut = round(len(text) * (1 - HELD_OUT))
    return characters, ids[:cut], ids[cut:]


def written(characters: list[str], rows) -> list[str]:
    """Return texts from their integers."""
    return ["".join(characters[i] for i in row) for row in rows]


def text_file(book: str, epoch: int) -> Path:
    """Return the place of an epoch's texts."""
    return STATES / f"{book}_epoch_{epoch:02d}.txt"


def carried_loss(model: keras.Model, held_out: np.ndarray) -> float:
    """Score held-out characters, each after at least 60 others, in nats."""
    rows = np.lib.stride_tricks.sliding_window_view(held_out, 201)[::140]
    logits = model.predict(rows[:, :-1], batch_size=50, verbose=0)
    losses = keras.ops.sparse_categorical_crossentropy(rows[:, 1:], logits, True)
    return float(keras.ops.mean(losses[:, 60:]))


RUNS = {
    "novel": lambda: homework("novel"),
    "philosophy": lambda: homework("philosophy"),
    "large": large,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", choices=RUNS)
    chosen = parser.parse_args().run
    write_section(NAME, chosen, {"seed": course.seed, **RUNS[chosen]()})
