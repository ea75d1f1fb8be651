"""Train lesson 12's character model as one of several ranks, on the JAX backend.

Every rank runs this file with the same arguments. What differs, its number and the
address of rank 0, stands in its environment; `course_utils.launch` sets it::

    python -m course_utils.launch 2 notebooks/scaling_out_worker.py rows.npy FOLDER

``rows.npy`` is int32 (rows, steps + 1): pieces of a text, as numbers of characters.
Every rank leaves its weights in FOLDER. Rank 0 also writes a checkpoint there after
each epoch, and all ranks go on from it if there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
# Keras looks for TensorFlow, to seed it as well. This process needs none of it, and
# without it a rank starts in half the time and takes half the memory.
sys.modules["tensorflow"] = None

import jax  # noqa: E402
import jaxlib  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402
from jax.sharding import PartitionSpec  # noqa: E402

EMBEDDING_DIM = 32


class Shard(keras.utils.PyDataset):
    """This rank's part of every batch, in one fixed random order; no other is read."""

    def __init__(self, rows: np.ndarray, batch: int, rank: int, ranks: int):
        super().__init__()
        if batch % ranks:
            raise ValueError(f"batch must be a multiple of {ranks} ranks, got {batch}")
        order = np.random.default_rng(0).permutation(len(rows))
        batches = order[: len(rows) // batch * batch].reshape(-1, ranks, batch // ranks)
        self.rows, self.chosen = rows, batches[:, rank]  # (batches, rows of this rank)

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.rows[self.chosen[i]]
        return rows[:, :-1], rows[:, 1:]  # each (rows of this rank, steps)


class OneAllReduce(keras.Sequential):
    """A model whose ranks meet once in each training step.

    The compiler on its own sums the parts of the ranks wherever it meets them: in a
    recurrent layer at every time step. Here each rank computes the gradient of its own
    rows alone, and one all-reduce of one long vector gives every rank the mean.
    """

    def train_step(self, state, data):
        """Do one step; the state is that of Keras's own step on JAX."""
        weights, others, optimizer, metrics = state

        def loss_of(weights, x, y):
            logits, _ = self.stateless_call(weights, others, x, training=True)
            return self.compute_loss(x, y, logits)

        def mean_over_ranks(weights, x, y):
            own = jax.value_and_grad(loss_of)(weights, x, y)  # (loss, gradients)
            vector, as_before = ravel_pytree(own)
            return as_before(jax.lax.pmean(vector, "batch"))

        everywhere, shared_out = PartitionSpec(), PartitionSpec("batch")
        loss, gradients = jax.shard_map(
            mean_over_ranks,
            mesh=keras.distribution.distribution().device_mesh.backend_mesh,
            in_specs=(everywhere, shared_out, shared_out),
            out_specs=everywhere,
            check_vma=False,  # the first state of a layer is the same on all ranks
        )(weights, *data[:2])
        weights, optimizer = self.optimizer.stateless_apply(
            optimizer, gradients, weights
        )
        mean_loss = self.metrics[0]
        metrics = mean_loss.stateless_update_state(metrics, loss)
        logs = {"loss": mean_loss.stateless_result(metrics)}
        return logs, (weights, others, optimizer, metrics)


class EndOfEpoch(keras.callbacks.Callback):
    """What rank 0 does after each epoch: it says the loss, and saves."""

    def __init__(self, folder: Path, epochs_done: int):
        super().__init__()
        self.checkpoint = folder / "checkpoint.keras"
        self.history_file = folder / "history.json"
        self.history = []
        if epochs_done:
            self.history = json.loads(self.history_file.read_text())[:epochs_done]

    def on_epoch_begin(self, epoch, logs=None):
        """Start the clock."""
        self.begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Stop the clock; write the checkpoint whole or not at all."""
        seconds = time.perf_counter() - self.begin
        self.history.append({"loss": logs["loss"], "seconds": seconds})
        print(f"epoch {epoch + 1}: loss {logs['loss']:.4f} nats")
        self.history_file.write_text(json.dumps(self.history))
        new = self.checkpoint.with_name("new.keras")
        distribution = keras.distribution.distribution()
        # Keras makes variables when it saves; shared ones would wait for all ranks.
        keras.distribution.set_distribution(None)
        self.model.save(new)
        keras.distribution.set_distribution(distribution)
        os.replace(new, self.checkpoint)


class Die(keras.callbacks.Callback):
    """Kill this process in the middle of an epoch, as a system out of memory does."""

    def __init__(self, epoch: int):
        super().__init__()
        self.last, self.epoch = epoch, None

    def on_epoch_begin(self, epoch, logs=None):
        """Remember which epoch it is."""
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        """Die after half of the batches."""
        if self.epoch == self.last and batch == self.params["steps"] // 2:
            float(logs["loss"])  # JAX computes ahead: wait until this step is done
            os.kill(os.getpid(), signal.SIGKILL)


def exchange_on_this_machine() -> None:
    """Let the ranks meet at the loopback address, not at the name of the machine.

    JAX has no public option for it, and a name may lead to an open network, or, on a
    laptop without one, nowhere.
    """
    make = jaxlib._jax.make_gloo_tcp_collectives
    jaxlib._jax.make_gloo_tcp_collectives = partial(make, hostname="127.0.0.1")


def build(characters: int, steps: int, arguments: argparse.Namespace) -> keras.Model:
    """Return a network like lesson 10's, with a target at every position."""
    kind = keras.Sequential if arguments.plain else OneAllReduce
    model = kind(
        [
            keras.Input((steps,), dtype="int32"),
            keras.layers.Embedding(characters, EMBEDDING_DIM),
            keras.layers.LSTM(arguments.units, return_sequences=True),
            keras.layers.Dense(characters),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(arguments.learning_rate), loss)
    return model


def main() -> None:
    """Train as the rank that the environment names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batch-size", type=int, default=256, help="of all ranks")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--units", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--plain", action="store_true", help="Keras's own train_step")
    parser.add_argument("--die", type=int, help="epoch in which the last rank dies")
    arguments = parser.parse_args()

    if os.environ["KERAS_DISTRIBUTION_JOB_ADDRESSES"].startswith("127."):
        exchange_on_this_machine()
    keras.utils.set_random_seed(0)  # the same first weights on every rank
    keras.distribution.initialize()  # waits until all ranks are there
    distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
    keras.distribution.set_distribution(distribution)
    rank, ranks = jax.process_index(), jax.process_count()

    rows, folder = np.load(arguments.rows, mmap_mode="r"), arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    data = Shard(rows, arguments.batch_size, rank, ranks)
    if (folder / "checkpoint.keras").exists():
        kinds = {"OneAllReduce": OneAllReduce}
        model = keras.saving.load_model(folder / "checkpoint.keras", kinds)
    else:
        model = build(int(rows.max()) + 1, rows.shape[1] - 1, arguments)
    done = int(model.optimizer.iterations) // len(data)
    print(f"{data.chosen.shape[1]} rows of every batch; {done} epochs are done")
    callbacks = []
    if rank == 0:
        callbacks.append(EndOfEpoch(folder, done))
    if rank == ranks - 1 and arguments.die:
        callbacks.append(Die(arguments.die))
    model.fit(
        data,
        initial_epoch=done,
        epochs=arguments.epochs,
        shuffle=False,
        callbacks=callbacks,
        verbose=0,
    )
    np.savez(folder / f"weights_{rank}.npz", *model.get_weights())


if __name__ == "__main__":
    main()
