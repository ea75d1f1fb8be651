"""Lesson 10 on the real novel: the lecture's recipe, a better one, and a long run.

Each run has a process of its own, so that its peak memory is its own. It keeps its
progress in ``build/`` after every epoch: an interrupted run goes on where it stopped::

    COURSE_DATA=../shared/data python results/10_char_lstm.py ngrams
    COURSE_DATA=../shared/data python results/10_char_lstm.py lecture
    COURSE_DATA=../shared/data python results/10_char_lstm.py every_position
    COURSE_DATA=../shared/data python results/10_char_lstm.py small_embedding
    COURSE_DATA=../shared/data python results/10_char_lstm.py long

A run with another seed (``--seed 1``) adds its best loss to the run of seed 0.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

import course_utils
from course_utils.datasets.fetch import ROOT
from course_utils.datasets.prose import clean_novel, read_prose
from course_utils.generation import Generator
from course_utils.profiles import Settings
from course_utils.results import read_results
from course_utils.text import streams
from keeper.record import write_section

NAME = "10_char_lstm"
HELD_OUT = 0.1  # the last tenth of the novel, which no model is trained on
CONTEXT = 60  # characters that a model has seen before the first that it is scored on
SEED = 0
PROMPT = "it was late in the evening, and "
TEMPERATURES = (0.2, 0.5, 1.0, 1.2)


def main() -> None:
    """Do one of the runs and put it into the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", choices=RUNS)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    name, seed = arguments.run, arguments.seed
    course = course_utils.start("lecture", data=["novel"], seed=seed)
    text = clean_novel(read_prose(course.data("novel")), end_stars=True)
    characters = sorted(set(text))
    indices = np.searchsorted(characters, list(text)).astype("int32")
    cut = round(len(text) * (1 - HELD_OUT))
    before = peak_gib()
    progress = ROOT / "build" / "results" / NAME / f"{name}_{seed}"
    run = RUNS[name](indices[:cut], indices[cut:], characters, progress)
    run["gib"] = peak_gib()
    if name != "ngrams":
        run = with_seeds(name, seed, run)
    about = {
        "what": "Pride and Prejudice, character by character: held-out loss in nats",
        "data": f"{len(text):,} characters, {len(characters)} distinct; "
        f"the last {len(text) - cut:,} are held out",
        "seed": SEED,
        "gib_before": before,  # with the libraries and the novel, the same for all
    }
    write_section(NAME, name, run, about=about)


def with_seeds(name: str, seed: int, run: dict) -> dict:
    """Return the run of ``SEED``, and the best held-out loss of every seed."""
    try:
        recorded = read_results(NAME).get(name, {})
    except ValueError:
        recorded = {}
    best = recorded.get("best_by_seed", {}) | {str(seed): min(run["held_out"])}
    kept = run if seed == SEED else recorded
    return kept | {"best_by_seed": dict(sorted(best.items()))}


def ngrams(
    train: np.ndarray, held_out: np.ndarray, characters: list[str], progress: Path
) -> dict:
    """Counts, the shorter contexts mixed in: bits by the characters before."""
    longest, k = 8, 5
    text, tail = ("".join(characters[i] for i in part) for part in (train, held_out))
    counts = [defaultdict(Counter) for _ in range(longest + 1)]
    for size in range(longest + 1):
        for i in range(size, len(text)):
            counts[size][text[i - size : i]][text[i]] += 1
    bits = np.zeros(longest + 1)
    places = range(CONTEXT, len(tail), 3)
    for i in places:
        p = 1 / len(characters)
        for size in range(longest + 1):
            seen = counts[size].get(tail[i - size : i], Counter())
            p = (seen[tail[i]] + k * p) / (seen.total() + k)
            bits[size] -= np.log2(p)
    return {"bits": [round(b, 4) for b in bits / len(places)]}


