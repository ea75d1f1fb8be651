"""Lesson 07 on the real data: LSTM and GRU on film reviews, beside word counts.

Each run is saved as soon as it is done, and a run that is in the record is not done
again, so an interrupted script goes on where it stopped::

    COURSE_DATA=../shared/data python results/07_lstm_and_gru.py --seeds 0 1 2
"""

from __future__ import annotations

import argparse

import imdb
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

import course_utils
from course_utils.profiles import Settings

NAME = "07_lstm_and_gru"
BY_LENGTH = "LSTM, batches by length"
MODELS = ("LSTM", "GRU", BY_LENGTH)
STEPS = 100  # batches of like length are padded to a multiple of this
STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)  # C of the regression; validation chooses


def main() -> None:
    """Do the runs that are asked for and not yet recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    course = course_utils.start("lecture", data=["reviews"])
    settings = Settings("lstm_and_gru", "lecture")

    def run(model: str, seed: int) -> dict:
        splits = imdb.read_splits(course, settings.num_words)
        if model == "counts":
            return count_words(seed, settings, splits)
        if model == BY_LENGTH:
            return train_by_length(seed, settings, splits)
        return imdb.train(lambda s: build(model, s), seed, settings, splits)[1]

    jobs = [{"model": m, "seed": s} for s in seeds for m in MODELS]
    jobs.append({"model": "counts", "seed": 0})
    imdb.add_runs(NAME, jobs, run, lambda runs: describe(runs, settings))


def build(layer: str, settings: Settings):
    """Return the network of the lecture, with ``layer`` to read."""
    import keras

    return keras.Sequential(
        [
            keras.layers.Embedding(settings.num_words, settings.embedding_dim),
            getattr(keras.layers, layer)(settings.units),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


def train_by_length(seed: int, settings: Settings, splits: dict) -> dict:
    """Train the LSTM on batches of like length, in a new random order each epoch.

    All else, and how it is measured, is as in ``imdb.train``.
    """
    import keras

    keras.utils.set_random_seed(seed)
    x, y = splits["train"].padded(settings.maxlen), splits["train"].labels
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    cut = round(len(y) * (1 - settings.validation_split))
    fit, held_out = order[:cut], order[cut:]
    fit = fit[np.argsort((x[fit] > 0).sum(axis=1), kind="stable")]
    batches = np.array_split(fit, -(-cut // settings.batch_size))
    model = build("LSTM", settings)
    model.compile("rmsprop", "binary_crossentropy", jit_compile=True)
    history, best = [], None
    for epoch in range(1, settings.epochs + 1):
        for i in rng.permutation(len(batches)):
            longest = steps_needed(x[batches[i]]).max()
            model.train_on_batch(x[batches[i], -longest:], y[batches[i]])
        right = imdb.accuracy(predict_by_length(model, x[held_out]), y[held_out])
        print(f"{BY_LENGTH}, seed {seed}, epoch {epoch}: {right}", flush=True)
        if right > max(history, default=0):
            best = epoch, model.get_weights()
        history.append(right)
    model.set_weights(best[1])
    test = splits["test"]
    probability = predict_by_length(model, test.padded(settings.maxlen))
    return {
        "parameters": model.count_params(),
        "history": {"val_accuracy": history},
        "best_epoch": best[0],
        "test_accuracy": imdb.accuracy(probability, test.labels),
    }


def steps_needed(x: np.ndarray) -> np.ndarray:
    """Return the words of each review, rounded up to a multiple of ``STEPS``."""
    words = np.maximum((x > 0).sum(axis=1), 1)
    return STEPS * -(-words // STEPS)


def predict_by_length(model, x: np.ndarray) -> np.ndarray:
    """Predict with the padding of training: the network has not seen more of it."""
    probability = np.empty(len(x))
    steps = steps_needed(x)
    for count in np.unique(steps):
        rows = steps == count
        probability[rows] = imdb.predict(model, x[rows, -count:])
    return probability


def count_words(seed: int, settings: Settings, splits: dict) -> dict:
    """Fit a logistic regression on word counts of the whole reviews.

    It trains on the reviews that train the networks, and the same reviews validate.
    """
    x, y = counts(splits["train"], settings.num_words), splits["train"].labels
    order = np.random.default_rng(seed).permutation(len(y))
    cut = round(len(y) * (1 - settings.validation_split))
    fit, held_out = order[:cut], order[cut:]
    fits = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, solver="liblinear")
        model.fit(x[fit], y[fit])
        fits.append((model.score(x[held_out], y[held_out]), strength, model))
    val_accuracy, strength, model = max(fits, key=lambda found: found[0])
    test = counts(splits["test"], settings.num_words)
    return {
        "strength": strength,
        "val_accuracy": round(val_accuracy, 4),
        "test_accuracy": round(model.score(test, splits["test"].labels), 4),
    }


def counts(split: imdb.Split, num_words: int) -> csr_matrix:
    """Return how often each word stands in each review, (samples, num_words)."""
    ends = np.cumsum([0, *map(len, split.indices)])
    words = np.concatenate(split.indices)
    found = csr_matrix(
        (np.ones(len(words), "float32"), words, ends),
        shape=(len(split.indices), num_words),
    )
    found.sum_duplicates()
    return found


def describe(runs: list[dict], settings: Settings) -> dict:
    """Put the settings and the spread over the seeds in front of the runs."""
    by_model = {m: [run for run in runs if run["model"] == m] for m in MODELS}
    return {
        "what": "film reviews from the raw files: positive or negative",
        "data": imdb.DATA,
        "model": f"Embedding({settings.num_words}, {settings.embedding_dim}) > "
        f"LSTM or GRU({settings.units}) > Dense(1, sigmoid); rmsprop, "
        f"batch {settings.batch_size}, the last {settings.maxlen} words, "
        "jit_compile=True",
        "settings": imdb.plain(settings),
        **{m: imdb.summary(found) for m, found in by_model.items() if found},
        "runs": runs,
    }


if __name__ == "__main__":
    main()
