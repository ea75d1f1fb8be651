"""How costs grow: with the vocabulary, the sequence, the data, and the text written.

Each cost is timed at several sizes; its slope on a log-log plot says how it grows: 0 is
not at all, 1 in proportion, 2 with the square. Writes the picture docs/growth.png.
"""

import course_utils

course_utils.start("lecture")

import statistics  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import keras  # noqa: E402 -- after start(), which silences its backend
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from generation import PROMPT, WORDS, word_loop, word_model  # noqa: E402
from glove_reader import make_file, use_loop, wanted_words  # noqa: E402
from matplotlib.ticker import NullFormatter  # noqa: E402
from pairs import TRY, seconds, write  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402

from course_utils.datasets.fetch import ROOT, bundled_path  # noqa: E402
from course_utils.datasets.glove import read_glove  # noqa: E402
from course_utils.datasets.reviews import read_reviews  # noqa: E402
from course_utils.generation import Generator  # noqa: E402
from course_utils.text import hashed_counts, tokenize  # noqa: E402

PICTURE = ROOT / "docs" / "growth.png"
REPEATS = 1 if TRY else 5
Curve = dict[str, Any]


def curve(
    name: str,
    sizes: Sequence[int],
    job: Callable[[int], Callable],
    repeats: int = REPEATS,
) -> Curve:
    """Time ``job(size)()`` at each size: medians and the slope on a log-log plot."""
    times = []
    for size in sizes:
        run = job(size)
        run()
        times.append(statistics.median(seconds(run) for _ in range(repeats)))
    slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
    print(f"{name}: slope {slope:.2f}", flush=True)
    return {
        "name": name,
        "sizes": list(sizes),
        "seconds": [float(f"{time:.4g}") for time in times],
        "slope": round(float(slope), 2),
    }


def vocabulary() -> list[Curve]:
    """Turn 10,000 words into vectors of 32: one-hot times a matrix, or look-up."""
    rng = np.random.default_rng(0)

    def one_hot_product(depth: int) -> Callable:
        indices = rng.integers(0, depth, 10_000)
        matrix = rng.normal(size=(depth, 32)).astype("float32")
        return lambda: np.eye(depth, dtype="float32")[indices] @ matrix

    def embedding(depth: int) -> Callable:
        indices = rng.integers(0, depth, 10_000)
        layer = keras.layers.Embedding(depth, 32)
        return lambda: layer(indices)

    sizes = [500, 1_000, 2_000, 4_000, 8_000]
    return [
        curve("one-hot times a matrix", sizes, one_hot_product),
        curve("Embedding", sizes, embedding),
    ]


def sequence() -> list[Curve]:
    """Train on a batch of 128 sequences of vectors of 32."""
    rng = np.random.default_rng(0)

    def training(layer: Callable) -> Callable[[int], Callable]:
        def job(steps: int) -> Callable:
            x = rng.normal(size=(128, steps, 32)).astype("float32")
            y = rng.integers(0, 2, (128, 1))
            parts = [keras.Input((steps, 32)), layer(), keras.layers.Dense(1)]
            model = keras.Sequential(parts)
            model.compile("rmsprop", "mse", jit_compile=True)
            return lambda: [model.train_on_batch(x, y) for _ in range(5)]

        return job

    sizes = [25, 50, 100, 200, 400, 800]
    return [
        curve("LSTM(32)", sizes, training(lambda: keras.layers.LSTM(32))),
        curve(
            "average of the vectors",
            sizes,
            training(keras.layers.GlobalAveragePooling1D),
        ),
    ]


def dataset() -> list[Curve]:
    """Count words of reviews; read vectors from files of many lines."""
    texts = read_reviews(bundled_path("reviews"), "train")[0]
    counter = CountVectorizer(tokenizer=tokenize, token_pattern=None, lowercase=False)
    reviews = [250, 500, 1_000, 2_000, 4_000]
    with tempfile.TemporaryDirectory() as folder:

        def reading(reader: Callable) -> Callable[[int], Callable]:
            def job(lines: int) -> Callable:
                path = Path(folder) / f"{lines}.txt"
                if not path.exists():
                    make_file(path, lines)
                words = wanted_words(lines, 500)
                return lambda: reader(str(path), words)

            return job

        lines = [8_000, 16_000, 32_000, 64_000]
        return [
            curve(
                "reviews: hashed_counts",
                reviews,
                lambda n: lambda: hashed_counts(texts[:n], 2**18),
            ),
            curve(
                "reviews: CountVectorizer",
                reviews,
                lambda n: lambda: counter.fit_transform(texts[:n]),
            ),
            curve("vectors: read_glove", lines, reading(read_glove)),
            curve("vectors: the lecture's loop", lines, reading(use_loop)),
        ]


def written() -> list[Curve]:
    """Write words after a prompt of three."""
    model = word_model()
    generator = Generator(model)
    rng = np.random.default_rng(0)

    def state_carried(words: int) -> Callable:
        return lambda: generator.generate([PROMPT["words"]], words)

    def read_again(words: int) -> Callable:
        text = rng.integers(0, WORDS, words)
        return lambda: [generator.logits([text[:n]]) for n in range(1, words + 1)]

    def read_again_by_predict(words: int) -> Callable:
        return lambda: word_loop(model, rng, words)

    sizes = [25, 50, 100, 200]
    return [
        curve("state carried", sizes, state_carried),
        curve("all read again, the same loop", sizes, read_again, 1),
        curve("all read again by predict", sizes, read_again_by_predict, 1),
    ]


PANELS = {
    "words in the vocabulary": vocabulary,
    "steps of a sequence": sequence,
    "reviews, or vectors in the file": dataset,
    "words written": written,
}


def draw(panels: dict[str, list[Curve]]) -> plt.Figure:
    """Return the picture of all panels."""
    figure, axes = plt.subplots(2, 2, figsize=(9, 7))
    styles = ["C0o-", "C1s--", "C2^-.", "C3D:"]
    for ax, (label, curves) in zip(axes.flat, panels.items(), strict=True):
        for one, style in zip(curves, styles, strict=False):
            name = f"{one['name']}: slope {one['slope']:.1f}"
            ax.loglog(one["sizes"], one["seconds"], style, label=name)
        sizes = sorted({size for one in curves for size in one["sizes"]})
        shown = sizes[:: 1 + len(sizes) // 7]
        ax.set_xticks(shown, [f"{size:,}" for size in shown])
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set(xlabel=label, ylabel="seconds")
        ax.margins(y=0.3)
        ax.grid(alpha=0.4)
        ax.legend(fontsize=8)
    figure.suptitle("How the time grows; a slope of 1 means: in proportion")
    return figure


def main() -> None:
    """Time, write the record and the picture."""
    panels = {label: measure() for label, measure in PANELS.items()}
    what = f"seconds, medians of up to {REPEATS}; slopes of lines on a log-log plot"
    write("growth", {"what": what, "panels": panels})
    figure = draw(panels)
    if not TRY:
        figure.savefig(PICTURE, dpi=100)


if __name__ == "__main__":
    main()
