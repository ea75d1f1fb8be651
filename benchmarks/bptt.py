"""Train on phrases one at a time, as the lecture does, and in batches: time an epoch.

Both ways run on one thread: the matrices are too small for two.
"""

import numpy as np
from pairs import compare, write
from threadpoolctl import threadpool_limits

from course_utils.bptt import ManyToOne, many_to_one_gradients
from course_utils.datasets.fetch import bundled_path
from course_utils.datasets.phrases import read_phrases
from course_utils.numpy_rnn import softmax
from course_utils.profiles import Settings
from course_utils.text import Vocabulary, one_hot, pad

SETTINGS = Settings("rnn_phrases", "lecture")
EPOCHS = 20  # of each timed run


def new_weights(features: int, dtype: str) -> ManyToOne:
    """Return the lecture's first weights, normal and small; the biases are zero."""
    rng = np.random.default_rng(0)
    units = SETTINGS.units
    shapes = [(features, units), (units, units), (units,), (units, 2), (2,)]
    return ManyToOne(
        *(
            (rng.normal(0, SETTINGS.weight_scale, shape) * (len(shape) > 1)).astype(
                dtype
            )
            for shape in shapes
        )
    )


def update(weights: ManyToOne, gradients: ManyToOne) -> None:
    """Clip, and go one step down."""
    for weight, gradient in zip(weights, gradients, strict=True):
        np.clip(gradient, -SETTINGS.clip, SETTINGS.clip, out=gradient)
        weight -= SETTINGS.learning_rate * gradient


def by_phrase(inputs: np.ndarray, label: int, weights: ManyToOne) -> ManyToOne:
    """Go through one phrase (steps, features) forward and backward, word by word."""
    kernel, recurrent_kernel, bias, output_kernel, output_bias = weights
    states = [np.zeros_like(bias)]
    for x in inputs:
        states.append(np.tanh(x @ kernel + states[-1] @ recurrent_kernel + bias))
    d_scores = softmax(states[-1] @ output_kernel + output_bias)
    d_scores[label] -= 1
    d_output_kernel = np.outer(states[-1], d_scores)
    d_kernel = np.zeros_like(kernel)
    d_recurrent_kernel = np.zeros_like(recurrent_kernel)
    d_bias = np.zeros_like(bias)
    d_state = d_scores @ output_kernel.T
    for t in reversed(range(len(inputs))):
        d_sum = d_state * (1 - states[t + 1] ** 2)
        d_kernel += np.outer(inputs[t], d_sum)
        d_recurrent_kernel += np.outer(states[t], d_sum)
        d_bias += d_sum
        d_state = d_sum @ recurrent_kernel.T
    return ManyToOne(d_kernel, d_recurrent_kernel, d_bias, d_output_kernel, d_scores)


def main() -> None:
    """Compare, and write the record."""
    texts, labels = read_phrases(bundled_path("phrases"), "en", "train")
    words = [text.split() for text in texts]
    lengths = np.array([len(phrase) for phrase in words])
    vocabulary = Vocabulary(word for phrase in words for word in phrase)
    indices = pad([vocabulary.encode(phrase) for phrase in words], lengths.max())
    # Each way in the type of numbers that is faster for it: float64 is NumPy's own
    # for single vectors, float32 halves the work of the large products.
    batch_x = one_hot(indices, vocabulary.depth, dtype="float32")
    phrase_x = [
        one_hot(row[:n], vocabulary.depth, dtype="float64")
        for row, n in zip(indices, lengths, strict=True)
    ]
    batch_weights = new_weights(vocabulary.depth, "float32")
    phrase_weights = new_weights(vocabulary.depth, "float64")
    rng = np.random.default_rng(0)

    def in_batches(size: int) -> None:
        for _ in range(EPOCHS):
            order = rng.permutation(len(texts))
            for first in range(0, len(texts), size):
                some = order[first : first + size]
                _, gradients = many_to_one_gradients(
                    batch_x[some], lengths[some], labels[some], batch_weights
                )
                update(batch_weights, gradients)

    def one_at_a_time() -> None:
        for _ in range(EPOCHS):
            for i in rng.permutation(len(texts)):
                gradients = by_phrase(phrase_x[i], labels[i], phrase_weights)
                update(phrase_weights, gradients)

    with threadpool_limits(1):
        pairs = [
            compare(
                name,
                lambda size=size: in_batches(size),
                "one phrase at a time",
                one_at_a_time,
                repeats=9,
            )
            for name, size in {
                "all phrases together": len(texts),
                f"batches of {SETTINGS.batch_size}": SETTINGS.batch_size,
            }.items()
        ]
    what = f"{EPOCHS} epochs over {len(texts)} English phrases"
    write("bptt", {"what": what, "pairs": pairs})


if __name__ == "__main__":
    main()
