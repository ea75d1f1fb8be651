"""Lesson 06 on the real data: SimpleRNN on film reviews, as in the lecture.

Each seed is saved as soon as it is trained, and a seed that is in the record is not
trained again, so an interrupted run goes on where it stopped::

    COURSE_DATA=../shared/data python results/06_simple_rnn.py --seeds 0 1 2 3 4
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import course_utils
from course_utils.datasets.reviews import read_reviews
from course_utils.profiles import Settings
from course_utils.results import read_results, write_results
from course_utils.text import Vocabulary, tokenize

NAME = "06_simple_rnn"
# The words of a review that stand in each bin: from this number to the next.
LENGTHS = (0, 100, 150, 200, 250, 300, 400, 500, 10_000)
# How many of the last words the network is given.
LAST_WORDS = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500)
BLOCK = 25  # words that are wiped out together


def main() -> None:
    """Train the seeds that are asked for and not yet recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    seeds = parser.parse_args().seeds
    try:
        record = read_results(NAME)
        record.pop("machine")
    except ValueError:
        record = {"runs": []}
    seeds = [s for s in seeds if s not in [run["seed"] for run in record["runs"]]]
    if not seeds:
        return
    course = course_utils.start("lecture", data=["reviews"])
    settings = Settings("simple_rnn", "lecture")
    splits = read_splits(course, settings)
    for seed in seeds:
        record["runs"].append(train(seed, settings, splits))
        record["runs"].sort(key=lambda run: run["seed"])
        write_results(NAME, describe(record, settings))


def read_splits(course: course_utils.Course, settings: Settings) -> dict:
    """Return split -> (padded indices, labels, words of each review)."""
    import keras

    splits, vocabulary = {}, None
    for split in ("train", "test"):
        texts, labels = read_reviews(course.data("reviews"), split)
        tokens = [tokenize(text) for text in texts]
        if vocabulary is None:
            vocabulary = Vocabulary.by_frequency(tokens, settings.num_words)
        indices = [vocabulary.encode(review) for review in tokens]
        padded = keras.utils.pad_sequences(indices, settings.maxlen)
        splits[split] = padded, labels, np.array([len(row) for row in indices])
    return splits


def train(seed: int, settings: Settings, splits: dict) -> dict:
    """Train once; measure on the test reviews at the best epoch of validation."""
    import keras

    keras.utils.set_random_seed(seed)
    x, y, _ = splits["train"]
    order = np.random.default_rng(seed).permutation(len(x))  # they come by class
    model = keras.Sequential(
        [
            keras.layers.Embedding(settings.num_words, settings.embedding_dim),
            keras.layers.SimpleRNN(settings.units),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        "rmsprop", "binary_crossentropy", metrics=["accuracy"], jit_compile=True
    )
    clock = Clock()
    best = keras.callbacks.EarlyStopping(
        "val_accuracy", patience=settings.epochs, restore_best_weights=True
    )
    history = model.fit(
        x[order],
        y[order],
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        validation_split=settings.validation_split,
        callbacks=[best, keras.callbacks.LambdaCallback(**clock.callbacks)],
        verbose=2,
    ).history
    return {
        "seed": seed,
        "parameters": model.count_params(),
        "seconds_an_epoch": clock.seconds,
        "history": {k: rounded(v) for k, v in history.items()},
        "best_epoch": best.best_epoch + 1,
        **measure(model, *splits["test"]),
    }


class Clock:
    """The seconds of each epoch, its validation included."""

    def __init__(self):
        self.seconds = []
        self.callbacks = {
            "on_epoch_begin": lambda *_: setattr(self, "begin", time.perf_counter()),
            "on_epoch_end": lambda *_: self.seconds.append(
                round(time.perf_counter() - self.begin, 2)
            ),
        }


def measure(model, x: np.ndarray, y: np.ndarray, lengths: np.ndarray) -> dict:
    """Return the test accuracy: of all, by length, with the last words only.

    Args:
        model: the trained network.
        x: padded indices (samples, maxlen), the padding in front.
        y: labels (samples,).
        lengths: words of each review before it was cut (samples,).
    """

    def predict(indices):
        return model.predict(indices, batch_size=500, verbose=0).ravel()

    probability = predict(x)
    right = (probability > 0.5) == y
    place = np.digitize(lengths, LENGTHS) - 1
    bins = range(len(LENGTHS) - 1)
    long = np.random.default_rng(0).permutation(np.flatnonzero(lengths >= x.shape[1]))
    x_long, y_long = x[long], y[long]
    last = []
    for k in LAST_WORDS:
        cut = x_long.copy()
        cut[:, :-k] = 0
        last.append(((predict(cut) > 0.5) == y_long).mean())
    changes = []
    for end in range(x.shape[1], 0, -BLOCK):
        wiped = x_long.copy()
        wiped[:, end - BLOCK : end] = 0
        changes.append(np.abs(predict(wiped) - probability[long]).mean())
    return {
        "test_accuracy": round(float(right.mean()), 4),
        "by_length": {
            "words": list(LENGTHS),
            "reviews": [int((place == b).sum()) for b in bins],
            "accuracy": rounded([right[place == b].mean() for b in bins]),
        },
        "last_words": {
            "reviews": len(long),
            "words": list(LAST_WORDS),
            "accuracy": rounded(last),
        },
        "wiped": {"block": BLOCK, "change": rounded(changes)},
    }


def rounded(values) -> list[float]:
    """Round to the four digits that a record needs."""
    return [round(float(value), 4) for value in values]


def describe(record: dict, settings: Settings) -> dict:
    """Put the settings and the spread over the seeds in front of the runs."""
    runs = record["runs"]

    def spread(values):
        return {"values": values, "mean": round(float(np.mean(values)), 4)}

    return {
        "what": "film reviews from the raw files: positive or negative",
        "data": "Large Movie Review Dataset: 20,000 train, 5,000 validate, 25,000 test",
        "model": f"Embedding({settings.num_words}, {settings.embedding_dim}) > "
        f"SimpleRNN({settings.units}) > Dense(1, sigmoid); rmsprop, "
        f"batch {settings.batch_size}, the last {settings.maxlen} words, "
        "jit_compile=True",
        "settings": {k: v for k, v in vars(settings).items() if k[0] != "_"},
        "seeds": [run["seed"] for run in runs],
        "best_val_accuracy": spread([max(r["history"]["val_accuracy"]) for r in runs]),
        "last_val_accuracy": spread([r["history"]["val_accuracy"][-1] for r in runs]),
        "test_accuracy": spread([run["test_accuracy"] for run in runs]),
        "seconds_an_epoch": spread(
            [round(float(np.median(run["seconds_an_epoch"])), 1) for run in runs]
        ),
        "runs": runs,
    }


if __name__ == "__main__":
    main()
