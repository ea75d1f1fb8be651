"""Lesson 11, trained long: the lecture's word model on the recipes of the course.

The lecture's own recipes need an account to be downloaded, so the bundled ones are
used, with every setting of the lecture that they allow. A seed is saved as soon as it
is trained, and one that is in the record is not trained again::

    python results/11_word_lstm_recipes.py --seeds 0 1 2
    python results/11_word_lstm_recipes.py --words
    python results/11_word_lstm_recipes.py --passes
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
import time

import numpy as np

import course_utils
from course_utils.datasets.fetch import bundled_path
from course_utils.datasets.recipes import read_recipes
from course_utils.generation import Generator
from course_utils.profiles import Settings
from course_utils.results import read_results
from course_utils.sampling import reweight
from keeper.record import write_results

NAME = "11_word_lstm_recipes"
SETTINGS = Settings("word_lstm", "lecture")
HELD_OUT = 10  # one recipe in ten is not trained on
PROMPTS = (
    "recipe for roast",
    "recipe for roasted vegetables |",
    "recipe for chocolate ice cream |",
    "recipe for roasted vegetables | chop 1 /",
)
MEASURED = ("one_more_word", "training_passes")
LENGTHS = (1, 25, 50, 100, 150, 200)  # words of the prompt when a word is timed


def main() -> None:
    """Train the seeds that are not yet recorded, or measure a speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[])
    parser.add_argument("--words", action="store_true", help="time one more word")
    parser.add_argument("--passes", action="store_true", help="time ways of training")
    arguments = parser.parse_args()
    course_utils.start("lecture")
    recorded = [run["seed"] for run in read_record()["runs"]]
    for seed in arguments.seeds:
        if seed not in recorded:
            run = train(seed)
            record = read_record()  # another process may have added a seed
            record["runs"].append(run)
            write_results(NAME, describe(record))
    if arguments.words:
        measured = one_more_word()
        write_results(NAME, describe(read_record() | {"one_more_word": measured}))
    if arguments.passes:
        measured = training_passes()
        write_results(NAME, describe(read_record() | {"training_passes": measured}))


def read_record() -> dict:
    """Return what is recorded so far."""
    try:
        return read_results(NAME)
    except ValueError:
        return {"runs": []}


def train(seed: int) -> dict:
    """Train once with the lecture's settings; measure the loss both ways, and ask."""
    import keras

    keras.utils.set_random_seed(seed)
    tokens, held_out_tokens, words, apart = prepare(seed, SETTINGS)
    model = build(len(words), SETTINGS)
    # The lecture's loss: every position counts, the padding too.
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = []
    score = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: losses.append(both_losses(model, held_out_tokens))
    )
    history = model.fit(
        tokens[:, :-1],
        tokens[:, 1:],
        epochs=SETTINGS.epochs,
        batch_size=SETTINGS.batch_size,
        callbacks=[score],
        verbose=2,
    ).history
    return {
        "seed": seed,
        "words": len(words),
        "train": len(tokens),
        "held_out": len(held_out_tokens),
        "parameters": model.count_params(),
        "held_out_share": round(float((held_out_tokens[:, :-1] > 0).mean()), 4),
        "history": {
            "loss": rounded(history["loss"]),
            "held_out_masked": rounded(masked for masked, _ in losses),
            "held_out": rounded(padded for _, padded in losses),
        },
        "next_words": next_words(model, words, apart),
    }


def prepare(seed: int, settings: Settings):
    """Return tokens to train on, held-out tokens, the vocabulary, and all texts."""
    import keras

    texts = list(dict.fromkeys(read_recipes(bundled_path("recipes")).texts))
    apart = [re.sub(r"([^\w\s]|_)", r" \1 ", text).lower() for text in texts]
    order = np.random.default_rng(seed).permutation(len(apart))
    held_out = [apart[i] for i in order[::HELD_OUT]]
    training = [apart[i] for i in np.delete(order, np.s_[::HELD_OUT])]
    vectorize = keras.layers.TextVectorization(
        settings.num_words,
        standardize=None,
        output_sequence_length=settings.maxlen + 1,
    )
    vectorize.adapt(training)
    words = vectorize.get_vocabulary()
    tokens, held_out_tokens = (
        keras.ops.convert_to_numpy(vectorize(part)).astype("int32")
        for part in (training, held_out)
    )
    return tokens, held_out_tokens, words, apart


def build(num_words: int, settings: Settings):
    """Return the model for a vocabulary of that size."""
    import keras

    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(num_words, settings.embedding_dim),
            keras.layers.LSTM(settings.units, return_sequences=True),
            keras.layers.Dense(num_words, activation="softmax"),
        ]
    )


