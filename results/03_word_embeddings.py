"""Train the classifiers of lesson 03 on the real reviews, over several seeds.

``COURSE_DATA=… python results/03_word_embeddings.py`` writes the record
results/03_word_embeddings.json, which the lesson shows beside the lecture's figure.
"""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from course_utils.datasets.fetch import real_path
from course_utils.datasets.reviews import read_reviews
from course_utils.profiles import Settings
from course_utils.text import Vocabulary, tokenize
from keeper.record import write_results

SEEDS = (0, 1, 2, 3, 4)
POOLING = {
    "flatten": keras.layers.Flatten,
    "average": keras.layers.GlobalAveragePooling1D,
}
SETTINGS = Settings("word_embeddings", "lecture")


def build(pooling: str) -> keras.Model:
    """Return the lecture's classifier, with Flatten or with the average."""
    model = keras.Sequential(
        [
            keras.Input((SETTINGS.maxlen,), dtype="int32"),
            keras.layers.Embedding(SETTINGS.num_words, SETTINGS.embedding_dim),
            POOLING[pooling](),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def train(
    pooling: str, seed: int, indices: np.ndarray, labels: np.ndarray
) -> dict[str, Any]:
    """Shuffle, split, train once; measure also on validation words out of order."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(indices))
    x, y = indices[order], labels[order]
    model = build(pooling)
    begin = time.perf_counter()
    history = model.fit(
        x,
        y,
        batch_size=SETTINGS.batch_size,
        epochs=SETTINGS.epochs,
        validation_split=SETTINGS.validation_split,
        verbose=0,
    ).history
    seconds = time.perf_counter() - begin
    kept = int(len(x) * (1 - SETTINGS.validation_split))
    out_of_order = rng.permuted(x[kept:], axis=1)
    _, shuffled = model.evaluate(out_of_order, y[kept:], verbose=0)
    print(
        f"{pooling}, seed {seed}: {history['val_accuracy'][-1]:.4f}, "
        f"out of order {shuffled:.4f}, {seconds:.0f} s",
        flush=True,
    )
    return {
        "model": pooling,
        "seed": seed,
        "seconds_an_epoch": round(seconds / SETTINGS.epochs, 2),
        "val_accuracy_out_of_order": round(shuffled, 4),
        "history": {name: np.round(h, 4).tolist() for name, h in history.items()},
    }


def baseline(seed: int, indices: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy of logistic regression on the counts of the same words."""
    order = np.random.default_rng(seed).permutation(len(indices))
    x, y = indices[order], labels[order]
    rows, places = np.nonzero(x)
    counts = csr_matrix(
        (np.ones(len(rows)), (rows, x[rows, places])), (len(x), SETTINGS.num_words)
    )
    kept = int(len(x) * (1 - SETTINGS.validation_split))
    model = LogisticRegression(C=0.1, solver="liblinear").fit(counts[:kept], y[:kept])
    return round(model.score(counts[kept:], y[kept:]), 4)


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return mean and standard deviation over the seeds of one model's runs."""
    val = np.array([run["history"]["val_accuracy"] for run in runs])
    loss = np.array([run["history"]["val_loss"] for run in runs])
    figures = {
        "last_epoch": val[:, -1],
        "best_epoch": val.max(axis=1),
        "out_of_order": [run["val_accuracy_out_of_order"] for run in runs],
        "seconds_an_epoch": [run["seconds_an_epoch"] for run in runs],
    }
    spread = {
        name: {
            "mean": round(float(np.mean(values)), 4),
            "standard_deviation": round(float(np.std(values, ddof=1)), 4),
        }
        for name, values in figures.items()
    }
    return {**spread, "epoch_of_lowest_val_loss": (loss.argmin(axis=1) + 1).tolist()}


def main() -> None:
    """Read the reviews, train every model with every seed, write the record."""
    texts, labels = read_reviews(real_path("reviews"), "train")
    tokenized = [tokenize(text) for text in texts]
    vocabulary = Vocabulary.by_frequency(tokenized, SETTINGS.num_words)
    indices = keras.utils.pad_sequences(
        [vocabulary.encode(tokens) for tokens in tokenized], maxlen=SETTINGS.maxlen
    )
    runs = [train(model, seed, indices, labels) for model in POOLING for seed in SEEDS]
    record = {
        "what": "validation accuracy on the last 20 words of the real reviews",
        "command": "python results/03_word_embeddings.py",
        "settings": {k: v for k, v in vars(SETTINGS).items() if k[0] != "_"},
        "reviews": len(texts),
        "seeds": list(SEEDS),
        "baseline": [baseline(seed, indices, labels) for seed in SEEDS],
        "summary": {
            model: summary([run for run in runs if run["model"] == model])
            for model in POOLING
        },
        "runs": runs,
    }
    print(write_results("03_word_embeddings", record).name)


if __name__ == "__main__":
    main()
