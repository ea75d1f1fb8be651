"""Make ``data/bundled/vectors.50d.txt.gz``: word vectors in GloVe's text format.

The vectors come from counts. How often two words stand near each other, nearer
pairs counting more, fills a square table; a truncated singular value decomposition
of its logarithm leaves 50 numbers a word. The corpus, 50,000 film reviews and two
books, is not part of the course; only the vectors are.

    python data/generators/vectors.py --corpus DIR     write the file again
    python data/generators/vectors.py --neighbours     print the table of neighbours
    python data/generators/vectors.py --evaluate       measure on 200 real reviews
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import svds

from course_utils.datasets.files import read_text
from course_utils.datasets.glove import Vectors, read_glove
from course_utils.datasets.reviews import read_reviews
from course_utils.embeddings import embedding_matrix, neighbours
from course_utils.text import Vocabulary, tokenize
from keeper.record import write_results

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "data" / "bundled" / "vectors.50d.txt.gz"

NUM_WORDS = 12_000
DIM = 50
WINDOW = 10
# The two strongest directions of the table only say how frequent a word is and
# whether it is a function word; without them the neighbours are better.
DROPPED = 2

REVIEWS = "aclImdb_labelled.tar.gz"
BOOKS = ("pride_and_prejudice_1342-0.txt", "nietzsche.txt")
GLOVE = "glove.6B.50d.top50k.txt"
TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
PLAIN = re.compile(r"[a-z]+(?:'[a-z]+)*")

COMMON_WORDS = (
    *("good", "bad", "terrible", "funny", "boring", "movie", "actor", "director"),
    *("music", "story", "mother", "young", "man", "city", "car", "war", "money"),
    *("three", "was", "london"),
)


def read_tokens(corpus: Path) -> list[list[str]]:
    """Return the lower-case words of every text of the corpus, in order."""
    splits = (read_reviews(corpus / REVIEWS, split) for split in ("train", "test"))
    texts = [text for reviews in splits for text in reviews.texts]
    texts += [read_text(corpus / name) for name in BOOKS]
    return [
        TOKEN.findall(text.lower().replace("<br />", " ").replace("’", "'"))
        for text in texts
    ]


def choose_words(documents: list[list[str]]) -> list[str]:
    """Return the plain words among the ``NUM_WORDS`` most frequent, in that order."""
    counts = Counter(word for words in documents for word in words)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ranked[:NUM_WORDS] if PLAIN.fullmatch(word)]


def count_neighbours(documents: list[list[str]], words: list[str]) -> sp.csr_matrix:
    """Count the pairs of words at most ``WINDOW`` apart; a pair d apart adds 1/d.

    Returns:
        A symmetric sparse matrix, (words, words), float32.
    """
    index = {word: i for i, word in enumerate(words)}
    gap = [-1] * WINDOW  # no pair reaches from one text into the next
    ids = np.concatenate(
        [
            np.array([index.get(word, -1) for word in document] + gap, np.int32)
            for document in documents
        ]
    )
    shape = (len(words), len(words))
    counts = sp.csr_matrix(shape, dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        left, right = ids[:-distance], ids[distance:]
        known = (left >= 0) & (right >= 0)
        weights = np.full(known.sum(), 1 / distance, np.float32)
        pairs = sp.coo_matrix((weights, (left[known], right[known])), shape=shape)
        counts = counts + pairs.tocsr()
    return (counts + counts.T).tocsr()


def factorize(counts: sp.csr_matrix) -> np.ndarray:
    """Return unit vectors, (words, ``DIM``), from log(1 + counts) ~ U S Vᵀ.

    A word's vector is its row of U sqrt(S): the weighting of Levy, Goldberg and
    Dagan, 2015, "Improving distributional similarity with lessons learned from word
    embeddings". The logarithm of the counts is what GloVe fits.
    """
    start = np.full(counts.shape[0], counts.shape[0] ** -0.5, np.float32)
    u, s, _ = svds(counts.log1p(), k=DIM + DROPPED, v0=start)
    kept = np.argsort(-s)[DROPPED:]
    vectors = u[:, kept] * np.sqrt(s[kept])
    # A direction's sign is arbitrary; fix it, so that machines agree.
    strongest = np.abs(vectors).argmax(axis=0)
    vectors *= np.sign(vectors[strongest, np.arange(DIM)])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def build(corpus: Path) -> bytes:
    """Return the whole file, compressed, made from the texts in ``corpus``."""
    documents = read_tokens(corpus)
    words = choose_words(documents)
    vectors = factorize(count_neighbours(documents, words))
    lines = [
        f"{word} {' '.join(f'{x:.3f}' for x in row)}\n"
        for word, row in zip(words, vectors, strict=True)
    ]
    return gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0)


def nearest(vectors: Vectors, word: str, n: int = 5) -> list[str]:
    """Return the ``n`` words whose vectors have the largest cosine with ``word``'s."""
    return [other for other, _ in neighbours(word, vectors.words, vectors.matrix, n)]


