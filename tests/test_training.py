"""A training that is killed goes on: nothing is lost but the epoch in progress.

``python tests/test_training.py 200 --record FILE`` kills as often as it is told, and
records what came of it.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import keras

from course_utils.profiles import Settings

EPOCHS = 4
POSIX = os.name == "posix"
# A fork server has imported Keras once: a training then starts in a moment.
CONTEXT = multiprocessing.get_context("forkserver" if POSIX else "spawn")
CONTEXT.set_forkserver_preload(["course_utils.training"])


def small_model(units=4, rate=0.01):
    model = keras.Sequential(
        [
            keras.Input((5, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(units, "tanh"),
            keras.layers.Dropout(0.3, seed=1),
            keras.layers.Dense(1),
        ]
    )
    # Eagerly: compiling would take longer than these few steps.
    model.compile(keras.optimizers.Adam(rate), "mse", run_eagerly=True)
    return model


def train(folder, model=None, epochs=EPOCHS, factor=1.0, stop_after=None):
    """Train; return the history and everything that the training has changed."""
    from course_utils.training import Resume

    x = np.random.default_rng(0).normal(size=(64, 5, 3)).astype("float32")
    y = factor * x[:, 0, :1]
    keras.utils.set_random_seed(0)
    model = model or small_model()
    best = keras.callbacks.EarlyStopping(
        "val_loss", patience=epochs, restore_best_weights=True
    )
    resume = Resume("test", x, y, early_stopping=best, folder=Path(folder))
    callbacks = [best, resume]
    if stop_after is not None:
        callbacks.append(interrupt(stop_after))
    options = {"validation_split": 0.25, "batch_size": 8, "epochs": epochs}
    history = model.fit(x, y, callbacks=callbacks, verbose=0, **options).history
    variables = [*model.variables, *model.optimizer.variables]
    return history, [variable.numpy() for variable in variables]


def interrupt(epoch):
    """Return a callback that stops as Ctrl-C does, in the middle of an epoch."""

    def begin(now, logs):
        if now == epoch:
            raise KeyboardInterrupt

    return keras.callbacks.LambdaCallback(on_epoch_begin=begin)


def same(one, other):
    """Tell whether two trainings have the same history and the same variables."""
    (history, variables), (other_history, others) = one, other
    pairs = zip(variables, others, strict=True)
    return history == other_history and all((a == b).all() for a, b in pairs)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the folder of a training that was never stopped, and how it ended."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, train(folder)


@pytest.fixture
def whole(trained):
    return trained[1]


@pytest.fixture
def saved(trained, tmp_path):
    """Return a copy of its states."""
    shutil.copytree(trained[0], tmp_path / "saved")
    return tmp_path / "saved"


def test_an_interrupted_training_ends_as_one_that_was_not(tmp_path, whole, capsys):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop_after=2)
    assert same(train(tmp_path), whole)
    assert len(whole[0]["loss"]) == EPOCHS
    assert capsys.readouterr().out.startswith("Goes on at epoch 3 of 4: ")


def test_the_same_model_goes_on_after_an_interrupt(tmp_path, whole):
    model = small_model()
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, model, stop_after=2)
    keras.utils.set_random_seed(5)  # whatever the student does in between
    history, variables = train(tmp_path, model)
    assert len(history["loss"]) == EPOCHS
    rerun = train(tmp_path, small_model())  # reads what the first has saved
    assert same((history, variables), rerun)


def test_a_training_that_has_ended_is_read_and_not_run(saved, whole, capsys):
    assert same(train(saved), whole)
    assert "All 4 epochs are in" in capsys.readouterr().out


def test_a_later_fit_of_the_model_begins_at_its_beginning(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop_after=2)
    model = small_model()
    train(tmp_path, model)
    history = model.fit(np.zeros((8, 5, 3)), np.zeros((8, 1)), epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 5}, "epochs or batches changed"),
        ({"factor": 2.0}, "data or settings changed"),
        ({"rate": 0.02}, "the optimizer changed"),
        ({"units": 5}, "the model changed"),
    ],
    ids=["epochs", "data", "rate", "units"],
)
def test_another_key_begins_anew_and_keeps_the_older(saved, capsys, changes, words):
    states = sorted(saved.rglob("epoch_*.npz"))
    made = {name: changes[name] for name in changes.keys() & {"rate", "units"}}
    other = {name: changes[name] for name in changes.keys() - made.keys()}
    history, _ = train(saved, small_model(**made), **other)
    assert len(history["loss"]) == changes.get("epochs", EPOCHS)
    assert words in capsys.readouterr().out
    assert set(states) < set(saved.rglob("epoch_*.npz"))


def test_new_names_of_layers_are_no_change(saved, capsys):
    small_model()  # counts the names of a session on
    train(saved)
    assert "All 4 epochs" in capsys.readouterr().out


def test_a_model_that_was_trained_before_is_named(saved, tmp_path, capsys):
    model = small_model()
    train(saved, model)
    train(tmp_path / "two", model)
    assert "has been trained for 24 steps before" in capsys.readouterr().out


def test_a_damaged_state_gives_way_to_the_one_before(tmp_path, whole, capsys):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop_after=3)
    newest = max(tmp_path.rglob("epoch_*.npz"))
    newest.write_bytes(newest.read_bytes()[:1000])
    assert same(train(tmp_path), whole)
    assert capsys.readouterr().out.startswith("Goes on at epoch 3 of 4")


def test_the_order_of_a_data_set_goes_on(tmp_path):
    from course_utils.timeseries import Windows
    from course_utils.training import Resume

    values = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")

    def ends(folder, stop_after=None):
        keras.utils.set_random_seed(0)
        windows = Windows(
            values, values[:, 0], [range(200)], lookback=5, delay=1, seed=0
        )
        stops = [] if stop_after is None else [interrupt(stop_after)]
        model = small_model()
        resume = Resume("test", windows, folder=folder)
        model.fit(windows, epochs=EPOCHS, callbacks=[resume, *stops], verbose=0)
        return model.get_weights()

    with pytest.raises(KeyboardInterrupt):
        ends(tmp_path / "a", stop_after=2)
    for one, other in zip(ends(tmp_path / "a"), ends(tmp_path / "b"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_carried_state_goes_on(tmp_path):
    from course_utils.training import Resume

    x = np.random.default_rng(0).normal(size=(16, 5, 3)).astype("float32")

    def ends(folder, stop_after=None):
        keras.utils.set_random_seed(0)
        layers = [keras.layers.SimpleRNN(3, stateful=True), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input(batch_shape=(4, 5, 3)), *layers])
        model.compile("sgd", "mse")
        stops = [] if stop_after is None else [interrupt(stop_after)]
        callbacks = [Resume("test", x, folder=folder), *stops]
        options = {"batch_size": 4, "shuffle": False, "verbose": 0}
        model.fit(x, x[:, 0, :1], epochs=3, callbacks=callbacks, **options)
        return model.get_weights(), keras.ops.convert_to_numpy(
            model.layers[0].states[0]
        )

    with pytest.raises(KeyboardInterrupt):
        ends(tmp_path / "a", stop_after=2)
    weights, state = ends(tmp_path / "a")
    whole_weights, whole_state = ends(tmp_path / "b")
    np.testing.assert_array_equal(state, whole_state)
    for one, other in zip(weights, whole_weights, strict=True):
        np.testing.assert_array_equal(one, other)


class Halves(keras.utils.PyDataset):
    """The two halves of an array, and one more thing."""

    def __init__(self, x, more):
        super().__init__()
        self.x, self.more = x, more

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return self.x[i::2], self.x[i::2, 0, :1]


def test_every_number_of_a_data_set_belongs_to_the_key(tmp_path, capsys):
    from course_utils.training import Resume

    def train_on(x, more=None):
        keras.utils.set_random_seed(0)
        halves = Halves(x, more)
        resume = Resume("test", halves, folder=tmp_path)
        small_model().fit(halves, epochs=2, callbacks=[resume], verbose=0)
        return capsys.readouterr().out

    x = np.random.default_rng(0).normal(size=(64, 5, 3)).astype("float32")
    assert train_on(x) == ""
    assert "All 2 epochs" in train_on(x.copy())
    x[33, 2, 1] += 1
    assert "data or settings changed" in train_on(x)
    with pytest.raises(ValueError, match=r"arrays, texts.* got .*Generator"):
        train_on(x, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.array(["a", "b"], object), np.array(["a", "c"], object)),
        ({"a": 1}, {"a": 2}),
        ({"a", "b"}, {"a", "c"}),
        (1, "1"),
        ([1, 2], [[1], 2]),
        (np.zeros(2), np.zeros(2, "float32")),
        (pd.DataFrame({"x": range(99)}), pd.DataFrame({"x": [*range(98), 0]})),
        (Settings("hashing", "quick"), Settings("hashing", "lecture")),
    ],
    ids=[
        "objects",
        "dictionary",
        "set",
        "type",
        "depth",
        "precision",
        "table",
        "settings",
    ],
)
def test_two_different_things_have_two_keys(one, other):
    from course_utils.training import Resume

    def key(part):
        return Resume("test", part)._made_of

    again = one if isinstance(one, Settings) else copy.deepcopy(one)
    assert key(one) == key(again)
    assert key(one) != key(other)


@pytest.mark.filterwarnings("ignore:Early stopping conditioned on metric")
def test_early_stopping_on_a_metric_that_is_missing_loses_nothing(tmp_path, capsys):
    from course_utils.training import Resume

    x = np.ones((8, 5, 3), "float32")
    for _ in range(2):
        keras.utils.set_random_seed(0)
        stopping = keras.callbacks.EarlyStopping("val_los", mode="min")
        resume = Resume("test", x, early_stopping=stopping, folder=tmp_path)
        callbacks = [stopping, resume]
        small_model().fit(x, x[:, 0, :1], epochs=2, callbacks=callbacks, verbose=0)
    assert capsys.readouterr().out.startswith("All 2 epochs are in")


def test_a_model_without_an_input_is_refused(tmp_path):
    from course_utils.training import Resume

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("adam", "mse")
    resume = Resume("test", folder=tmp_path)
    with pytest.raises(ValueError, match=r"model must be built before fit"):
        model.fit(np.ones((4, 1)), np.ones((4, 1)), callbacks=[resume], verbose=0)


def disk(folder, bytes_):
    """Mount a disk of this size, or skip the test."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={bytes_}", "none", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True)
    except OSError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    disk(folder, 65_536)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_costs_states_and_no_training(small_disk, tmp_path, whole, capsys):
    with pytest.raises(KeyboardInterrupt):
        train(small_disk, stop_after=2)
    filling = small_disk / "filling"
    with filling.open("wb") as file, pytest.raises(OSError, match="space"):
        file.write(bytes(100_000))
    assert same(train(small_disk), whole)
    out = capsys.readouterr().out
    assert "Goes on at epoch 3 of 4" in out
    assert "The state of epoch 3 cannot be saved in" in out
    assert "(No space left on device)" in out
    filling.unlink()
    assert same(train(small_disk), whole)  # the last good state was kept
    assert "Goes on at epoch 3 of 4" in capsys.readouterr().out