def lecture(
    train: np.ndarray, held_out: np.ndarray, characters: list[str], progress: Path
) -> dict:
    """The lecture's recipe: one prediction for each overlapping window, one-hot."""
    import keras

    settings = Settings("char_lstm", "lecture")
    starts = np.arange(0, len(train) - settings.maxlen, settings.step)
    x = np.zeros((len(starts), settings.maxlen, len(characters)), bool)
    y = np.zeros((len(starts), len(characters)), bool)
    for row, start in enumerate(starts):
        end = start + settings.maxlen
        x[row, np.arange(settings.maxlen), train[start:end]] = True
        y[row, train[end]] = True
    model = keras.Sequential(
        [
            keras.Input((settings.maxlen, len(characters))),
            keras.layers.LSTM(settings.units),
            keras.layers.Dense(len(characters), activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.RMSprop(settings.learning_rate), "categorical_crossentropy"
    )
    score = Score(progress, lambda: window_loss(model, held_out, settings.maxlen))
    score.fit(model, x, y, epochs=6, batch_size=settings.batch_size)
    return score.record(model)


def every_position(
    train: np.ndarray,
    held_out: np.ndarray,
    characters: list[str],
    progress: Path,
    settings: Settings | None = None,
) -> dict:
    """A target at every position, integers and an Embedding, the state carried."""
    import keras

    settings = settings or Settings("char_lstm_every_position", "lecture")
    steps = settings.epochs * len(train) // (settings.streams * settings.steps)
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    optimizer = keras.optimizers.Adam(rate)
    return stateful(train, held_out, characters, progress, settings, optimizer)[0]


def small_embedding(
    train: np.ndarray, held_out: np.ndarray, characters: list[str], progress: Path
) -> dict:
    """The same, but the first embeddings are as small as Keras makes them."""
    import keras

    settings = Settings("char_lstm_every_position", "lecture")
    settings.embedding_scale = keras.initializers.get("uniform").maxval / 3**0.5
    return every_position(train, held_out, characters, progress, settings)


def long(
    train: np.ndarray, held_out: np.ndarray, characters: list[str], progress: Path
) -> dict:
    """The better recipe with a larger network and dropout, and samples of it."""
    import keras

    settings = Settings("char_lstm_long", "lecture")
    steps = settings.epochs * len(train) // (settings.streams * settings.steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=settings.learning_rate, warmup_steps=200
    )
    optimizer = keras.optimizers.Adam(rate, clipnorm=1.0)
    record, model = stateful(train, held_out, characters, progress, settings, optimizer)
    prompt = np.searchsorted(characters, list(PROMPT))
    written = Generator(model).generate(
        [prompt] * len(TEMPERATURES), 400, temperature=TEMPERATURES, seed=SEED
    )
    samples = ["".join(characters[i] for i in row) for row in written]
    return {
        **record,
        "prompt": PROMPT,
        "samples": dict(zip(map(str, TEMPERATURES), samples, strict=True)),
    }


def stateful(
    train: np.ndarray,
    held_out: np.ndarray,
    characters: list[str],
    progress: Path,
    settings: Settings,
    optimizer,
) -> tuple[dict, object]:
    """Train a network whose state goes on from batch to batch; score each epoch.

    Returns:
        the record, and the network for texts of any number and length.
    """
    import keras

    def build(**shape):
        return keras.Sequential(
            [
                keras.Input(**shape, dtype="int32"),
                keras.layers.Embedding(
                    len(characters),
                    settings.embedding_dim,
                    keras.initializers.RandomNormal(stddev=settings.embedding_scale),
                ),
                keras.layers.LSTM(
                    settings.units,
                    return_sequences=True,
                    stateful="batch_shape" in shape,
                ),
                keras.layers.Dropout(settings.dropout),
                keras.layers.Dense(len(characters)),
            ]
        )

    model = build(batch_shape=(settings.streams, settings.steps))
    reader = build(shape=(None,))
    model.compile(
        optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )

    def measure() -> float:
        reader.set_weights(model.get_weights())
        return carried_loss(reader, held_out)

    score = Score(progress, measure)
    x, y = streams(train, settings.streams, settings.steps)
    score.fit(
        model, x, y, epochs=settings.epochs, batch_size=settings.streams, shuffle=False
    )
    return score.record(reader), reader


class Score:
    """The seconds of training and the held-out loss, epoch by epoch."""

    def __init__(self, folder: Path, measure: Callable[[], float]):
        self.measure = measure
        self.folder = folder
        self.progress = self.folder / "progress.json"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.seconds, self.held_out = [], []
        if self.progress.exists():
            self.seconds, self.held_out = json.loads(self.progress.read_text())

    def fit(self, model, x, y, **options) -> None:
        """Train, and go on from the last epoch that was saved."""
        import keras

        callbacks = [
            keras.callbacks.LambdaCallback(
                on_epoch_begin=self.begin, on_epoch_end=self.end
            ),
            keras.callbacks.BackupAndRestore(self.folder / "backup"),
        ]
        model.fit(x, y, callbacks=callbacks, verbose=0, **options)

    def begin(self, epoch: int, logs: dict | None = None) -> None:
        """Start the clock."""
        del self.seconds[epoch:], self.held_out[epoch:]
        self.clock = time.perf_counter()

    def end(self, epoch: int, logs: dict | None = None) -> None:
        """Stop the clock, then score."""
        self.seconds.append(round(time.perf_counter() - self.clock, 2))
        self.held_out.append(round(float(self.measure()), 4))
        self.progress.write_text(json.dumps([self.seconds, self.held_out]))
        print(epoch + 1, self.seconds[-1], logs["loss"], self.held_out[-1], flush=True)

    def record(self, model) -> dict:
        """Return what was measured; nothing is left of the saved progress."""
        shutil.rmtree(self.folder)
        return {
            "parameters": model.count_params(),
            "seconds": self.seconds,
            "held_out": self.held_out,
            "bits_per_character": round(min(self.held_out) / np.log(2), 4),
        }


def peak_gib() -> float:
    """Return the largest memory of this process so far, in GiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 3)


def window_loss(model, held_out: np.ndarray, maxlen: int) -> float:
    """Score each held-out character after the first ``maxlen``, in nats."""
    import keras

    total, ends = 0.0, np.arange(maxlen, len(held_out), 3)
    vocabulary = model.output_shape[-1]
    for some in np.array_split(ends, len(ends) // 500):
        rows = held_out[some[:, None] + np.arange(-maxlen, 0)]
        p = model(np.eye(vocabulary, dtype="float32")[rows], training=False)
        p = keras.ops.convert_to_numpy(p)
        total -= np.log(p[np.arange(len(p)), held_out[some]]).sum()
    return total / len(ends)


def carried_loss(model, held_out: np.ndarray, scored: int = 140) -> float:
    """Score each held-out character after the first ``CONTEXT``, in nats.

    The text is read in stretches side by side. Each begins ``CONTEXT`` characters
    early, so that no character is scored with less before it than a window has.
    """
    import keras

    starts = np.arange(0, len(held_out) - CONTEXT - scored, scored)
    losses = []
    for some in np.array_split(starts, len(starts) // 50):
        rows = held_out[some[:, None] + np.arange(CONTEXT + scored)]
        loss = keras.ops.sparse_categorical_crossentropy(
            rows[:, 1:], model(rows[:, :-1], training=False), from_logits=True
        )
        losses.append(keras.ops.convert_to_numpy(loss)[:, CONTEXT - 1 :])
    return np.concatenate(losses).mean()


RUNS = {
    "ngrams": ngrams,
    "lecture": lecture,
    "every_position": every_position,
    "small_embedding": small_embedding,
    "long": long,
}

if __name__ == "__main__":
    main()
