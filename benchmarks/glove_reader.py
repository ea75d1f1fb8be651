"""Time three ways to get 10,000 words out of a file of 400,000 vectors of 100.

The course's `read_glove`, the usual loop (split every line, convert every value, keep
all in a dict) and gensim's loader read the same file in turn, each time in a fresh
process, so that peak memory is each one's own.

``python benchmarks/glove_reader.py`` prints a table and writes
results/glove_reader.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from course_utils.results import write_results

LINES = 400_000
DIM = 100
WANTED = 10_000


def make_file(path: Path, lines: int = LINES) -> None:
    """Write ``lines`` vectors of ``DIM`` random numbers, words w0, w1, and so on."""
    rng = np.random.default_rng(0)
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
    "loop": use_loop,
    "gensim": use_gensim,
}


def measure_here(name: str, path: str, words: list[str]) -> dict:
    """Run one reader in this process: seconds, peak memory added, a check sum."""
    # Importing is not reading: an empty call pays for it before the clock starts.
    warm_up = Path(path).with_name("warm_up.txt")
    READERS[name](str(warm_up), ["w0"])
    with open(path, "rb") as file:  # so that no reader waits for the disk
        while file.read(1 << 20):
            pass
    process = psutil.Process()
    before = process.memory_info().rss
    start = time.perf_counter()
    matrix = READERS[name](path, words)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "peak_mb": (peak_memory(process) - before) / 1e6,
        "sum": float(matrix.sum(dtype=np.float64)),
    }


def peak_memory(process: psutil.Process) -> int:
    """Return the largest resident size so far, in bytes."""
    if hasattr(process.memory_info(), "peak_wset"):  # Windows
        return process.memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def measure(name: str, path: Path) -> dict:
    """Run one reader in a fresh process; see `measure_here`."""
    command = [sys.executable, __file__, "--reader", name, "--file", str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def compare(repeats: int = 5) -> dict:
    """Time the readers in turn, ``repeats`` times; return medians and ratios."""
    runs: dict[str, list[dict]] = {name: [] for name in READERS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.txt"
        make_file(path)
        make_file(path.with_name("warm_up.txt"), 10)
        size = path.stat().st_size
        for _ in range(repeats):
            for name in READERS:
                runs[name].append(measure(name, path))
    sums = [run["sum"] for name in READERS for run in runs[name]]
    if not np.allclose(sums, sums[0]):
        raise RuntimeError(f"the readers disagree: sums {sums}")
    seconds = {name: [run["seconds"] for run in runs[name]] for name in READERS}
    median = {name: statistics.median(seconds[name]) for name in READERS}
    return {
        "what": f"{WANTED:,} words out of {LINES:,} x {DIM}, {size / 1e6:.0f} MB, "
        f"{repeats} runs each, in turn, each in a fresh process",
        "readers": {
            name: {
                "median_s": round(median[name], 3),
                "least_s": round(min(seconds[name]), 3),
                "most_s": round(max(seconds[name]), 3),
                "peak_mb": round(max(run["peak_mb"] for run in runs[name])),
                "times_read_glove": round(median[name] / median["read_glove"], 1),
            }
            for name in READERS
        },
    }


def table(result: dict) -> str:
    """Return the comparison as a table in plain text."""
    head = f"{'reader':<12}{'median s':>10}{'spread s':>16}{'peak MB':>10}"
    rows = [result["what"], f"{head}{'times read_glove':>18}"]
    for name, r in result["readers"].items():
        spread = f"{r['least_s']:.2f} to {r['most_s']:.2f}"
        rows.append(
            f"{name:<12}{r['median_s']:>10.2f}{spread:>16}{r['peak_mb']:>10}"
            f"{r['times_read_glove']:>18.1f}"
        )
    return "\n".join(rows)


def main() -> None:
    """Compare the readers, or run one for the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    choice = parser.parse_args()
    if choice.reader:
        print(json.dumps(measure_here(choice.reader, choice.file, wanted_words())))
        return
    result = compare(choice.repeats)
    print(table(result))
    write_results("glove_reader", result)


if __name__ == "__main__":
    main()