def child(folder, result):
    """Train in a process of its own; write down how it ended."""
    history, variables = train(folder)
    part = Path(f"{result}.part")
    with part.open("wb") as file:
        np.savez(file, *variables, history=json.dumps(history))
    part.replace(result)


def load(result):
    with np.load(result) as file:
        arrays = dict(file)
    history = json.loads(str(arrays.pop("history")))
    return history, list(arrays.values())


def kill_until_it_ends(folder, rng, longest, kills):
    """Start the training again and again; kill it until ``kills`` are spent.

    Every other kill comes while a state is being written, if it comes to that.

    Returns:
        the file of the training that was left alone, and how many kills came at a
        random moment and how many during the writing.
    """
    folder.mkdir()
    result = folder / "result.npz"
    count = {"at random": 0, "while writing": 0}
    while True:
        process = CONTEXT.Process(target=child, args=(folder, result))
        process.start()
        if sum(count.values()) >= kills:
            process.join()
            assert process.exitcode == 0
            return result, count
        if writing := rng.random() < 0.5:
            while process.is_alive() and not any(folder.rglob(".*.new")):
                pass  # a state is written in milliseconds
        else:
            process.join(rng.uniform(0, longest))
        if process.is_alive():
            process.kill()
            process.join()
            count["while writing" if writing else "at random"] += 1
        elif process.exitcode:
            raise AssertionError(f"a training ended with {process.exitcode}")
        else:
            return result, count


