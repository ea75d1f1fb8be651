"""Lesson 08 on the real data: film reviews read forward, reversed, and in both ways.

Each run is saved as soon as it is done, and a run that is in the record is not done
again, so an interrupted script goes on where it stopped::

    COURSE_DATA=../shared/data python results/08_bidirectional_rnn.py --seeds 0 1 2
"""

from __future__ import annotations

import argparse

import imdb
import numpy as np

import course_utils
from course_utils.datasets.fetch import ROOT
from course_utils.profiles import Settings

NAME = "08_bidirectional_rnn"
PROBABILITIES = ROOT / "build" / NAME  # of the test reviews: one file a model and seed
# "double" is the lecture's slip: a bidirectional network, and reviews reversed before.
MODELS = ("reversed", "bidirectional", "forward", "double")


def main() -> None:
    """Do the runs that are asked for and not yet recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    course = course_utils.start("lecture", data=["reviews"])
    settings = Settings("bidirectional", "lecture")
    PROBABILITIES.mkdir(parents=True, exist_ok=True)

    def run(model: str, seed: int) -> dict:
        splits = imdb.read_splits(course, settings.num_words)
        if model == "ensemble":
            return ensemble(seed, splits["test"].labels)
        reverse = model in ("reversed", "double")
        trained, result = imdb.train(
            lambda s: build(model, s), seed, settings, splits, reverse
        )
        x = splits["test"].padded(settings.maxlen, reverse)
        np.save(PROBABILITIES / f"{model}_{seed}.npy", imdb.predict(trained, x))
        return result

    jobs = [
        {"model": model, "seed": seed}
        for seed in seeds
        for model in (*MODELS, "ensemble")
        if model != "double" or seed == 0  # one seed is enough for the slip
    ]
    imdb.add_runs(NAME, jobs, run, lambda runs: describe(runs, settings))


def build(model: str, settings: Settings):
    """Return the network of the lecture: one LSTM, or two that read in both ways."""
    from keras import Sequential, layers

    lstm = layers.LSTM(settings.units)
    if model in ("bidirectional", "double"):
        reader, dimension = layers.Bidirectional(lstm), settings.embedding_dim
    else:
        reader, dimension = lstm, settings.one_way_dim
    embedding = layers.Embedding(settings.num_words, dimension)
    return Sequential([embedding, reader, layers.Dense(1, activation="sigmoid")])


def ensemble(seed: int, labels: np.ndarray) -> dict:
    """Average what the forward and the reversed network of a seed say."""
    both = [np.load(PROBABILITIES / f"{m}_{seed}.npy") for m in ("forward", "reversed")]
    return {"test_accuracy": imdb.accuracy(np.mean(both, axis=0), labels)}


def describe(runs: list[dict], settings: Settings) -> dict:
    """Put the settings and the spread over the seeds in front of the runs."""
    by_model = {m: [run for run in runs if run["model"] == m] for m in MODELS}
    return {
        "what": "film reviews from the raw files: positive or negative",
        "data": imdb.DATA,
        "model": "Embedding > LSTM or Bidirectional(LSTM) > Dense(1, sigmoid); rmsprop,"
        f" batch {settings.batch_size}, {settings.maxlen} words: the last ones, or, "
        "reversed, the first ones; jit_compile=True",
        "settings": imdb.plain(settings),
        **{m: imdb.summary(found) for m, found in by_model.items() if found},
        "runs": runs,
    }


if __name__ == "__main__":
    main()
