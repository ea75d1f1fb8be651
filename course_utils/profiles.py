"""Which profile is in force, and every experiment's settings in one table."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any, NamedTuple

PROFILES = {
    "quick": "bundled data, no network, seconds",
    "lecture": "real data and the lectures' settings, minutes to hours",
}


class Setting(NamedTuple):
    """One setting of an experiment: its value in each profile and what it means."""

    quick: Any
    lecture: Any
    meaning: str


class Published(NamedTuple):
    """A figure that a lecture gives, and where it stands."""

    value: float
    source: str


EXPERIMENTS: dict[str, dict[str, Setting]] = {
    "one_hot": {
        "max_words": Setting(10, 10, "words kept of each sample"),
        "max_characters": Setting(50, 50, "characters kept of each sample"),
    },
    "hashing": {
        "dimensions": Setting(1_000, 1_000, "buckets of the hash"),
        "max_words": Setting(10, 10, "words kept of each sample"),
        "trials": Setting(50, 200, "random vocabularies for each measured point"),
    },
    "word_embeddings": {
        "num_words": Setting(2_000, 10_000, "size of the vocabulary, padding included"),
        "maxlen": Setting(20, 20, "words kept of each review, the last ones"),
        "embedding_dim": Setting(8, 8, "numbers for each word"),
        "epochs": Setting(10, 10, "passes over the training reviews"),
        "batch_size": Setting(32, 32, "reviews of a training step"),
        "validation_split": Setting(0.2, 0.2, "share held out to validate"),
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
            (200, 500, 1_000, 2_000, 4_000, 6_000),
            (200, 500, 1_000, 2_000, 5_000, 10_000, 15_000),
            "training reviews of each point of the learning curve",
        ),
        "curve_seeds": Setting(5, 5, "random choices of them for each point"),
        "mean_strength": Setting(100, 100, "C of the regression on mean vectors"),
        "count_strength": Setting(0.1, 0.1, "C of the regression on word counts"),
        "glove_member": Setting(
            None, "glove.6B.100d.txt", "which file of GloVe's zip, if it is the zip"
        ),
    },
    "rnn_phrases": {
        "units": Setting(64, 64, "numbers in the state"),
        "weight_scale": Setting(1e-3, 1e-3, "standard deviation of the first weights"),
        "learning_rate": Setting(0.02, 0.02, "share of the gradient in each update"),
        "clip": Setting(1, 1, "bound of each number of a gradient"),
        "epochs_by_hand": Setting(400, 1_000, "passes, one phrase at a time"),
        "epochs": Setting(1_000, 1_000, "passes in batches"),
        "batch_size": Setting(32, 32, "phrases of a training step, three languages"),
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
}


class Settings(SimpleNamespace):
    """The settings of one experiment in one profile; a notebook shows them as a table.

    Each setting is an attribute: ``settings.maxlen``.
    """

    def __init__(self, experiment: str, profile: str):
        self._rows = _experiment(experiment)
        self._profile = profile
        super().__init__(
            **{name: getattr(row, profile) for name, row in self._rows.items()}
        )

    def __repr__(self) -> str:
        pairs = (f"{name}={getattr(self, name)!r}" for name in self._rows)
        return f"Settings({', '.join(pairs)})"

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
    profile = os.environ.get("COURSE_PROFILE") or parameter or "quick"
    if profile not in PROFILES:
        raise ValueError(
            f"COURSE_PROFILE must be one of {', '.join(PROFILES)}, got {profile!r}"
        )
    return profile


def _experiment(name: str) -> dict[str, Setting]:
    if name not in EXPERIMENTS:
        raise ValueError(
            f"experiment must be one of {', '.join(EXPERIMENTS)}, got {name!r}"
        )
    return EXPERIMENTS[name]


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
