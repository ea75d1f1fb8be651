"""Make batches of windows: one gather, a loop over samples, and Keras's own function.

The array has the size of the file of 2009 to 2016, the settings are the lecture's.
"""

import tracemalloc
from collections.abc import Iterator

import keras
import numpy as np
from pairs import compare, peak_megabytes, write
from sklearn.preprocessing import StandardScaler

from course_utils.profiles import Settings
from course_utils.timeseries import Windows, split_by_time

ROWS, COLUMNS = 420_551, 14
BATCHES = 50  # of each timed run
SETTINGS = Settings("weather_gru", "lecture")
SIZES = {name: getattr(SETTINGS, name) for name in ("lookback", "delay", "step")}


def lecture_generator(
    data: np.ndarray, low: int, high: int, batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Draw batches as the lecture's generator does: sample by sample, in a loop."""
    rng = np.random.default_rng(0)
    lookback, delay, step = SIZES.values()
    while True:
        ends = rng.integers(low + lookback, high, batch_size)
        samples = np.zeros((batch_size, lookback // step, data.shape[1]))
        targets = np.zeros(batch_size)
        for i, end in enumerate(ends):
            rows = list(range(end - lookback, end, step))
            samples[i] = data[rows]
            targets[i] = data[end + delay, 1]
        yield samples, targets


def main() -> None:
    """Compare, and write the record with the memory that our way takes."""
    frame = np.random.default_rng(0).random((ROWS, COLUMNS), dtype=np.float32)
    before = peak_megabytes()
    tracemalloc.start()
    split = split_by_time(ROWS, SETTINGS.train_end, SETTINGS.validation_end)
    data = StandardScaler().fit(frame[split.train[0]]).transform(frame)
    options = {**SIZES, "batch_size": SETTINGS.batch_size, "seed": 0}
    parts = [Windows(data, data[:, 1], periods, **options) for periods in split]
    train = parts[0]
    train[0]
    traced = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    memory = {
        "traced": round(traced / 1e6, 1),
        "peak_rss": round(peak_megabytes() - before, 1),
    }
    generator = lecture_generator(data, 0, SETTINGS.train_end, SETTINGS.batch_size)
    steps = SIZES["lookback"] // SIZES["step"]
    first_target = SIZES["lookback"] - SIZES["step"] + SIZES["delay"]
    period = data[: SETTINGS.train_end]
    dataset = keras.utils.timeseries_dataset_from_array(
        period,
        period[first_target:, 1],
        sequence_length=steps,
        sampling_rate=SIZES["step"],
        batch_size=SETTINGS.batch_size,
        shuffle=True,
        seed=0,
    )
    batches = iter(dataset.repeat())
    ours = ("Windows", lambda: [train[i] for i in range(BATCHES)])
    pairs = [
        compare(*ours, name, lambda peer=peer: [next(peer) for _ in range(BATCHES)])
        for name, peer in {
            "the lecture's generator": generator,
            "timeseries_dataset_from_array": batches,
        }.items()
    ]
    what = f"{BATCHES} batches of {SETTINGS.batch_size} windows"
    record = {"what": what, "pairs": pairs, "megabytes_beyond_the_frame": memory}
    write("windows", record)


if __name__ == "__main__":
    main()
