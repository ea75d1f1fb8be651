"""Train the network of lesson 05 on the phrases in every way, over several seeds.

``python results/05_rnn_from_scratch.py`` writes the record
results/05_rnn_from_scratch.json, which the lesson shows beside the lecture's facts.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from course_utils.bptt import (
    ManyToOne,
    elman_gradients,
    many_to_one,
    many_to_one_gradients,
)
from course_utils.datasets.fetch import bundled_path
from course_utils.datasets.phrases import read_phrases
from course_utils.numpy_rnn import elman, softmax
from course_utils.profiles import Settings
from course_utils.text import Vocabulary, one_hot, pad
from keeper.record import write_results

SETTINGS = Settings("rnn_phrases", "lecture")
SEEDS = (0, 1, 2, 3, 4)
LANGUAGES = ("en", "ru", "bg")
LOOK_EVERY = 10  # epochs between two looks at all training phrases
KEEP_EVERY = 50  # epochs between two points of the recorded history


class Batch(NamedTuple):
    """Phrases side by side: one-hot words, lengths, labels."""

    inputs: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray

    def take(self, rows: np.ndarray) -> Batch:
        """Return some of the phrases."""
        lengths = self.lengths[rows]
        return Batch(self.inputs[rows, : lengths.max()], lengths, self.labels[rows])


def read(language: str, dtype: str) -> tuple[Batch, Batch]:
    """Return the training and the test phrases; the vocabulary is the former's."""
    path = bundled_path("phrases")
    parts = [read_phrases(path, language, split) for split in ("train", "test")]
    words = [[text.split() for text in part.texts] for part in parts]
    vocabulary = Vocabulary(word for phrase in words[0] for word in phrase)
    batches = []
    for part, phrases in zip(parts, words, strict=True):
        lengths = np.array([len(phrase) for phrase in phrases])
        indices = pad([vocabulary.encode(p) for p in phrases], lengths.max())
        inputs = one_hot(indices, vocabulary.depth, dtype=dtype)
        batches.append(Batch(inputs, lengths, part.labels.astype(int)))
    return batches[0], batches[1]


def new_weights(features: int, seed: int, dtype: str) -> ManyToOne:
    """Return the lecture's first weights: N(0, 1) / 1000, biases zero."""
    rng = np.random.default_rng(seed)
    units, scale = SETTINGS.units, SETTINGS.weight_scale
    weights = ManyToOne(
        rng.normal(0, scale, (features, units)),
        rng.normal(0, scale, (units, units)),
        np.zeros(units),
        rng.normal(0, scale, (units, 2)),
        np.zeros(2),
    )
    return ManyToOne(*(weight.astype(dtype) for weight in weights))


def slip_gradients(batch: Batch, weights: ManyToOne) -> tuple[float, ManyToOne]:
    """Return what ``many_to_one_gradients`` does, without the transpose."""
    rows, ends = np.arange(len(batch.labels)), batch.lengths - 1
    states = elman(batch.inputs, *weights[:3])
    last = states[rows, ends]
    d_scores = softmax(last @ weights.output_kernel + weights.output_bias)
    loss = -np.log(d_scores[rows, batch.labels]).sum()
    d_scores[rows, batch.labels] -= 1
    d_states = np.zeros_like(states)
    d_states[rows, ends] = d_scores @ weights.output_kernel.T
    turned = weights.recurrent_kernel.T  # the function transposes it once more
    inner = elman_gradients(d_states, batch.inputs, states, weights.kernel, turned)
    outer = last.T @ d_scores, d_scores.sum(axis=0)
    return loss, ManyToOne(inner.kernel, inner.recurrent_kernel, inner.bias, *outer)


def accuracy(batch: Batch, weights: ManyToOne) -> float:
    """Return the share of phrases that the network gets right."""
    scores = many_to_one(batch.inputs, batch.lengths, weights)
    return float((scores.argmax(axis=1) == batch.labels).mean())


def train(
    way: str,
    language: str,
    seed: int,
    batch_size: int,
    clip: float = SETTINGS.clip,
    slip: bool = False,
) -> dict[str, Any]:
    """Train once; ``batch_size`` 0 puts all phrases into one batch."""
    dtype = "float64" if batch_size == 1 else "float32"
    data, test = read(language, dtype)
    weights = new_weights(data.inputs.shape[2], seed, dtype)
    rng = np.random.default_rng(seed)
    count = len(data.labels)
    history: dict[str, list[float]] = {"epoch": [], "loss": [], "accuracy": []}
    all_right = None
    begin = time.perf_counter()
    for epoch in range(1, SETTINGS.epochs + 1):
        order = rng.permutation(count)
        loss = 0.0
        for first in range(0, count, batch_size or count):
            batch = data.take(order[first : first + (batch_size or count)])
            gradients_of = slip_gradients if slip else _gradients
            part, gradients = gradients_of(batch, weights)
            loss += part
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= SETTINGS.learning_rate * np.clip(gradient, -clip, clip)
        if epoch % LOOK_EVERY == 0:
            right = accuracy(data, weights)
            if right == 1 and all_right is None:
                all_right = epoch
        if epoch % KEEP_EVERY == 0:
            history["epoch"].append(epoch)
            history["loss"].append(round(float(loss) / count, 4))
            history["accuracy"].append(round(right, 4))
    seconds = time.perf_counter() - begin
    run = {
        "way": way,
        "language": language,
        "seed": seed,
        "milliseconds_an_epoch": round(1000 * seconds / SETTINGS.epochs, 2),
        "all_right_at_epoch": all_right,
        "train_accuracy": history["accuracy"][-1],
        "test_accuracy": round(accuracy(test, weights), 4),
        "history": history,
    }
    print({name: run[name] for name in run if name != "history"}, flush=True)
    return run


def _gradients(batch: Batch, weights: ManyToOne) -> tuple[float, ManyToOne]:
    return many_to_one_gradients(*batch, weights)


def main() -> None:
    """Train in every way, in every language, with every seed; write the record."""
    ways: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
        "one phrase at a time": (LANGUAGES, {"batch_size": 1}),
        "all together": (LANGUAGES, {"batch_size": 0}),
        "batches": (LANGUAGES, {"batch_size": SETTINGS.batch_size}),
        "all together, without transpose": (
            LANGUAGES,
            {"batch_size": 0, "slip": True},
        ),
        "all together, without clipping": (
            LANGUAGES,
            {"batch_size": 0, "clip": np.inf},
        ),
    }
    runs = [
        train(way, language, seed, **options)
        for way, (languages, options) in ways.items()
        for language in languages
        for seed in SEEDS
    ]
    record = {
        "what": "sentiment of phrases, accuracy after all epochs, every way and seed",
        "command": "python results/05_rnn_from_scratch.py",
        "settings": {k: v for k, v in vars(SETTINGS).items() if k[0] != "_"},
        "phrases": {
            language: [len(part.labels) for part in read(language, "float32")]
            for language in LANGUAGES
        },
        "seeds": list(SEEDS),
        "runs": runs,
    }
    print(write_results("05_rnn_from_scratch", record).name)


if __name__ == "__main__":
    main()
