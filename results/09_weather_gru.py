"""Lesson 09, the long trainings: the simulated station, and one real year.

Each training is saved as soon as it is done, and one that is in the record is not
repeated, so an interrupted run goes on where it stopped::

    COURSE_DATA=../shared/data python results/09_weather_gru.py --seeds 0 1 2
"""

from __future__ import annotations

import argparse
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import course_utils
from course_utils.datasets.fetch import bundled_path
from course_utils.datasets.weather import read_weather
from course_utils.results import read_results
from keeper.record import write_results

NAME = "09_weather_gru"
TARGET = "T (degC)"
SETTINGS = {
    # The lecture's settings with half the window, half the values and half the batches.
    "time": {"lookback": 720, "delay": 144, "step": 12},
    # Weeks dealt out in turn: a window of five days would leave little of a week.
    "blocks": {"lookback": 144, "delay": 144, "step": 6},
}
# Batches that are called an epoch; of one year, all that there are.
STEPS_PER_EPOCH = {"bundled": 250, "real": None}
BATCH_SIZE, OPTIMIZER, LOSS = 128, "rmsprop", "mae"
# Where training and validation end. Half of one year is January to June.
BY_TIME = {"bundled": (0.48, 0.72), "real": (0.5, 0.75)}
BLOCK = 7 * 144  # rows: a week
PATTERN = "ttvtts"  # of six weeks, four train, one validates, one tests


class Training(NamedTuple):
    """One row of the table."""

    station: str  # "bundled" or "real"
    split: str  # "time" or "blocks"
    model: str
    epochs: int
    features: str = "plain"  # or "cyclic"
    leak: bool = False  # standardize with all rows


TRAININGS = [
    Training("bundled", "time", "dense", 20),
    Training("bundled", "time", "gru", 20),
    Training("bundled", "time", "dropout", 40),
    Training("bundled", "time", "reversed", 20),
    Training("bundled", "time", "bidirectional", 20),
    Training("bundled", "time", "gru", 20, features="cyclic"),
    Training("bundled", "time", "gru", 20, leak=True),
    Training("bundled", "time", "stacked", 40),
    Training("real", "time", "gru", 10),
    Training("real", "blocks", "gru", 8),
    Training("real", "blocks", "difference", 8),
    Training("real", "blocks", "difference", 8, features="cyclic"),
]


def main() -> None:
    """Run the trainings that are not yet recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    try:
        runs = read_results(NAME)["runs"]
    except ValueError:
        runs = []
    course = course_utils.start("lecture", data=["weather"])
    frames = {
        "bundled": read_weather(bundled_path("weather")),
        "real": read_weather(course.data("weather")),
    }
    for seed in seeds:
        for training in TRAININGS:
            key = {**training._asdict(), "seed": seed}
            if any(key.items() <= run.items() for run in runs):
                continue
            print(key, flush=True)
            runs.append(
                {**key, **train(frames[training.station].frame, training, seed)}
            )
            write_results(NAME, describe(frames, runs))


def cyclic(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the wind as a vector, and the time of day and of year, on circles."""
    frame = frame.copy()
    wind = np.deg2rad(frame.pop("wd (deg)"))
    frame["wind from east"] = frame["wv (m/s)"] * np.sin(wind)
    frame["wind from north"] = frame["wv (m/s)"] * np.cos(wind)
    hours = frame.index.hour + frame.index.minute / 60
    for name, turn in {
        "day": hours / 24,
        "year": (frame.index.dayofyear + hours / 24) / 365.25,
    }.items():
        frame[f"{name}, sine"] = np.sin(2 * np.pi * turn)
        frame[f"{name}, cosine"] = np.cos(2 * np.pi * turn)
    return frame


