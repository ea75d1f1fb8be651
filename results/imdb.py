"""What the recorded runs on the real film reviews share: lessons 07 and 08."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from course_utils import Course
from course_utils.datasets.reviews import read_reviews
from course_utils.profiles import Settings
from course_utils.results import RESULTS, read_results
from course_utils.text import Vocabulary, tokenize
from keeper.record import write_results

DATA = "Large Movie Review Dataset: 20,000 train, 5,000 validate, 25,000 test"


class Split(NamedTuple):
    """Reviews as word indices, each at its full length, and their labels (samples,)."""

    indices: list[list[int]]
    labels: np.ndarray

    def padded(self, maxlen: int, reverse: bool = False) -> np.ndarray:
        """Return (samples, maxlen): the last words, the padding in front.

        Args:
            maxlen: words kept.
            reverse: turn each review round first, so that its first words are kept.
        """
        import keras

        turned = [row[::-1] for row in self.indices] if reverse else self.indices
        return keras.utils.pad_sequences(turned, maxlen)


@functools.cache
def read_splits(course: Course, num_words: int) -> dict[str, Split]:
    """Return the splits "train" and "test", with the vocabulary of the first."""
    splits, vocabulary = {}, None
    for split in ("train", "test"):
        texts, labels = read_reviews(course.data("reviews"), split)
        tokens = [tokenize(text) for text in texts]
        vocabulary = vocabulary or Vocabulary.by_frequency(tokens, num_words)
        splits[split] = Split([vocabulary.encode(words) for words in tokens], labels)
    return splits


def train(
    build: Callable[[Settings], Any],
    seed: int,
    settings: Settings,
    splits: dict[str, Split],
    reverse: bool = False,
    callbacks: Sequence[Any] = (),
) -> tuple[Any, dict[str, Any]]:
    """Train with the lecture's settings; keep the weights of the best epoch.

    Args:
        build: makes the model, not yet compiled; it is called after the seed is set.
        seed: of the weights and of the order of the reviews.
        settings: num_words, maxlen, epochs, batch_size and validation_split.
        splits: as from ``read_splits``.
        reverse: read the reviews from their last word to their first.
        callbacks: further ones of the training.

    Returns:
        the model, and its run: parameters, history, best_epoch (of validation
        accuracy, counted from 1) and test_accuracy at that epoch.
    """
    import keras

    keras.utils.set_random_seed(seed)
    x = splits["train"].padded(settings.maxlen, reverse)
    y = splits["train"].labels
    order = np.random.default_rng(seed).permutation(len(x))  # they come by class
    model = build(settings)
    model.compile(
        "rmsprop", "binary_crossentropy", metrics=["accuracy"], jit_compile=True
    )
    best = keras.callbacks.EarlyStopping(
        "val_accuracy", patience=settings.epochs, restore_best_weights=True
    )
    history = model.fit(
        x[order],
        y[order],
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        validation_split=settings.validation_split,
        callbacks=[best, *callbacks],
        verbose=2,
    ).history
    probability = predict(model, splits["test"].padded(settings.maxlen, reverse))
    return model, {
        "parameters": model.count_params(),
        "history": {name: rounded(values) for name, values in history.items()},
        "best_epoch": best.best_epoch + 1,
        "test_accuracy": accuracy(probability, splits["test"].labels),
    }


def predict(model: Any, x: np.ndarray) -> np.ndarray:
    """Return the probability of "positive" of each review, (samples,)."""
    return model.predict(x, batch_size=500, verbose=0).ravel()


def accuracy(probability: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of right answers, to four digits."""
    return round(float(((probability > 0.5) == labels).mean()), 4)


def add_runs(
    name: str,
    jobs: Sequence[dict[str, Any]],
    run: Callable[..., dict[str, Any]],
    describe: Callable[[list[dict[str, Any]]], dict[str, Any]],
) -> None:
    """Do the jobs that the record does not hold; save it after each.

    So an interrupted script goes on where it stopped.

    Args:
        name: of the record.
        jobs: the arguments of ``run``, for example ``{"model": "LSTM", "seed": 0}``.
        run: does one job; what it returns is kept beside the arguments of the job.
        describe: makes the record of the runs; it holds them as "runs".
    """
    recorded = (RESULTS / f"{name}.json").exists()
    runs = read_results(name)["runs"] if recorded else []
    for job in jobs:
        if not any(job.items() <= done.items() for done in runs):
            runs.append(job | run(**job))
            write_results(name, describe(runs))


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return the values and their mean."""
    return {"values": values, "mean": round(float(np.mean(values)), 4)}


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the spread of the accuracies over the seeds of one model."""
    histories = [run["history"]["val_accuracy"] for run in runs]
    return {
        "seeds": [run["seed"] for run in runs],
        "best_val_accuracy": spread([max(history) for history in histories]),
        "last_val_accuracy": spread([history[-1] for history in histories]),
        "test_accuracy": spread([run["test_accuracy"] for run in runs]),
    }


def plain(settings: Settings) -> dict[str, Any]:
    """Return the settings as JSON can hold them."""
    return {name: v for name, v in vars(settings).items() if name[0] != "_"}


def rounded(values: Sequence[float]) -> list[float]:
    """Round to the four digits that a record needs."""
    return [round(float(value), 4) for value in values]
