"""Train the lecture's readers of film reviews: time our way, Keras's and PyTorch's.

``COURSE_DATA=… python benchmarks/imdb_lstm.py`` writes results/imdb_lstm.json. All ways
train on the same 1,280 real reviews. PyTorch is no part of the course: where it is not
installed, its rows are left out, and the record says so.
"""

import course_utils

course = course_utils.start("lecture", data=["reviews"])

import importlib.util  # noqa: E402
from collections.abc import Callable  # noqa: E402

import keras  # noqa: E402 -- after start(), which silences its backend
import numpy as np  # noqa: E402
from measure import compare, write  # noqa: E402

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


def torch_run(data: list[Batch], packed: bool = False) -> Callable[[], None]:
    """Return what trains PyTorch's own LSTM on all batches once.

    Args:
        data: batches, the padding in front.
        packed: leave the padding out by ``pack_padded_sequence``.
    """
    import torch

    embedding = torch.nn.Embedding(SETTINGS.num_words, SETTINGS.embedding_dim)
    lstm = torch.nn.LSTM(SETTINGS.embedding_dim, SETTINGS.units, batch_first=True)
    dense = torch.nn.Linear(SETTINGS.units, 1)
    parameters = [p for m in (embedding, lstm, dense) for p in m.parameters()]
    optimizer = torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-7)
    loss = torch.nn.BCEWithLogitsLoss()
    inputs = []
    for x, y in data:
        lengths = torch.from_numpy(np.maximum((x > 0).sum(axis=1), 1))
        if packed:  # it wants the padding at the end
            x = keras.utils.pad_sequences(
                [row[row > 0] for row in x], x.shape[1], padding="post"
            )
        inputs.append((torch.from_numpy(x).long(), torch.from_numpy(y), lengths))

    def run() -> None:
        for x, y, lengths in inputs:
            optimizer.zero_grad()
            vectors = embedding(x)
            if packed:
                vectors = torch.nn.utils.rnn.pack_padded_sequence(
                    vectors, lengths, batch_first=True, enforce_sorted=False
                )
            _, (state, _) = lstm(vectors)
            loss(dense(state[0])[:, 0], y).backward()
            optimizer.step()

    return run


def main() -> None:
    """Compare, and write the record."""
    rows, labels = read()
    full, like = padded(rows, labels), by_length(rows, labels)
    compiled = {name: keras_run(name, full, jit_compile=True) for name in LAYERS}
    short = keras_run("LSTM", like, jit_compile=True)
    default = keras_run("LSTM", full)
    ours, ours_short = "LSTM, jit_compile", "LSTM, jit_compile, batches by length"

    rivals = [
        (ours, compiled["LSTM"], "Keras's defaults", default),
        (ours_short, short, "Keras's defaults", default),
        (ours_short, short, "LSTM, jit_compile", compiled["LSTM"]),
    ]
    has_torch = importlib.util.find_spec("torch") is not None
    if has_torch:
        theirs = torch_run(full)
        rivals += [
            (ours, compiled["LSTM"], "PyTorch's LSTM", theirs),
            (ours_short, short, "PyTorch's LSTM", theirs),
            (
                ours_short,
                short,
                "PyTorch's LSTM, batches by length",
                torch_run(like),
            ),
            (
                ours_short,
                short,
                "PyTorch's LSTM, batches by length, packed",
                torch_run(like, packed=True),
            ),
        ]
    else:
        print("PyTorch is not installed: the rows with PyTorch are left out.")
    rivals += [
        (
            f"{name}, jit_compile",
            compiled[name],
            "Keras's defaults",
            keras_run(name, full),
        )
        for name in LAYERS
        if name != "LSTM"
    ]
    steps = np.mean([x.shape[1] for x, _ in like])
    write(
        "imdb_lstm",
        f"{BATCHES} batches of {SETTINGS.batch_size} real reviews; {SETTINGS.maxlen} "
        f"steps, by length {steps:.0f} on average"
        + ("" if has_torch else "; PyTorch is not installed"),
        [compare(*rival, repeats=5) for rival in rivals],
    )


if __name__ == "__main__":
    main()
