"""Lesson 12, measured: what a second rank on a second core brings, and where nothing.

Each rank has one core. One rank and two take turns, and the first two epochs, in which
JAX compiles, are not counted::

    python results/12_scaling_out.py lesson | large | small | plain
    python results/12_scaling_out.py hashing
    python results/12_scaling_out.py tensorflow
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from course_utils.datasets.fetch import ROOT, bundled_path
from course_utils.datasets.prose import clean_novel, read_prose
from course_utils.datasets.reviews import read_reviews
from course_utils.launch import RankError, launch
from course_utils.text import hashed_counts
from keeper.record import write_section

NAME = "12_scaling_out"
WORKER = ROOT / "notebooks" / "scaling_out_worker.py"
ENV = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
STEPS, EPOCHS, COMPILING, REPEATS = 50, 5, 2, 3

# TensorFlow's way to several processes, as its guide shows it.
STRATEGY = """
import json, os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
rank = int(os.environ["KERAS_DISTRIBUTION_PROCESS_ID"])
port = int(os.environ["KERAS_DISTRIBUTION_JOB_ADDRESSES"].split(":")[1])
workers = [f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"]
task = {"type": "worker", "index": rank}
os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": workers}, "task": task})
import tensorflow as tf, keras, numpy as np
with tf.distribute.MultiWorkerMirroredStrategy().scope():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
x = np.ones((16, 3), "float32")
data = tf.data.Dataset.from_tensor_slices((x, x[:, :1])).batch(8)
model.fit(data, epochs=2, verbose=0)
"""


def main() -> None:
    """Do one of the runs and put it into the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", choices=RUNS)
    name = parser.parse_args().run
    with tempfile.TemporaryDirectory() as folder:
        run = RUNS[name](Path(folder))
    about = {
        "what": "characters trained each second, one rank with one core against two",
        "data": "bundled stories; hashing: bundled reviews",
        "steps": STEPS,
    }
    write_section(NAME, name, run, "jax", about=about)


def throughput(folder: Path, units: int, rows: int, plain: bool = False) -> dict:
    """Measure one rank and two, each with ``rows`` rows in a step, and one with both.

    Returns:
        characters a second of each run, and how many times as fast two ranks are.
    """
    text = clean_novel(read_prose(bundled_path("novel")))
    indices = np.unique(list(text), return_inverse=True)[1].astype("int32")
    windows = np.lib.stride_tricks.sliding_window_view(indices, STEPS + 1)[::STEPS]
    np.save(folder / "rows.npy", windows)
    kinds = {"one": (1, rows), "two": (2, 2 * rows), "one_both": (1, 2 * rows)}
    speeds = {kind: [] for kind in kinds}
    options = ["--plain"] if plain else []
    for repeat in range(REPEATS):
        for kind, (ranks, batch) in kinds.items():
            place = folder / f"{kind}_{repeat}"
            options_here = ["--batch-size", batch, "--units", units, "--epochs", EPOCHS]
            launch(
                *(WORKER, folder / "rows.npy", place, *options_here, *options),
                ranks=ranks,
                env=ENV,
                timeout=150,
            )
            history = json.loads((place / "history.json").read_text())
            seconds = median(epoch["seconds"] for epoch in history[COMPILING:])
            characters = len(windows) // batch * batch * STEPS
            speeds[kind].append(round(characters / seconds))
    return {
        "units": units,
        "rows": rows,
        "plain": plain,
        **speeds,
        "weak": spread(speeds["two"], speeds["one"]),
        "strong": spread(speeds["two"], speeds["one_both"]),
    }


def spread(ours: list[float], theirs: list[float]) -> dict:
    """Return the ratio of the medians, and its least and largest value in a repeat."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {
        "ratio": round(median(ours) / median(theirs), 2),
        "least": round(min(ratios), 2),
        "most": round(max(ratios), 2),
    }


def hashing(folder: Path) -> dict:
    """Hash the training reviews in one process, and in two that get them sent."""
    from distributed import Client, LocalCluster

    texts = read_reviews(bundled_path("reviews"), "train").texts
    parts = [texts[i : i + 2_000] for i in range(0, len(texts), 2_000)]
    seconds = {"one": [], "two": []}
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        client.gather(client.map(hashed_counts, parts, dimensions=10))  # imports
        for repeat in range(2 * REPEATS):
            dimensions = 1_000 + repeat  # Dask would give back a result that it has
            begin = time.perf_counter()
            hashed_counts(texts, dimensions)
            middle = time.perf_counter()
            client.gather(client.map(hashed_counts, parts, dimensions=dimensions))
            seconds["one"].append(round(middle - begin, 3))
            seconds["two"].append(round(time.perf_counter() - middle, 3))
    return {"texts": len(texts), **seconds, **spread(seconds["one"], seconds["two"])}


def tensorflow(folder: Path) -> dict:
    """Try TensorFlow's strategy for several processes with Keras 3."""
    script = folder / "strategy.py"
    script.write_text(STRATEGY)
    try:
        launch(script, ranks=2, timeout=120)
    except RankError as error:
        raised = [line.strip() for line in str(error).splitlines() if "Error:" in line]
        return {"works": False, "error": raised[-1] if raised else str(error)}
    return {"works": True, "error": None}


RUNS = {
    "lesson": partial(throughput, units=128, rows=128),
    "large": partial(throughput, units=256, rows=256),
    "small": partial(throughput, units=16, rows=16),
    "plain": partial(throughput, units=128, rows=128, plain=True),
    "hashing": hashing,
    "tensorflow": tensorflow,
}

if __name__ == "__main__":
    main()
