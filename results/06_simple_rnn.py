"""Lesson 06 on the real data: SimpleRNN on film reviews, as in the lecture.

Each seed is saved as soon as it is trained, and a seed that is in the record is not
trained again, so an interrupted run goes on where it stopped::

    COURSE_DATA=../shared/data python results/06_simple_rnn.py --seeds 0 1 2 3 4
"""

from __future__ import annotations

import argparse
import time

import imdb
import numpy as np

import course_utils
from course_utils.profiles import Settings

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
    course = course_utils.start("lecture", data=["reviews"])
    settings = Settings("simple_rnn", "lecture")

    def run(seed: int) -> dict:
        splits = imdb.read_splits(course, settings.num_words)
        clock = Clock()
        model, result = imdb.train(
            build, seed, settings, splits, callbacks=[clock.callback()]
        )
        return {"seconds_an_epoch": clock.seconds, **result} | measure(
            model, splits["test"], settings.maxlen
        )

    jobs = [{"seed": seed} for seed in seeds]
    imdb.add_runs(NAME, jobs, run, lambda runs: describe(runs, settings))


def build(settings: Settings):
    """Return the network of the lecture."""
    import keras

    return keras.Sequential(
        [
            keras.layers.Embedding(settings.num_words, settings.embedding_dim),
            keras.layers.SimpleRNN(settings.units),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


class Clock:
    """The seconds of each epoch, its validation included."""

    def __init__(self):
        self.seconds = []

    def callback(self):
        """Return what ``fit`` is given."""
        import keras

        return keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda *_: setattr(self, "begin", time.perf_counter()),
            on_epoch_end=lambda *_: self.seconds.append(
                round(time.perf_counter() - self.begin, 2)
            ),
        )


def measure(model, split: imdb.Split, maxlen: int) -> dict:
    """Return the test accuracy by length and with the last words only.

    Also what wiping out a block of words changes.
    """
    x, y = split.padded(maxlen), split.labels
    lengths = np.array([len(row) for row in split.indices])
    probability = imdb.predict(model, x)
    right = (probability > 0.5) == y
    place = np.digitize(lengths, LENGTHS) - 1
    bins = range(len(LENGTHS) - 1)
    long = np.random.default_rng(0).permutation(np.flatnonzero(lengths >= x.shape[1]))
    x_long, y_long = x[long], y[long]
    last = []
    for k in LAST_WORDS:
        cut = x_long.copy()
        cut[:, :-k] = 0
        last.append(((imdb.predict(model, cut) > 0.5) == y_long).mean())
    changes = []
    for end in range(x.shape[1], 0, -BLOCK):
        wiped = x_long.copy()
        wiped[:, end - BLOCK : end] = 0
        changes.append(np.abs(imdb.predict(model, wiped) - probability[long]).mean())
    return {
        "by_length": {
            "words": list(LENGTHS),
            "reviews": [int((place == b).sum()) for b in bins],
            "accuracy": imdb.rounded([right[place == b].mean() for b in bins]),
        },
        "last_words": {
            "reviews": len(long),
            "words": list(LAST_WORDS),
            "accuracy": imdb.rounded(last),
        },
        "wiped": {"block": BLOCK, "change": imdb.rounded(changes)},
    }


def describe(runs: list[dict], settings: Settings) -> dict:
    """Put the settings and the spread over the seeds in front of the runs."""
    seconds = [float(np.median(run["seconds_an_epoch"])) for run in runs]
    return {
        "what": "film reviews from the raw files: positive or negative",
        "data": imdb.DATA,
        "model": f"Embedding({settings.num_words}, {settings.embedding_dim}) > "
        f"SimpleRNN({settings.units}) > Dense(1, sigmoid); rmsprop, "
        f"batch {settings.batch_size}, the last {settings.maxlen} words, "
        "jit_compile=True",
        "settings": imdb.plain(settings),
        **imdb.summary(runs),
        "seconds_an_epoch": imdb.spread([round(value, 1) for value in seconds]),
        "runs": runs,
    }


if __name__ == "__main__":
    main()
