"""Lesson 12, measured: what two ranks bring on two cores, and where nothing.

Three rivals train the same batches in turn: one process with one core, one process with
both, and two ranks with a core each. The first two epochs, in which JAX compiles and
gets its memory, are not counted. The machine must have nothing else to do::

    python results/12_scaling_out.py lesson
"""

from __future__ import annotations

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from dask.distributed import Client, LocalCluster

from course_utils.datasets.fetch import ROOT, bundled_path
from course_utils.datasets.prose import clean_novel, read_prose
from course_utils.datasets.reviews import read_reviews
from course_utils.ranks import RankError, run_ranks
from course_utils.text import hashed_counts
from keeper.record import write_section

NAME = "12_scaling_out"
WORKER = ROOT / "notebooks" / "scaling_out_worker.py"
STEPS, EPOCHS, COMPILING, REPEATS = 50, 4, 2, 3
RIVALS = {"one_core": (1, True), "both_cores": (1, False), "two_ranks": (2, True)}

# TensorFlow's way to several processes, as its guide shows it.
STRATEGY = """
import json, os
def train(rank, ranks, coordinator):
    os.environ["KERAS_BACKEND"] = "tensorflow"
    host, port = coordinator.split(":")
    workers = [f"{host}:{int(port) + rank}" for rank in range(ranks)]
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
        "what": "characters trained each second by three rivals on two cores",
        "data": "bundled stories; hashing: bundled reviews",
        "steps": STEPS,
    }
    write_section(NAME, name, run, "jax", about=about)


def local(workers: int) -> Client:
    """Start Dask's workers on this machine, one process each."""
    options = {"dashboard_address": None, "silence_logs": "CRITICAL"}
    return Client(LocalCluster(n_workers=workers, threads_per_worker=1, **options))


def throughput(folder: Path, times: int, **options: object) -> dict:
    """Measure the rivals on the text, so many times over that an epoch takes seconds.

    Returns:
        characters a second of each rival in each repeat, and two ratios.
    """
    text = clean_novel(read_prose(bundled_path("novel")))
    known, indices = np.unique(list(text), return_inverse=True)
    indices = np.tile(indices.astype("int32"), times)
    windows = np.lib.stride_tricks.sliding_window_view(indices, STEPS + 1)[::STEPS]
    np.save(folder / "rows.npy", windows)
    options |= {"rows": str(folder / "rows.npy"), "characters": len(known)}
    speeds = {rival: [] for rival in RIVALS}
    for repeat in range(REPEATS):
        for rival, (ranks, one_core) in RIVALS.items():
            place = str(folder / f"{rival}_{repeat}")
            here = {"ranks": ranks, "one_core": one_core, "folder": place}
            first, *_ = run_ranks(
                local(ranks), WORKER, epochs=EPOCHS, **here, **options
            )
            characters = (len(windows) - first["left_out"]) * STEPS
            seconds = median(first["seconds"][COMPILING:])
            speeds[rival].append(round(characters / seconds))
            print(rival, speeds[rival], first["seconds"], flush=True)
    return {
        **{name: options[name] for name in ("units", "batch_size")},
        **speeds,
        "against_one_core": spread(speeds["two_ranks"], speeds["one_core"]),
        "against_both_cores": spread(speeds["two_ranks"], speeds["both_cores"]),
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
    texts = read_reviews(bundled_path("reviews"), "train").texts
    parts = [texts[i : i + 2_000] for i in range(0, len(texts), 2_000)]
    seconds = {"one": [], "two": []}
    with local(2) as client, client.cluster:
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
        run_ranks(local(2), script)
    except RankError as error:
        return {"works": False, "error": str(error)}
    return {"works": True, "error": None}


RUNS = {
    "lesson": partial(throughput, units=128, batch_size=256, times=2),
    "large": partial(throughput, units=256, batch_size=512, times=1),
    "small": partial(throughput, units=16, batch_size=32, times=8),
    "plain": partial(throughput, units=128, batch_size=256, times=1, plain=True),
    "hashing": hashing,
    "tensorflow": tensorflow,
}

if __name__ == "__main__":
    main()
