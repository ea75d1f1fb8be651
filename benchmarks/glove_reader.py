"""Time three ways to get 10,000 words out of a file of 400,000 vectors of 100.

The course's `read_glove`, the usual loop (split every line, convert every value, keep
all in a dict) and gensim's loader read the same file in turn, each time in a fresh
process, so that peak memory is each one's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pairs import (
    in_turn,
    pair_of_runs,
    peak_megabytes,
    seconds,
    way_wanted,
    write,
)

from course_utils.datasets.fetch import ROOT

FILE = ROOT / "build" / "benchmarks" / "vectors.txt"
LINES = 400_000
DIM = 100
WANTED = 10_000


def make_file(path: Path, lines: int = LINES) -> None:
    """Write ``lines`` vectors of ``DIM`` random numbers, words w0, w1, and so on."""
    rng = np.random.default_rng(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii", newline="\n") as file:
        for first in range(0, lines, 1_000):
            rows = rng.normal(0, 0.4, (min(1_000, lines - first), DIM))
            for number, row in enumerate(rows.tolist(), first):
                file.write(f"w{number} {' '.join(f'{x:.5g}' for x in row)}\n")


def wanted_words(lines: int = LINES, count: int = WANTED) -> list[str]:
    """Return ``count`` words spread at random over the whole file."""
    chosen = np.random.default_rng(1).choice(lines, count, replace=False)
    return [f"w{number}" for number in chosen]


def use_read_glove(path: str, words: list[str]) -> np.ndarray:
    """Read the wanted words with the course's reader; give them in order."""
    from course_utils.datasets.glove import read_glove

    vectors = read_glove(path, words)
    row = {word: i for i, word in enumerate(vectors.words)}
    return vectors.matrix[[row[word] for word in words]]


def use_loop(path: str, words: list[str]) -> np.ndarray:
    """Convert the whole file line by line into a dict; take the wanted words."""
    vectors = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            vectors[fields[0]] = np.asarray(fields[1:], dtype="float32")
    return np.stack([vectors[word] for word in words])


def use_gensim(path: str, words: list[str]) -> np.ndarray:
    """Load the whole file with gensim; take the wanted words."""
    from gensim.models import KeyedVectors

    vectors = KeyedVectors.load_word2vec_format(path, no_header=True)
    return vectors[words]


READERS: dict[str, Callable[[str, list[str]], np.ndarray]] = {
    "read_glove": use_read_glove,
    "the lecture's loop": use_loop,
    "gensim's loader": use_gensim,
}


def measure_here(name: str) -> dict:
    """Run one reader in this process: seconds, memory added, a check sum."""
    # Importing is not reading: an empty call pays for it before the clock starts.
    READERS[name](str(FILE.with_name("warm_up.txt")), ["w0"])
    with FILE.open("rb") as file:  # so that no reader waits for the disk
        while file.read(1 << 20):
            pass
    words, found = wanted_words(), []
    before = peak_megabytes()
    time = seconds(lambda: found.append(READERS[name](str(FILE), words)))
    return {
        "seconds": time,
        "megabytes": round(peak_megabytes() - before),
        "sum": float(found[0].sum(dtype=np.float64)),
    }


def main() -> None:
    """Compare the readers, and write the record; or run one for the comparison."""
    if way := way_wanted():
        print(json.dumps(measure_here(way)))
        return
    make_file(FILE)
    make_file(FILE.with_name("warm_up.txt"), 10)
    size = FILE.stat().st_size / 1e6
    runs = in_turn(__file__, list(READERS), repeats=3)
    FILE.unlink()
    sums = [run["sum"] for name in READERS for run in runs[name]]
    if not np.allclose(sums, sums[0]):
        raise RuntimeError(f"the readers disagree: sums {sums}")
    ours, *peers = READERS
    write(
        "glove_reader",
        {
            "what": f"{WANTED:,} words out of {LINES:,} x {DIM}, {size:.0f} MB",
            "pairs": [pair_of_runs(ours, runs[ours], p, runs[p]) for p in peers],
        },
        "gensim",
    )


if __name__ == "__main__":
    main()
