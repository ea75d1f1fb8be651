"""Which profile is in force, and every experiment's settings in one table."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, NamedTuple

from course_utils._arguments import shown

PROFILES = {
    "quick": "bundled data, no network, seconds",
    "lecture": "real data and the lectures' settings, minutes to hours",
    "record": "real data and what two cores can do, for the records in results/",
}


class Setting(NamedTuple):
    """One setting of an experiment: its value in each profile and what it means.

    A record is made with the lecture's value, unless it is said otherwise.
    """

    quick: Any
    lecture: Any
    meaning: str
    record: Any = ...


class Published(NamedTuple):
    """A figure that a lecture gives, and where it stands."""

    value: float
    source: str


EXPERIMENTS: dict[str, dict[str, Setting]] = {
    "one_hot": {
        "max_words": Setting(10, 10, "words kept of each sample"),
        "max_characters": Setting(50, 50, "characters kept of each sample"),
        "count_strengths": Setting(
            (0.01, 0.1, 1), (0.01, 0.1, 1), "C to choose from, for counts"
        ),
        "tfidf_strengths": Setting(
            (1, 10, 100, 1_000), (1, 10, 100, 1_000), "C to choose from, for TF-IDF"
        ),
    },
    "hashing": {
        "dimensions": Setting(1_000, 1_000, "buckets of the hash"),
        "max_words": Setting(10, 10, "words kept of each sample"),
        "trials": Setting(2_000, 2_000, "random vocabularies for each measured point"),
        "hash_functions": Setting(5, 3, "for each number of buckets", record=2),
        "buckets": Setting(
            (16, 64, 256, 1_024, 4_096, 8_192),
            (16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144),
            "numbers of buckets that a classifier tries",
        ),
    },
    "word_embeddings": {
        "num_words": Setting(2_000, 10_000, "size of the vocabulary, padding included"),
        "maxlen": Setting(20, 20, "words kept of each review, the last ones"),
        "embedding_dim": Setting(8, 8, "numbers for each word"),
        "epochs": Setting(10, 10, "passes over the training reviews"),
        "batch_size": Setting(32, 32, "reviews of a training step"),
        "validation_split": Setting(0.2, 0.2, "share held out to validate"),
        "lengths": Setting((20, 60, 300), (20, 100, 500), "words that the rivals read"),
    },
    "pretrained_glove": {
        "num_words": Setting(2_000, 10_000, "size of the vocabulary, padding included"),
        "maxlen": Setting(100, 100, "words kept of each review, the last ones"),
        "train_samples": Setting(200, 200, "reviews that train"),
        "validation_samples": Setting(2_000, 10_000, "reviews that validate"),
        "units": Setting(32, 32, "units of the hidden layer, relu"),
        "epochs": Setting(20, 20, "passes over the training reviews"),
        "batch_size": Setting(32, 32, "reviews of a training step"),
        "fine_tune_epochs": Setting(10, 10, "further passes, all layers learning"),
        "fine_tune_rate": Setting(1e-4, 1e-4, "learning rate of these passes"),
        "curve_samples": Setting(
            (200, 1_000, 4_000),
            (200, 500, 1_000, 2_000, 5_000, 10_000, 15_000),
            "training reviews of each point of the learning curve",
        ),
        "curve_seeds": Setting(3, 5, "random choices of them for each point"),
        "glove_member": Setting(
            None, "glove.6B.100d.txt", "which file of GloVe's zip, if it is the zip"
        ),
    },
    "rnn_phrases": {
        "units": Setting(64, 64, "numbers in the state"),
        "weight_scale": Setting(1e-3, 1e-3, "standard deviation of the first weights"),
        "learning_rate": Setting(0.02, 0.02, "share of the gradient in each update"),
        "clip": Setting(1, 1, "bound of each number of a gradient"),
        "epochs": Setting(400, 1_000, "passes over the phrases"),
        "batch_size": Setting(32, 32, "phrases of a training step, in batches"),
        "languages": Setting(
            ("en",), ("en",), "in which slips are tried", record=("en", "ru", "bg")
        ),
    },
    "exploding": {
        "units": Setting(32, 32, "numbers in the state"),
        "steps": Setting(80, 80, "numbers in a sequence"),
        "batch_size": Setting(32, 32, "sequences of a training step"),
        "updates": Setting(200, 200, "training steps"),
        "learning_rates": Setting(
            (0.3,),
            (0.3,),
            "each is tried",
            record=(0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 1.0),
        ),
    },
    "noisy_sine": {
        "steps": Setting(1_000, 1_000, "length N of the series"),
        "train_steps": Setting(800, 800, "how many of them train"),
        "window": Setting(4, 4, "values that the forecast sees"),
        "units": Setting(32, 32, "units of SimpleRNN, relu"),
        "hidden": Setting(8, 8, "units of the first dense layer, relu"),
        "epochs": Setting(100, 100, "passes over the training windows"),
        "batch_size": Setting(16, 16, "windows of a training step"),
    },
    "simple_rnn": {
        "num_words": Setting(2_000, 10_000, "size of the vocabulary, padding included"),
        "maxlen": Setting(200, 500, "words kept of each review, the last ones"),
        "embedding_dim": Setting(32, 32, "numbers for each word"),
        "units": Setting(32, 32, "units of SimpleRNN"),
        "epochs": Setting(6, 10, "passes over the training reviews"),
        "batch_size": Setting(32, 128, "reviews of a training step"),
        "validation_split": Setting(0.2, 0.2, "share held out to validate"),
        "ngram": Setting(5, 2, "longest run of words that the rival counts"),
        "block": Setting(10, 25, "words that are wiped out together"),
        "reach": Setting(100, 500, "how far from the end, in words"),
    },
    "long_memory": {
        "steps": Setting(100, 200, "numbers in a sequence"),
        "samples": Setting(8_000, 8_000, "sequences that train"),
        "units": Setting(16, 16, "units of each layer"),
        "rates": Setting(
            None,
            None,
            "learning rates of Adam that are tried; none: the chosen one",
            record=(0.01, 0.003, 0.001),
        ),
        "clipnorm": Setting(1.0, 1.0, "longest gradient that is left as it is"),
        "batch_size": Setting(64, 64, "sequences of a training step"),
        "epochs": Setting(4, 12, "passes over the sequences"),
    },
    "lstm_and_gru": {
        "num_words": Setting(2_000, 10_000, "size of the vocabulary, padding included"),
        "maxlen": Setting(100, 500, "words kept of each review, the last ones"),
        "embedding_dim": Setting(32, 32, "numbers for each word"),
        "units": Setting(32, 32, "units of the recurrent layer"),
        "batch_size": Setting(64, 128, "reviews of a training step"),
        "validation_split": Setting(0.3, 0.2, "share held out to validate"),
        "optimizer": Setting("Adam", "RMSprop", "the rule of the training steps"),
        "clipnorm": Setting(1.0, None, "longest gradient that is left as it is"),
        "learning_rate": Setting(0.006, 0.001, "in the early epochs"),
        "early_epochs": Setting(5, 10, "how many these are"),
        "late_rate": Setting(0.001, 0.001, "learning rate of the other epochs"),
        "epochs": Setting(7, 10, "passes over the training reviews"),
        "ngram": Setting(5, 2, "longest run of words that the rival counts"),
        "kinds": Setting(
            ("LSTM",),
            ("LSTM",),
            "layers that read",
            record=("LSTM", "GRU", "SimpleRNN, identity"),
        ),
        "block": Setting(10, 25, "words that are wiped out together"),
        "reach": Setting(100, 500, "how far from the end, in words"),
    },
    "weather_gru": {
        "train_end": Setting(
            0.48, 200_000, "row, or share of the rows, to train", record=0.48
        ),
        "validation_end": Setting(
            0.72, 300_000, "the same, to validate; the rest test", record=0.72
        ),
        "lookback": Setting(432, 1_440, "rows back: 3 days, or 10", record=432),
        "step": Setting(12, 6, "rows from one value to the next", record=12),
        "delay": Setting(144, 144, "rows ahead: 24 hours"),
        "trees": Setting(150, 300, "trees to choose from, in boosting", record=150),
        "units": Setting(32, 32, "units of the GRU"),
        "learning_rate": Setting(0.002, 0.001, "of RMSprop", record=0.002),
        "batch_size": Setting(128, 128, "windows of a training step"),
        "steps_per_epoch": Setting(
            60, 500, "batches that are called an epoch", record=60
        ),
        "epochs": Setting(4, 40, "epochs, of which the best is kept", record=6),
        "dropout": Setting(0.2, 0.2, "share of the inputs, and of the state"),
    },
    "bidirectional": {
        "num_words": Setting(2_000, 10_000, "size of the vocabulary, padding included"),
        "longest": Setting(70, 10_000, "longest review that is used, in words"),
        "maxlen": Setting(70, 500, "words kept of each review"),
        "one_way_dim": Setting(32, 128, "numbers for each word, one direction"),
        "embedding_dim": Setting(32, 32, "numbers for each word, both directions"),
        "units": Setting(32, 32, "units of an LSTM in one direction"),
        "epochs": Setting(5, 10, "passes over the training reviews"),
        "batch_size": Setting(64, 128, "reviews of a training step"),
        "validation_split": Setting(0.2, 0.2, "share held out to validate"),
    },
    "char_rnn_greedy": {
        "maxlen": Setting(10, 10, "characters that the model sees"),
        "units": Setting(128, 128, "units of SimpleRNN"),
        "batch_size": Setting(128, 128, "windows of a training step"),
        "epochs": Setting(4, 25, "passes over the windows", record=4),
    },
    "char_lstm": {
        "maxlen": Setting(60, 60, "characters that the model sees"),
        "step": Setting(3, 3, "characters from one window to the next"),
        "units": Setting(128, 128, "units of the LSTM"),
        "learning_rate": Setting(0.01, 0.01, "of RMSprop"),
        "batch_size": Setting(128, 128, "windows of a training step"),
        "windows": Setting(
            5_600, None, "windows that train; None: all there are", record=21_000
        ),
        "epochs": Setting(1, 60, "passes over the training windows", record=1),
    },
    "char_lstm_every_position": {
        "streams": Setting(64, 64, "places in the text that are read side by side"),
        "steps": Setting(16, 16, "characters of a training step, each with a target"),
        "embedding_dim": Setting(32, 32, "numbers for each character"),
        "embedding_scale": Setting(1.0, 1.0, "standard deviation of them at first"),
        "units": Setting(128, 128, "units of the LSTM"),
        "learning_rate": Setting(0.015, 0.015, "of Adam, falling to 0 as a cosine"),
        "dropout": Setting(0.0, 0.0, "share of the states dropped before the output"),
        "epochs": Setting(3, 6, "passes over the text", record=2),
        "control_batch": Setting(16, 16, "windows of a training step, for comparison"),
    },
    "char_lstm_large": {
        "streams": Setting(32, 64, "places in the text that are read side by side"),
        "steps": Setting(
            16, 32, "characters of a training step, each with a target", record=16
        ),
        "embedding_dim": Setting(32, 64, "numbers for each character", record=32),
        "embedding_scale": Setting(1.0, 1.0, "standard deviation of them at first"),
        "units": Setting(256, 512, "units of the LSTM", record=256),
        "learning_rate": Setting(0.015, 0.003, "of Adam, at its highest", record=0.01),
        "dropout": Setting(
            0.4, 0.5, "share of the states dropped before the output", record=0.2
        ),
        "epochs": Setting(8, 16, "passes over the text", record=4),
    },
    "word_lstm": {
        "num_words": Setting(2_000, 10_000, "size of the vocabulary", record=2_000),
        "merges": Setting(200, 200, "merges of byte-pair encoding"),
        "maxlen": Setting(200, 200, "words that the model reads of each recipe"),
        "embedding_dim": Setting(64, 100, "numbers for each word", record=64),
        "units": Setting(128, 128, "units of the LSTM"),
        "dropout": Setting(0.0, 0.0, "before and after the LSTM"),
        "learning_rate": Setting(0.02, 0.001, "of Adam, at the start", record=0.02),
        "epochs": Setting(4, 25, "passes over the training recipes", record=4),
        "batch_size": Setting(8, 32, "recipes of a training step", record=8),
        "lecture_epochs": Setting(
            0, 0, "epochs of the lecture's model, padding and all", record=4
        ),
    },
    "scaling_out": {
        "steps": Setting(50, 50, "characters of a row, each with a target"),
        "units": Setting(128, 128, "units of the LSTM"),
        "batch_size": Setting(256, 256, "rows of a training step, of all ranks"),
        "learning_rate": Setting(0.01, 0.01, "of Adam"),
        "epochs": Setting(2, 5, "passes over the rows"),
        "dimensions": Setting(1_000, 1_000, "buckets of the hash"),
        "parts": Setting(4, 16, "parts of the reviews that are hashed apart"),
    },
}

PUBLISHED: dict[str, Published] = {
    "bag_of_2_grams": Published(11, "lecture 14, section 16.1"),
    "bag_of_3_grams": Published(15, "lecture 14, section 16.1"),
    "character_tokens": Published(96, "lecture 14, section 16.1"),
    "embedding_parameters": Published(64_000, "lecture 14, section 16.1"),
    "embedding_val_accuracy": Published(
        0.755, "Deep Learning with Python, 1st ed., notebook 6.1, last epoch"
    ),
    "glove_low": Published(
        0.54, "Deep Learning with Python, 1st ed., notebook 6.1, lower end"
    ),
    "glove_high": Published(
        0.57, "Deep Learning with Python, 1st ed., notebook 6.1, upper end"
    ),
    "without_glove": Published(
        0.52, "Deep Learning with Python, 1st ed., notebook 6.1"
    ),
    "phrases_train": Published(58, "lecture 3, sentiment of phrases"),
    "phrases_test": Published(20, "lecture 3, sentiment of phrases"),
    "simple_rnn_parameters": Published(322_080, "lecture 14, section 16.2"),
    "simple_rnn_low": Published(
        0.80, "public notebooks of Deep Learning with Python, 1st ed., low end"
    ),
    "simple_rnn_high": Published(
        0.83, "public notebooks of Deep Learning with Python, 1st ed., high end"
    ),
    "reversed_low": Published(
        0.857, "public notebooks of Deep Learning with Python, 1st ed., low end"
    ),
    "reversed_high": Published(
        0.877, "public notebooks of Deep Learning with Python, 1st ed., high end"
    ),
    "bidirectional_low": Published(
        0.879, "public notebooks of Deep Learning with Python, 1st ed., low end"
    ),
    "bidirectional_high": Published(
        0.883, "public notebooks of Deep Learning with Python, 1st ed., high end"
    ),
    "homework_characters": Published(712_148, "homework report"),
    "homework_windows": Published(237_363, "homework report"),
    "homework_loss": Published(1.1, "homework report, training, after 60 epochs"),
    "greedy_parameters": Published(37_586, "lecture 3, text by characters"),
    "weather_naive": Published(
        2.57, "Deep Learning with Python, 1st ed., notebook 6.3, °C"
    ),
    "weather_gru_best": Published(
        0.262, "Deep Learning with Python, 1st ed., notebook 6.3, standardized"
    ),
    "weather_dropout_best": Published(
        0.263, "Deep Learning with Python, 1st ed., notebook 6.3, standardized"
    ),
    "weather_stacked_best": Published(
        0.276, "Deep Learning with Python, 1st ed., notebook 6.3, standardized"
    ),
    "weather_reversed_best": Published(
        0.41, "Deep Learning with Python, 1st ed., notebook 6.3, standardized"
    ),
    "weather_naive_standardized": Published(
        0.29, "Deep Learning with Python, 1st ed., notebook 6.3, standardized"
    ),
    "lstm_layer_parameters": Published(
        117_248, "Bulgarian lecture, week 4, LSTM(128) on vectors of 100"
    ),
    "imdb_lstm_best": Published(
        0.893, "public notebooks of Deep Learning with Python, 1st ed., best epoch"
    ),
    "imdb_lstm_last": Published(
        0.876, "public notebooks of Deep Learning with Python, 1st ed., last epoch"
    ),
    "word_lstm_parameters": Published(
        2_407_248, "Bulgarian lecture, week 4, summary of the model"
    ),
    "word_lstm_loss_1": Published(4.45, "Bulgarian lecture, week 4, epoch 1"),
    "word_lstm_loss_2": Published(3.23, "Bulgarian lecture, week 4, epoch 2"),
    "word_lstm_loss_3": Published(2.62, "Bulgarian lecture, week 4, epoch 3"),
    "word_lstm_loss_4": Published(2.34, "Bulgarian lecture, week 4, epoch 4"),
}


class Settings(SimpleNamespace):
    """The settings of one experiment in one profile; a notebook shows them as a table.

    Each setting is an attribute: ``settings.maxlen``.
    """

    def __init__(self, experiment: str, profile: str):
        self._rows = EXPERIMENTS[_one_of("experiment", experiment, EXPERIMENTS)]
        self._profile = _one_of("profile", profile, PROFILES)
        values = {name: getattr(row, profile) for name, row in self._rows.items()}
        for name, row in self._rows.items():
            values[name] = row.lecture if values[name] is ... else values[name]
        super().__init__(**values)

    def __getattr__(self, name: str) -> Any:
        # Called for what is not there: also by Jupyter, and by what copies objects.
        known = "" if name.startswith("_") else f"; there are {', '.join(self._rows)}"
        raise AttributeError(f"there is no setting {shown(name)}{known}")

    def __repr__(self) -> str:
        pairs = (f"{name}={getattr(self, name)!r}" for name in self._rows)
        return f"Settings({', '.join(pairs)})"

    def values(self) -> dict[str, Any]:
        """Return every setting by its name."""
        return {name: getattr(self, name) for name in self._rows}

    def _repr_markdown_(self) -> str:
        lines = [
            f"| setting | {self._profile} | lecture | meaning |",
            "|---|---|---|---|",
        ]
        for name, row in self._rows.items():
            here, there = (_number(v) for v in (getattr(self, name), row.lecture))
            lines.append(f"| `{name}` | {here} | {there} | {row.meaning} |")
        return "\n".join(lines)


def choose_profile(parameter: str | None = None) -> str:
    """Return the profile in force: ``COURSE_PROFILE``, else ``parameter``, else quick.

    Args:
        parameter: what the notebook's ``parameters`` cell says.

    Raises:
        ValueError: if there is no profile of that name.
    """
    # The shell of Windows keeps the space of "set COURSE_PROFILE=lecture && …".
    environment = os.environ.get("COURSE_PROFILE", "").strip()
    profile = str(environment or parameter or "quick").strip().lower()
    return _one_of("COURSE_PROFILE", profile, PROFILES)


def _one_of(what: str, name: str, known: dict[str, Any]) -> str:
    """Return a name that is known, or say which are."""
    if name not in list(known):  # a list, for a name may be no key
        raise ValueError(f"{what} must be one of {', '.join(known)}, got {shown(name)}")
    return name


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
