"""Long trainings: say how far they are, and go on where a killed one stopped."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import json
import os
import re
import weakref
import zipfile
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

from course_utils._arguments import shown
from course_utils._whole import write_whole
from course_utils.progress import Line

__all__ = ["Progress", "Resume"]

STATES = Path("../build/training")  # beside the folder of the notebook
KEPT = 2  # the newest state, and one more, should a disk damage the newest
_PLAIN = str | bytes | int | float | complex | range | slice | PurePath | None
# Each optimizer as it was compiled: a schedule changes its learning rate later.
_compiled: weakref.WeakKeyDictionary[keras.Optimizer, str] = weakref.WeakKeyDictionary()


class Progress(keras.callbacks.Callback):
    """Show below the cell which epoch is trained, and about how long it will take.

    The line stands in one place, and goes at the end.

    Args:
        title: what is trained.
    """

    def __init__(self, title: str):
        super().__init__()
        self._title = title

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Show that it has begun: the first batch also compiles."""
        self._line = Line(self._title)
        self._line.show("compiling")

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Remember which epoch it is."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Show the epoch, and the time that is left."""
        epochs, steps = self.params["epochs"], self.params["steps"]
        part = (batch + 1) / steps if steps else 0
        text = f"epoch {self._epoch + 1} of {epochs}"
        self._line.show(text, (self._epoch + part) / epochs)

    def on_train_end(self, logs: dict | None = None) -> None:
        """Take the line away."""
        self._line.clear()


class Resume(keras.callbacks.Callback):
    """Save a training after each epoch; go on there when it is run again.

    A run that is killed, at whatever moment, loses at most the epoch in progress: a
    state is written beside the last good one and takes its name only when it is whole.
    The state holds weights, optimizer, random seeds and the whole ``history``; the
    resumed training ends with the weights of one that was never stopped. A training
    that has ended is not run again: its state is read.

    A state belongs to one key: the model, how it is compiled, its epochs and batches,
    the data and settings in ``made_of``, the seed, and the versions of Keras, its
    backend and NumPy. Under another key the training begins anew, says what differs,
    and keeps the older states. A disk that is full costs the state of this epoch, not
    the training.

    Each epoch draws from a seed of its own. `keras.callbacks.BackupAndRestore` has
    another aim: it overwrites one backup in place, and knows neither the history nor
    whether data and settings are still the same.

    Args:
        name: of the training; the states are in ``<folder>/<name>/<key>/``.
        made_of: all that the training depends on and the model does not say: arrays,
            texts, numbers, settings, data sets. What a data set draws at random, it
            draws from its attribute ``epoch``, as `timeseries.Windows` does.
        seed: of the random numbers that the training draws.
        early_stopping: its best weights and its patience are kept too.
        folder: where the states of all trainings are.

    It stands behind ``early_stopping`` in the list of callbacks.

    Raises:
        ValueError: if ``made_of`` holds something whose changes cannot be noticed.
    """

    def __init__(
        self,
        name: str,
        *made_of: object,
        seed: int = 0,
        early_stopping: keras.callbacks.EarlyStopping | None = None,
        folder: Path = STATES,
    ):
        super().__init__()
        self._folder = folder / name
        self._datasets = [p for p in made_of if isinstance(p, keras.utils.PyDataset)]
        self._begin_epoch(0)
        self._made_of = _digest(made_of)
        self._seed = seed
        self._stopping = early_stopping
        # The order of arrays is drawn when `fit` begins, before any callback is asked.
        keras.utils.set_random_seed(seed)

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Read the newest state of this key, if there is one.

        Raises:
            ValueError: if the model is not built.
        """
        if not self.model.built:
            raise ValueError(
                "model must be built before fit, so that a saved state can be read: "
                "let it begin with a keras.Input"
            )
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        self._describe()
        self._done = 0
        self._history: dict[str, list[float]] = {}
        if not self._restore():
            self._say_what_differs()
            return
        self._hand_back()
        epochs, stopping = self.params["epochs"], self._stopping
        ended = self._done == epochs or (
            stopping and stopping.wait >= stopping.patience
        )
        # BackupAndRestore tells Keras in the same way where to begin.
        self.model._initial_epoch = epochs if ended else self._done
        if ended:
            print(
                f"All {self._done} epochs are in {self._states}: nothing is left to "
                "train. Delete that folder to train again."
            )
        else:
            print(f"Goes on at epoch {self._done + 1} of {epochs}: {self._states}.")

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Seed the epoch; give the history of the epochs before back."""
        if epoch == self._done:
            self._hand_back()
        self.model._initial_epoch = None  # or Keras would begin a later fit there
        keras.utils.set_random_seed(self._seed + 1 + epoch)
        self._begin_epoch(epoch)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save the state, all or nothing."""
        for name, value in (logs or {}).items():
            self._history.setdefault(name, []).append(float(value))
        try:
            self._save(epoch + 1)
        except OSError as error:
            print(
                f"The state of epoch {epoch + 1} cannot be saved in {self._states} "
                f"({error.strerror or error}). The training goes on; killed now, it "
                "would go on from the last state that was saved."
            )

    def on_train_end(self, logs: dict | None = None) -> None:
        """Give the history back where no epoch was left to train."""
        if not self.model.history.epoch:
            self._hand_back()
        self.model._initial_epoch = None

    def _begin_epoch(self, epoch: int) -> None:
        """Tell the data sets which epoch's order to show."""
        for dataset in self._datasets:
            dataset.epoch = epoch

    def _describe(self) -> None:
        """Find the key: one digest for each thing that the training depends on."""
        model, backend = self.model, keras.config.backend()
        serialize = keras.saving.serialize_keras_object
        if model.optimizer not in _compiled:
            _compiled[model.optimizer] = _digest(serialize(model.optimizer))
        versions = [importlib.import_module(m).__version__ for m in (backend, "numpy")]
        self._parts = {
            "the model": _digest(model.get_config()),
            "the optimizer": _compiled[model.optimizer],
            "the loss": _digest(serialize(model.loss)),
            "epochs or batches": _digest([self.params["epochs"], self.params["steps"]]),
            "data or settings": self._made_of,
            "the seed": _digest(self._seed),
            "the packages": _digest([keras.__version__, backend, *versions]),
        }
        self._states = self._folder / _digest(list(self._parts.values()))[:12]

    def _say_what_differs(self) -> None:
        """Where a training of this name or model stands, say why it is not used."""
        if steps := int(self.model.optimizer.iterations):
            print(
                f"This model has been trained for {steps} steps before, and goes on "
                "from there. To begin anew, build and compile it again."
            )
        saved = self._folder.glob("*/epoch_*.npz")
        newest = max(saved, key=os.path.getmtime, default=None)
        if newest is not None:
            key = (newest.parent / "key.json").read_text(encoding="utf-8")
            before = json.loads(key)
            differs = [n for n, part in self._parts.items() if before.get(n) != part]
            print(
                f"A new training: {', '.join(differs)} changed since the one in "
                f"{newest.parent}, whose states are kept."
            )

    def _variables(self) -> list[Any]:
        """Return all that changes: weights, random seeds, optimizer, carried states."""
        carried = [
            keras.tree.flatten(layer.states)  # Keras counts them to no variables
            for layer in self.model._flatten_layers()
            if getattr(layer, "stateful", False)
        ]
        variables = [*self.model.variables, *self.model.optimizer.variables]
        return [*variables, *itertools.chain(*carried)]

    def _save(self, done: int) -> None:
        key = self._states / "key.json"
        if not key.exists():
            write_whole(key, json.dumps(self._parts).encode())
        told: dict[str, Any] = {"epochs": done, "history": self._history}
        values = [variable.numpy() for variable in self._variables()]
        arrays = {f"variable_{i}": value for i, value in enumerate(values)}
        if stopping := self._stopping:
            # Nothing is best where the metric that it monitors is missing.
            best = None if stopping.best is None else float(stopping.best)
            told["stopping"] = [stopping.wait, stopping.best_epoch, best]
            weights = enumerate(stopping.best_weights or [])
            arrays |= {f"best_{i}": weight for i, weight in weights}
        arrays["told"] = np.frombuffer(json.dumps(told).encode(), "uint8")
        path = self._states / f"epoch_{done:04d}.npz"
        write_whole(path, lambda file: np.savez(file, **arrays))
        for old in sorted(self._states.glob("epoch_*.npz"))[:-KEPT]:
            old.unlink(missing_ok=True)

    def _restore(self) -> bool:
        """Read the newest state that is whole; say whether there was one."""
        for path in sorted(self._states.glob("epoch_*.npz"), reverse=True):
            try:
                with np.load(path) as file:
                    arrays = dict(file)
            except (OSError, ValueError, EOFError, zipfile.BadZipFile):
                continue  # damaged by the disk, or not readable: the one before it
            told = json.loads(bytes(arrays.pop("told")))
            self._done, self._history = told["epochs"], told["history"]
            for i, variable in enumerate(self._variables()):
                variable.assign(arrays[f"variable_{i}"])
            if self._stopping:
                count = sum(name.startswith("best_") for name in arrays)
                best = [arrays[f"best_{i}"] for i in range(count)]
                self._best = [*told["stopping"], best]
            return True
        return False

    def _hand_back(self) -> None:
        """Give other callbacks what they knew; each of them forgets when it begins."""
        if self._done:
            history = self.model.history
            history.history = {name: list(v) for name, v in self._history.items()}
            history.epoch = list(range(self._done))
            if stopping := self._stopping:
                stopping.wait, stopping.best_epoch, stopping.best = self._best[:3]
                stopping.best_weights = self._best[3]