@pytest.mark.skipif(not POSIX, reason="SIGKILL is POSIX's")
def test_killed_at_any_moment_it_ends_the_same(tmp_path, whole):
    begin = time.perf_counter()
    alone, _ = kill_until_it_ends(tmp_path / "alone", random.Random(0), 0, kills=0)
    longest = time.perf_counter() - begin
    assert same(load(alone), whole)
    folder = tmp_path / "killed"
    result, count = kill_until_it_ends(folder, random.Random(1), longest, kills=6)
    assert sum(count.values()) >= 1
    assert same(load(result), whole)


def record(kills: int, seed: int) -> dict:
    """Kill trainings until so many kills are counted; say what came of it."""
    rng = random.Random(seed)
    total = {"at random": 0, "while writing": 0}
    trainings = same_ends = 0
    with tempfile.TemporaryDirectory() as top:
        alone, _ = kill_until_it_ends(Path(top, "first"), rng, 0, kills=0)
        begin = time.perf_counter()
        kill_until_it_ends(Path(top, "second"), rng, 0, kills=0)
        longest = time.perf_counter() - begin
        while sum(total.values()) < kills:
            folder = Path(top, str(trainings))
            left = kills - sum(total.values())
            result, count = kill_until_it_ends(folder, rng, longest, min(10, left))
            total = {name: total[name] + count[name] for name in total}
            trainings += 1
            same_ends += same(load(result), load(alone))
            print(f"{sum(total.values())} kills, {same_ends} of {trainings} the same")
    from keeper.record import machine

    return {
        "machine": machine(),
        "kills": total,
        "trainings": trainings,
        "same_weights_and_history": same_ends,
        "epochs": EPOCHS,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[2])
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", type=Path, help="a JSON file to write")
    given = parser.parse_args()
    found = record(given.kills, given.seed)
    print(found)
    if given.record:
        given.record.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.exit(found["trainings"] != found["same_weights_and_history"])