def neighbour_table(vectors: Vectors) -> str:
    """Return a Markdown table of the nearest words of ``COMMON_WORDS``."""
    rows = ["| word | nearest five |", "| --- | --- |"]
    rows += [
        f"| {word} | {', '.join(nearest(vectors, word))} |" for word in COMMON_WORDS
    ]
    return "\n".join(rows)


def train(seed: int, x: np.ndarray, y: np.ndarray, matrix: np.ndarray | None) -> list:
    """Train the lecture's model; return its validation accuracy after every epoch.

    Args:
        seed: chooses the 200 training and 10,000 validation reviews, and all weights.
        x: integers, (reviews, 100).
        y: labels, (reviews,).
        matrix: frozen vectors, (10,000, 50); or None to learn the embedding.
    """
    import keras

    order = np.random.default_rng(seed).permutation(len(x))
    fit, check = order[:200], order[200:10_200]
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    embedding = keras.layers.Embedding(10_000, DIM, trainable=matrix is None)
    model = keras.Sequential(
        [
            keras.Input((100,)),
            embedding,
            keras.layers.Flatten(),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    if matrix is not None:
        embedding.set_weights([matrix])
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x[fit],
        y[fit],
        batch_size=32,
        epochs=20,
        validation_data=(x[check], y[check]),
        validation_batch_size=2_000,
        verbose=0,
    )
    return [round(value, 4) for value in history.history["val_accuracy"]]


def evaluate(corpus: Path, seeds: tuple[int, ...] = (0, 1, 2, 3, 4)) -> dict:
    """Compare no, these and the real GloVe vectors on 200 real reviews."""
    import keras

    texts, labels = read_reviews(corpus / REVIEWS, "train")
    tokens = [tokenize(text) for text in texts]
    vocabulary = Vocabulary.by_frequency(tokens, 10_000)
    x = keras.utils.pad_sequences([vocabulary.encode(t) for t in tokens], maxlen=100)
    sources = {"learned from scratch": None, "these vectors": TARGET}
    sources["GloVe 6B 50d"] = corpus / GLOVE
    runs = {}
    for name, path in sources.items():
        matrix, found = None, None
        if path is not None:
            vectors = read_glove(path, vocabulary.tokens)
            matrix = embedding_matrix(vocabulary, vectors, 10_000).matrix
            found = len(vectors.words)
        curves = np.array([train(seed, x, labels, matrix) for seed in seeds])
        runs[name] = {
            "words_with_a_vector": found,
            "last_epoch": curves[:, -1].tolist(),
            "mean": round(curves[:, -1].mean(), 4),
            "standard_deviation": round(curves[:, -1].std(ddof=1), 4),
            "best_epoch_mean": round(curves.max(axis=1).mean(), 4),
        }
        print(
            f"{name}: {runs[name]['mean']:.1%}, mean of {len(seeds)} seeds", flush=True
        )
    base = runs["learned from scratch"]["mean"]
    return {
        "what": "validation accuracy after 20 epochs, 200 training reviews and 10,000 "
        "validation reviews out of the 25,000 of aclImdb/train, chosen by the seed",
        "model": "Embedding(10000, 50) (frozen where vectors are given) > Flatten > "
        "Dense(32, relu) > Dense(1, sigmoid); rmsprop, batch 32, last 100 words",
        "note": "These vectors have seen the text of all the reviews, never a label. "
        "GloVe is the 50,000 most frequent words, unit length, rounded to 8 bits.",
        "command": "python data/generators/vectors.py --evaluate",
        "seeds": list(seeds),
        "runs": runs,
        "lift_of_these_vectors": round(runs["these vectors"]["mean"] - base, 4),
        "lift_of_glove": round(runs["GloVe 6B 50d"]["mean"] - base, 4),
    }


def main() -> None:
    """Write the vectors, or show how good the written ones are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=os.environ.get("COURSE_DATA"))
    parser.add_argument("--neighbours", action="store_true")
    parser.add_argument("--evaluate", action="store_true")
    choice = parser.parse_args()
    if choice.neighbours:
        print(neighbour_table(read_glove(TARGET)))
        return
    if choice.corpus is None:
        parser.error("name the folder of the corpus: --corpus DIR, or COURSE_DATA")
    if choice.evaluate:
        write_results("vectors_200_reviews", evaluate(choice.corpus))
    else:
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        TARGET.write_bytes(build(choice.corpus))
        print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
