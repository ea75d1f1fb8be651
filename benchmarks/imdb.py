"""Train the lecture's readers of film reviews: time our way and Keras's defaults.

All ways train on the same 1,280 real reviews. ``imdb_pytorch.py`` adds PyTorch.
"""

import course_utils

course = course_utils.start("lecture", data=["reviews"])

from collections.abc import Callable  # noqa: E402

import keras  # noqa: E402 -- after start(), which silences its backend
import numpy as np  # noqa: E402
from pairs import compare, write  # noqa: E402

from course_utils.datasets.reviews import read_reviews  # noqa: E402
from course_utils.profiles import Settings  # noqa: E402
from course_utils.text import Vocabulary, tokenize  # noqa: E402

SETTINGS = Settings("lstm_and_gru", "lecture")
BATCHES = 10  # of each timed run
STEPS = 100  # batches of like length are padded to a multiple of this
LAYERS = {
    "SimpleRNN": keras.layers.SimpleRNN,
    "LSTM": keras.layers.LSTM,
    "GRU": keras.layers.GRU,
    "Bidirectional(LSTM)": lambda n: keras.layers.Bidirectional(keras.layers.LSTM(n)),
}
Batch = tuple[np.ndarray, np.ndarray]


def read() -> tuple[list[list[int]], np.ndarray]:
    """Return random training reviews as word indices, cut, and their labels."""
    texts, labels = read_reviews(course.data("reviews"), "train")
    tokens = [tokenize(text) for text in texts]
    vocabulary = Vocabulary.by_frequency(tokens, SETTINGS.num_words)
    some = np.random.default_rng(0).permutation(len(labels))
    some = some[: BATCHES * SETTINGS.batch_size]
    rows = [vocabulary.encode(tokens[i])[-SETTINGS.maxlen :] for i in some]
    return rows, labels[some].astype("float32")


def padded(rows: list, labels: np.ndarray) -> list[Batch]:
    """Make batches as the lecture does: every review has ``maxlen`` steps."""
    return [
        (
            keras.utils.pad_sequences([rows[i] for i in some], SETTINGS.maxlen),
            labels[some],
        )
        for some in np.split(np.arange(len(rows)), BATCHES)
    ]


def by_length(rows: list, labels: np.ndarray) -> list[Batch]:
    """Make batches of like length, each padded to the next multiple of ``STEPS``."""
    result = []
    for some in np.split(np.argsort([len(row) for row in rows]), BATCHES):
        longest = max(len(rows[i]) for i in some)
        steps = STEPS * -(-longest // STEPS)
        result.append(
            (keras.utils.pad_sequences([rows[i] for i in some], steps), labels[some])
        )
    return result


def keras_run(layer: str, data: list[Batch], **options) -> Callable[[], None]:
    """Return what trains a Keras model on all batches once."""
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(SETTINGS.num_words, SETTINGS.embedding_dim),
            LAYERS[layer](SETTINGS.units),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"], **options)

    def run() -> None:
        for x, y in data:
            model.train_on_batch(x, y)

    return run


def what(like: list[Batch]) -> str:
    """Say what is trained on."""
    steps = np.mean([x.shape[1] for x, _ in like])
    return (
        f"{BATCHES} batches of {SETTINGS.batch_size} real reviews; {SETTINGS.maxlen} "
        f"steps, by length {steps:.0f} on average"
    )


def main() -> None:
    """Compare, and write the record."""
    rows, labels = read()
    full, like = padded(rows, labels), by_length(rows, labels)
    compiled = {name: keras_run(name, full, jit_compile=True) for name in LAYERS}
    default = {name: keras_run(name, full) for name in LAYERS}
    short = keras_run("LSTM", like, jit_compile=True)
    ours, theirs = "LSTM, jit_compile, batches by length", "Keras's defaults"
    rivals = [
        ("LSTM, jit_compile", compiled["LSTM"], theirs, default["LSTM"]),
        (ours, short, theirs, default["LSTM"]),
        (ours, short, "LSTM, jit_compile", compiled["LSTM"]),
    ]
    rivals += [
        (f"{name}, jit_compile", compiled[name], theirs, default[name])
        for name in LAYERS
        if name != "LSTM"
    ]
    pairs = [compare(*rival) for rival in rivals]
    write("imdb", {"what": what(like), "pairs": pairs})


if __name__ == "__main__":
    main()
