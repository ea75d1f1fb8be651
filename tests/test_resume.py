"""A training that is killed goes on where it stopped: at most one epoch is lost."""

import os
import signal
import subprocess
import sys

# What lesson 10 does in the lecture profile: a backup of each epoch, a file of each.
TRAINING = """
import sys
from pathlib import Path

import course_utils

course_utils.start("quick")
import keras
import numpy as np

folder = Path(sys.argv[1])
epochs = 5
x = np.random.default_rng(0).normal(size=(64, 5, 3))
model = keras.Sequential(
    [keras.Input((5, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)]
)
model.compile("rmsprop", "mse")


def begin(epoch, logs):
    print("begin", epoch, flush=True)
    if epoch == 3 and sys.argv[2] == "hang":
        import time
        time.sleep(600)  # the epoch in progress when the process is killed


model.fit(
    x, x[:, 0, :1], epochs=epochs, verbose=0,
    callbacks=[
        keras.callbacks.LambdaCallback(on_epoch_begin=begin),
        keras.callbacks.BackupAndRestore(folder / "backup"),
    ],
)
print("end", int(model.optimizer.iterations), flush=True)
"""


def start(folder, how):
    return subprocess.Popen(
        [sys.executable, "-c", TRAINING, str(folder), how],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_training_loses_at_most_the_epoch_in_progress(tmp_path):
    first = start(tmp_path, "hang")
    for line in first.stdout:
        if line == "begin 3\n":
            break
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second, _ = start(tmp_path, "go").communicate()
    lines = second.splitlines()[1:]  # after the profile
    assert lines == ["begin 3", "begin 4", "end 10"]
