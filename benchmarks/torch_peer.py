"""PyTorch's side of two sections, in a process of its own.

In one process, the threads of PyTorch and of TensorFlow wait for work by spinning, and
slow each other down. So ``Peer`` starts this script, and asks it for one run after the
other. PyTorch is no part of the course: where it is not installed, ``Peer`` ends the
section, and the record keeps what it holds.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.datasets.fetch import ROOT
from course_utils.profiles import Settings

REVIEWS = Settings("lstm_and_gru", "lecture")
WEATHER = Settings("weather_gru", "lecture")
FILE = ROOT / "build" / "benchmarks" / "batches.npz"


class Peer:
    """The other process: ``with Peer(batches) as peer: peer.run("LSTM")()``."""

    def __init__(self, batches: dict[str, list[tuple[np.ndarray, np.ndarray]]]):
        """Hand the batches over, each a name and its inputs and targets."""
        if importlib.util.find_spec("torch") is None:
            print("PyTorch is not installed: the section keeps its record.")
            sys.exit()
        FILE.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            FILE,
            **{
                f"{name} {part} {i}": array
                for name, pairs in batches.items()
                for i, pair in enumerate(pairs)
                for part, array in zip("xy", pair, strict=True)
            },
        )

    def __enter__(self) -> Peer:
        pipe = subprocess.PIPE
        command = [sys.executable, __file__]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        FILE.unlink()

    def run(self, name: str) -> Callable[[], None]:
        """Return what has the other process do one of the runs of ``runs``."""

        def ask() -> None:
            print(name, file=self.process.stdin, flush=True)
            if not self.process.stdout.readline():
                raise RuntimeError("the process with PyTorch ended: see above")

        return ask


def serve() -> None:
    """Do the runs that are named on standard input, and say when each is done."""
    made = {}
    for line in sys.stdin:
        name = line.strip()
        made[name] = made.get(name) or runs()[name]()
        made[name]()
        print(flush=True)


def runs() -> dict[str, Callable[[], Callable[[], None]]]:
    """Return what builds each run; a run trains on all its batches once."""
    from torch import nn

    with np.load(FILE) as arrays:
        batches: dict[str, list] = {}
        for key in arrays.files:
            if " x " in key:
                pair = arrays[key], arrays[key.replace(" x ", " y ")]
                batches.setdefault(key.split(" x ")[0], []).append(pair)
    full, like, windows = map(batches.get, ("padded", "by length", "windows"))
    return {
        "LSTM": lambda: reviews(full, nn.LSTM),
        "LSTM, by length": lambda: reviews(like, nn.LSTM),
        "LSTM, packed": lambda: reviews(like, nn.LSTM, packed=True),
        "RNN": lambda: reviews(full, nn.RNN),
        "LSTM, bidirectional": lambda: reviews(full, nn.LSTM, directions=2),
        "GRU": lambda: weather(windows),
        "GRUCell": lambda: weather_with_dropout(windows),
    }


def reviews(
    data: list[tuple], layer: type, directions: int = 1, packed: bool = False
) -> Callable[[], None]:
    """Return what trains PyTorch's own layer on all batches of reviews once.

    Args:
        data: batches, the padding in front.
        layer: ``nn.LSTM`` or ``nn.RNN``.
        directions: 2 reads from both ends.
        packed: leave the padding out by ``pack_padded_sequence``.
    """
    import torch
    from torch import nn

    size = REVIEWS.embedding_dim
    embedding = nn.Embedding(REVIEWS.num_words, size)
    reader = layer(size, REVIEWS.units, batch_first=True, bidirectional=directions == 2)
    dense = nn.Linear(directions * REVIEWS.units, 1)
    entropy = nn.BCEWithLogitsLoss()

    def loss(x: Any, y: Any, lengths: Any) -> Any:
        vectors = embedding(x)
        if packed:
            vectors = nn.utils.rnn.pack_padded_sequence(
                vectors, lengths, batch_first=True, enforce_sorted=False
            )
        _, state = reader(vectors)
        last = state[0] if layer is nn.LSTM else state  # (directions, samples, units)
        return entropy(dense(torch.cat(list(last), dim=-1))[:, 0], y)

    batches = []
    for x, y in data:
        lengths = np.maximum((x > 0).sum(axis=1), 1)
        if packed:  # it wants the padding at the end
            x = np.stack([np.roll(row, n) for row, n in zip(x, lengths, strict=True)])
        batches.append((x.astype("int64"), y, lengths))
    return trained([embedding, reader, dense], loss, batches)


def weather(data: list[tuple]) -> Callable[[], None]:
    """Return what trains PyTorch's own GRU, without dropout, on all windows once."""
    from torch import nn

    gru = nn.GRU(data[0][0].shape[-1], WEATHER.units, batch_first=True)
    dense = nn.Linear(WEATHER.units, 1)
    mae = nn.L1Loss()
    return trained([gru, dense], lambda x, y: mae(dense(gru(x)[1][0]), y), data)


def weather_with_dropout(data: list[tuple]) -> Callable[[], None]:
    """Return what trains a GRU with both dropouts on all windows once.

    ``nn.GRU`` drops nothing inside a step: its steps run in one call that takes no
    mask. What PyTorch can do is a loop over ``nn.GRUCell``, with one mask for the
    inputs and one for the state, the same for all steps, as in Keras.
    """
    import torch
    from torch import nn

    columns = data[0][0].shape[-1]
    cell = nn.GRUCell(columns, WEATHER.units)
    dense = nn.Linear(WEATHER.units, 1)
    mae = nn.L1Loss()
    drop = nn.Dropout(WEATHER.dropout)

    def loss(x: Any, y: Any) -> Any:
        state = torch.zeros(len(x), WEATHER.units)
        of_input = drop(torch.ones(len(x), columns))
        of_state = drop(torch.ones(len(x), WEATHER.units))
        for step in x.unbind(dim=1):
            state = cell(step * of_input, state * of_state)
        return mae(dense(state), y)

    return trained([cell, dense], loss, data)


def trained(modules: list, loss: Callable, data: list[tuple]) -> Callable[[], None]:
    """Return what trains on all batches once, with Keras's settings of RMSprop.

    Args:
        modules: those whose weights are trained.
        loss: of one batch.
        data: the arguments of ``loss`` for each batch, as arrays.
    """
    import torch

    parameters = [p for module in modules for p in module.parameters()]
    optimizer = torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-7)
    batches = [tuple(map(torch.from_numpy, batch)) for batch in data]

    def run() -> None:
        for batch in batches:
            optimizer.zero_grad()
            loss(*batch).backward()
            optimizer.step()

    return run


if __name__ == "__main__":
    serve()