def _digest(thing: object) -> str:
    """Return a hash of an array, of texts and numbers, or of a container of these.

    Raises:
        ValueError: if it is or holds something else, whose changes nobody would notice.
    """
    if isinstance(thing, SimpleNamespace):  # what it is, and not how it is shown
        thing = {name: v for name, v in vars(thing).items() if name[0] != "_"}
    if isinstance(thing, keras.utils.PyDataset):
        thing = vars(thing)
    if isinstance(thing, dict):
        thing = sorted((str(name), value) for name, value in thing.items())
    if isinstance(thing, set | frozenset):
        thing = sorted(map(_digest, thing))
    if hasattr(thing, "__array__"):  # a tensor, a DataFrame, a number of NumPy's
        thing = np.asarray(thing)
        if thing.dtype.hasobject:
            thing = thing.tolist()  # the array holds no more than addresses
    parts: list[Any]  # bytes, or an array
    if isinstance(thing, np.ndarray):
        parts = [f"{thing.dtype}{thing.shape}".encode(), np.ascontiguousarray(thing)]
    elif isinstance(thing, list | tuple):
        parts = [_digest(part).encode() for part in thing]
    elif isinstance(thing, _PLAIN):
        # Keras counts the layers of a session: lstm_3 is the lstm of the next run.
        parts = [re.sub(r"_\d+(?='$)", "", repr(thing)).encode()]
    else:
        raise ValueError(
            "made_of must hold arrays, texts, numbers, settings and data sets, got "
            f"{shown(thing)}: hand on the arrays and numbers that it is made of"
        )
    digest = hashlib.sha256(type(thing).__name__.encode())
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
