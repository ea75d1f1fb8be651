"""Lesson 04 on the real data: GloVe or none, against the number of training reviews.

Each trained model is saved as soon as it is done, and one that is in the record is not
trained again, so an interrupted run goes on where it stopped::

    COURSE_DATA=../shared/data python results/04_pretrained_glove.py --minutes 4
"""

from __future__ import annotations

import argparse
import math
import time
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

import course_utils
from course_utils.datasets.glove import Vectors, read_glove
from course_utils.datasets.reviews import read_reviews
from course_utils.embeddings import analogy, embedding_matrix, neighbours
from course_utils.profiles import Settings
from course_utils.results import read_results
from course_utils.text import Vocabulary, tokenize
from keeper.record import write_results

NAME = "04_pretrained_glove"
# Training reviews -> how many seeds; the larger sets vary less and take longer.
SEEDS = {200: 5, 500: 5, 1_000: 5, 2_000: 5, 5_000: 3, 10_000: 2, 15_000: 2}
# The network on flattened vectors, as in the lecture; logistic regression on the mean
# of the vectors of a review, or on the counts of its words.
NETWORK, LINEAR = "network", "linear"
MEAN_STRENGTH, COUNT_STRENGTH = 100, 0.1  # C of the regressions
STARTS = {NETWORK: ("glove", "fine-tuned", "none"), LINEAR: ("glove", "none")}
QUESTIONS = (
    *(("man", "actor", "woman"), ("boy", "boys", "girl"), ("he", "his", "she")),
    *(("good", "better", "bad"), ("actor", "actress", "hero")),
    *(("brother", "sister", "son"), ("man", "king", "woman")),
    *(("france", "paris", "italy"), ("man", "doctor", "woman")),
)
NEIGHBOURS_OF = ("good", "bad", "terrible", "score", "plot", "mother")
PROFESSIONS = (
    *("nurse", "dancer", "singer", "teacher", "secretary", "doctor", "writer"),
    *("lawyer", "scientist", "engineer", "director", "professor", "captain", "boss"),
)
GENDER = ("she", "he")


class Data(NamedTuple):
    """The 25,000 training reviews, and the vectors of their words.

    Attributes:
        x: padded word indices, (reviews, maxlen).
        y: labels, (reviews,).
        counts: how often each word stands in ``x``, sparse (reviews, num_words).
        means: the mean vector of the words of ``x``, (reviews, dimensions).
        matrix: weights of the Embedding layer, (num_words, dimensions).
        facts: what was counted on the way.
    """

    x: np.ndarray
    y: np.ndarray
    counts: csr_matrix
    means: np.ndarray
    matrix: np.ndarray
    facts: dict