def network(model: str, steps: int, features: int, column: int) -> Any:
    """Return the Keras model of that name."""
    from keras import Input, Model, Sequential, layers

    if model == "difference":  # it forecasts by how much the temperature changes
        inputs = Input((steps, features))
        change = layers.GRU(32, dropout=0.3, recurrent_dropout=0.3)(inputs)
        now = inputs[:, -1, column : column + 1]
        return Model(inputs, layers.Add()([layers.Dense(1)(change), now]))

    lecture = {"dropout": 0.1, "recurrent_dropout": 0.5}
    hidden = {
        "dense": lambda: [layers.Flatten(), layers.Dense(32, activation="relu")],
        "gru": lambda: [layers.GRU(32)],
        "dropout": lambda: [layers.GRU(32, dropout=0.2, recurrent_dropout=0.2)],
        "reversed": lambda: [layers.GRU(32, go_backwards=True)],
        "bidirectional": lambda: [layers.Bidirectional(layers.GRU(32))],
        "stacked": lambda: [
            layers.GRU(32, return_sequences=True, **lecture),
            layers.GRU(64, activation="relu", **lecture),
        ],
    }[model]()
    return Sequential([Input((steps, features)), *hidden, layers.Dense(1)])


def train(frame: pd.DataFrame, training: Training, seed: int) -> dict:
    """Train once; errors are mean absolute errors in degrees C."""
    import keras

    from course_utils import timeseries as ts

    keras.utils.set_random_seed(seed)
    if training.features == "cyclic":
        frame = cyclic(frame)
    column = frame.columns.get_loc(TARGET)
    values = frame.to_numpy(np.float32)
    split = (
        ts.split_by_time(len(values), *BY_TIME[training.station])
        if training.split == "time"
        else ts.split_in_blocks(len(values), BLOCK, PATTERN)
    )
    known = [range(len(values))] if training.leak else split.train
    standardizer = ts.Standardizer(values, known)
    data = standardizer(values)
    sizes = SETTINGS[training.split] | {"batch_size": BATCH_SIZE}
    steps_per_epoch = STEPS_PER_EPOCH[training.station]
    steps = sizes["lookback"] // sizes["step"]

    def windows(periods, **options):
        return ts.Windows(data, data[:, column], periods, **sizes, **options)

    held_out = [windows(periods, stride=6) for periods in split]
    model = network(training.model, steps, data.shape[1], column)
    model.compile(OPTIMIZER, LOSS, jit_compile=True)
    history = model.fit(
        windows(split.train, seed=seed, steps_per_epoch=steps_per_epoch),
        validation_data=held_out[1],
        epochs=training.epochs,
        verbose=2,
    ).history

    def celsius(values):
        return [round(float(v * standardizer.std[column]), 4) for v in values]

    errors = celsius(model.evaluate(part, verbose=0) for part in held_out)
    naive = celsius(ts.naive_mae(part) for part in held_out)
    return {
        "parameters": model.count_params(),
        "unit": round(float(standardizer.std[column]), 4),  # 1 standardized, in °C
        "naive": dict(zip(split._fields, naive, strict=True)),
        "best": min(celsius(history["val_loss"])),
        "last": dict(zip(split._fields, errors, strict=True)),  # without dropout
        "history": {name: celsius(losses) for name, losses in history.items()},
    }


def describe(frames: dict, runs: list[dict]) -> dict:
    """Put the settings, and what was repaired, in front of the runs."""
    return {
        "what": "temperature 24 hours ahead; mean absolute errors in degrees C",
        "settings": {
            **SETTINGS,
            "steps_per_epoch": STEPS_PER_EPOCH,
            "batch_size": BATCH_SIZE,
            "optimizer": OPTIMIZER,
            "loss": LOSS,
            "block": BLOCK,
            "pattern": PATTERN,
        },
        "data": {
            station: {
                "rows": len(weather.frame),
                "first": str(weather.frame.index[0]),
                "last": str(weather.frame.index[-1]),
                "repaired": weather.report.faults,
                "gaps": [gap.missing for gap in weather.report.gaps],
                "duplicates": weather.report.duplicates,
            }
            for station, weather in frames.items()
        },
        "runs": sorted(runs, key=lambda run: (run["station"], run["seed"])),
    }


if __name__ == "__main__":
    main()