def both_losses(model, tokens: np.ndarray) -> tuple[float, float]:
    """Return the loss of words and stop, and the loss of all positions, in nats."""
    import keras

    losses = []
    for rows in np.array_split(tokens, len(tokens) // 20):
        loss = keras.ops.sparse_categorical_crossentropy(
            rows[:, 1:], model(rows[:, :-1], training=False)
        )
        losses.append(keras.ops.convert_to_numpy(loss))
    losses = np.concatenate(losses)
    counted = tokens[:, :-1] > 0  # a word stands before: a word or the stop follows
    return float(losses[counted].mean()), float(losses.mean())


def next_words(model, words: list[str], texts: list[str]) -> list[dict]:
    """Return the five likeliest words after each prompt, and the data's own counts."""
    index = {word: i for i, word in enumerate(words)}
    tokenized = [text.split() for text in texts]
    generator = Generator(model)
    tables = []
    for prompt in PROMPTS:
        start = prompt.split()
        logits = generator.logits([[index.get(word, 1) for word in start]])[0]
        p = np.exp(logits.astype("float64") - logits.max())
        best = np.argsort(-p)[:5]
        after = [t[len(start)] for t in tokenized if t[: len(start)] == start]
        tables.append(
            {
                "prompt": prompt,
                "recipes": len(after),
                "words": [words[i] for i in best],
                "1.0": rounded(reweight(p, 1.0)[best]),
                "0.2": rounded(reweight(p, 0.2)[best]),
                "counted": rounded([after.count(words[i]) / len(after) for i in best]),
            }
        )
    return tables


def one_more_word() -> dict:
    """Time one more word after texts of several lengths."""
    import keras

    keras.utils.set_random_seed(0)
    model = build(SETTINGS.num_words, SETTINGS)
    generator = Generator(model)
    rng = np.random.default_rng(0)
    again, carried = [], []
    for length in LENGTHS:
        prompt = rng.integers(2, SETTINGS.num_words, length)[None]
        model.predict(prompt, verbose=0)
        again.append(seconds(lambda p=prompt: model.predict(p, verbose=0), 15))
        # What one word adds: a text with 50 more words takes longer by 50 steps.
        short = seconds(lambda p=prompt: generator.generate(p, 1), 15)
        long = seconds(lambda p=prompt: generator.generate(p, 51), 15)
        carried.append((long - short) / 50)
    return {
        "what": "seconds for one more word, by the words before it: medians of 15",
        "parameters": model.count_params(),
        "lengths": LENGTHS,
        "read_again": [round(s, 6) for s in again],
        "state_carried": [round(s, 6) for s in carried],
    }


def training_passes() -> dict:
    """Time a pass over the recipes in four ways: the quick profile's model, medians."""
    settings = Settings("word_lstm", "quick")
    tokens, _, words, _ = prepare(0, settings)
    by_length = tokens[np.argsort((tokens > 0).sum(axis=1), kind="stable")]
    batches = range(0, len(tokens), settings.batch_size)
    rows = [slice(start, start + settings.batch_size) for start in batches]
    padded = [tokens[part] for part in rows]
    cut = [by_length[part] for part in rows]
    # As in the lesson: the width of a batch is a multiple of 8.
    widths = [8 * math.ceil((part > 0).sum(axis=1).max() / 8) for part in cut]
    cut = [part[:, : width + 1] for part, width in zip(cut, widths, strict=True)]
    ways = {
        "padded": (padded, False),
        "padded, jit_compile": (padded, True),
        "by length": (cut, False),
        "by length, jit_compile": (cut, True),
    }
    models, times = {}, {name: [] for name in ways}
    for name, (_, jit_compile) in ways.items():
        models[name] = build(len(words), settings)
        models[name].compile(
            "adam", "sparse_categorical_crossentropy", jit_compile=jit_compile
        )
    for _ in range(6):  # in turn, and the first pass of each one compiles
        for name, (parts, _) in ways.items():
            begin = time.perf_counter()
            for part in parts:
                models[name].train_on_batch(part[:, :-1], part[:, 1:])
            times[name].append(time.perf_counter() - begin)
    passes = {
        name: {
            "first_seconds": round(times[name][0], 2),
            "seconds": round(statistics.median(times[name][1:]), 2),
            "positions": sum(part[:, 1:].size for part in parts),
        }
        for name, (parts, _) in ways.items()
    }
    what = "seconds of a pass over the recipes: the first, the median of five more"
    return {"what": what, "recipes": len(tokens), "passes": passes}


def seconds(run, repeats: int) -> float:
    """Return the median seconds of a run."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def rounded(values) -> list[float]:
    """Round to the four digits that a record needs."""
    return [round(float(value), 4) for value in values]


def describe(record: dict) -> dict:
    """Put what it is, the settings and the spread over the seeds in front."""
    runs = sorted(record["runs"], key=lambda run: run["seed"])
    last = [run["history"]["held_out_masked"][-1] for run in runs]
    return {
        "what": "recipes word by word: loss in nats, with and without the padding",
        "data": "the bundled recipes, each once; one in ten is held out",
        "settings": {k: v for k, v in vars(SETTINGS).items() if k[0] != "_"},
        "seeds": [run["seed"] for run in runs],
        "held_out_masked": {
            "values": last,
            "mean": round(float(np.mean(last)), 4) if last else None,
        },
        **{key: record[key] for key in MEASURED if key in record},
        "runs": runs,
    }


if __name__ == "__main__":
    main()