def main() -> None:
    """Train what is not yet recorded, until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=math.inf)
    end = time.monotonic() + 60 * parser.parse_args().minutes
    try:
        runs = read_results(NAME)["runs"]
    except ValueError:
        runs = []
    done = {(run["model"], run["samples"], run["seed"], run["start"]) for run in runs}
    plan = [
        (model, samples, seed, start)
        for model in (LINEAR, NETWORK)
        for samples, seeds in SEEDS.items()
        for seed in range(seeds)
        for start in ("glove", "none")
        if (model, samples, seed, start) not in done
    ]
    if not plan:
        return
    course = course_utils.start("lecture", data=["reviews", "vectors"])
    settings = Settings("pretrained_glove", "lecture")
    vectors = read_glove(course.data("vectors"))
    data = read_data(course, settings, vectors)
    for model, samples, seed, start in plan:
        if time.monotonic() > end:
            break
        train = train_network if model == NETWORK else train_linear
        runs += train(samples, seed, start, settings, data)
        write_results(NAME, describe(runs, settings, data, vectors))


def read_data(
    course: course_utils.Course, settings: Settings, vectors: Vectors
) -> Data:
    """Turn the raw review files and the vectors into arrays."""
    import keras

    texts, labels = read_reviews(course.data("reviews"), "train")
    tokens = [tokenize(text) for text in texts]
    everything = Vocabulary.by_frequency(tokens)
    vocabulary = Vocabulary.by_frequency(tokens, settings.num_words)
    matrix, missing = embedding_matrix(vocabulary, vectors, settings.num_words)
    indices = [vocabulary.encode(review) for review in tokens]
    facts = {
        "distinct_tokens": len(everything),
        "words": len(vocabulary),
        "words_with_a_vector": len(vocabulary) - len(missing),
        "missing_frequent_words": missing[:20],
        "vectors_in_the_file": len(vectors.words),
    }
    padded = keras.utils.pad_sequences(indices, settings.maxlen)
    rows, places = np.nonzero(padded)
    ones = np.ones(len(rows), np.float32)
    counts = csr_matrix(
        (ones, (rows, padded[rows, places])), (len(padded), settings.num_words)
    )
    means = counts @ matrix / counts.sum(axis=1)
    y = labels.astype("float32")
    return Data(padded, y, counts, np.asarray(means), matrix, facts)


def split(samples: int, seed: int, settings: Settings, data: Data):
    """Return the places of the reviews that train and of those that validate."""
    order = np.random.default_rng(seed).permutation(len(data.x))
    return order[:samples], order[-settings.validation_samples :]


def train_linear(
    samples: int, seed: int, start: str, settings: Settings, data: Data
) -> list[dict]:
    """Fit logistic regression on mean vectors ("glove") or word counts ("none")."""
    from sklearn.linear_model import LogisticRegression

    fit, validate = split(samples, seed, settings, data)
    features, strength = (
        (data.means, MEAN_STRENGTH)
        if start == "glove"
        else (data.counts, COUNT_STRENGTH)
    )
    model = LogisticRegression(C=strength, solver="liblinear")
    model.fit(features[fit], data.y[fit])
    accuracy = round(model.score(features[validate], data.y[validate]), 4)
    name = {"model": LINEAR, "samples": samples, "seed": seed, "start": start}
    return [{**name, "history": {"val_accuracy": [accuracy]}}]


def train_network(
    samples: int, seed: int, start: str, settings: Settings, data: Data
) -> list[dict]:
    """Train the lecture's network; one that starts from GloVe is fine-tuned after it.

    Args:
        samples: the number of training reviews.
        seed: chooses the reviews and the weights.
        start: "glove" for frozen vectors, "none" for random ones that are learned.
        settings: of the experiment.
        data: the arrays.

    Returns:
        one record for each training.
    """
    import keras

    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    fit, validate = split(samples, seed, settings, data)
    embedding = keras.layers.Embedding(*data.matrix.shape, trainable=start == "none")
    model = keras.Sequential(
        [
            keras.Input((settings.maxlen,)),
            embedding,
            keras.layers.Flatten(),
            keras.layers.Dense(settings.units, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    if start == "glove":
        embedding.set_weights([data.matrix])

    def run(optimizer, epochs: int) -> dict:
        model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
        begin = time.perf_counter()
        history = model.fit(
            data.x[fit],
            data.y[fit],
            batch_size=settings.batch_size,
            epochs=epochs,
            validation_data=(data.x[validate], data.y[validate]),
            validation_batch_size=2_000,
            verbose=0,
        ).history
        seconds = (time.perf_counter() - begin) / epochs
        rounded = {k: [round(v, 4) for v in values] for k, values in history.items()}
        return {"seconds_an_epoch": round(seconds, 2), "history": rounded}

    name = {"model": NETWORK, "samples": samples, "seed": seed}
    records = [{**name, "start": start, **run("rmsprop", settings.epochs)}]
    if start == "glove":
        frozen = np.array_equal(embedding.get_weights()[0], data.matrix)
        records[0]["frozen_to_the_bit"] = frozen
        embedding.trainable = True
        slow = keras.optimizers.RMSprop(settings.fine_tune_rate)
        fine_tuned = run(slow, settings.fine_tune_epochs)
        records.append({**name, "start": "fine-tuned", **fine_tuned})
    last = {r["start"]: r["history"]["val_accuracy"][-1] for r in records}
    print(f"network, {samples:,} reviews, seed {seed}: {last}", flush=True)
    return records


def describe(
    runs: list[dict], settings: Settings, data: Data, vectors: Vectors
) -> dict:
    """Put the settings, the counts and the spread over the seeds before the runs."""
    return {
        "what": "film reviews from the raw files: positive or negative, against the "
        "number of training reviews, with GloVe and without",
        "data": "Large Movie Review Dataset, its 25,000 training reviews; the seed "
        "chooses those that train and the 10,000 that validate",
        "vectors": "GloVe 6B, 50 dimensions, the 50,000 most frequent tokens, scaled "
        "to unit length and rounded to 8 bits; the lecture took 100 dimensions",
        "models": {
            NETWORK: f"Embedding({settings.num_words}, {data.matrix.shape[1]}) > "
            f"Flatten > Dense({settings.units}, relu) > Dense(1, sigmoid); rmsprop, "
            f"batch {settings.batch_size}, the last {settings.maxlen} words",
            LINEAR: "logistic regression, on the mean vector of the same words (glove) "
            "or on their counts (none)",
        },
        "settings": {k: v for k, v in vars(settings).items() if k[0] != "_"},
        "counts": data.facts,
        "val_accuracy": {
            model: {start: spread(runs, model, start) for start in starts}
            for model, starts in STARTS.items()
        },
        "meaning": meaning(vectors),
        "runs": runs,
    }


def spread(runs: list[dict], model: str, start: str) -> dict[str, list]:
    """Return mean and standard deviation over the seeds for each number of reviews."""
    last: dict[int, list[float]] = {}
    for run in runs:
        if (run["model"], run["start"]) == (model, start):
            accuracies = run["history"]["val_accuracy"]
            last.setdefault(run["samples"], []).append(accuracies[-1])
    points = sorted(last.items())
    return {
        "samples": [samples for samples, _ in points],
        "seeds": [len(values) for _, values in points],
        "mean": [round(float(np.mean(values)), 4) for _, values in points],
        "standard_deviation": [
            round(float(np.std(values, ddof=len(values) > 1)), 4)
            for _, values in points
        ],
    }


def meaning(vectors: Vectors) -> dict:
    """Return neighbours, analogies and the gender of professions in the vectors."""
    words, matrix = vectors.words, vectors.matrix
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    row = {word: unit[i] for i, word in enumerate(words)}
    towards = {
        word: round(float(row[word] @ (row[GENDER[0]] - row[GENDER[1]])), 3)
        for word in PROFESSIONS
    }

    def names(found: list[tuple[str, float]]) -> list[str]:
        return [word for word, _ in found]

    return {
        "neighbours": {
            w: names(neighbours(w, words, matrix, 8)) for w in NEIGHBOURS_OF
        },
        "analogies": [
            {"question": list(q), "answers": names(analogy(*q, words, matrix, 3))}
            for q in QUESTIONS
        ],
        "she_minus_he": dict(sorted(towards.items(), key=lambda pair: -pair[1])),
    }


if __name__ == "__main__":
    main()
