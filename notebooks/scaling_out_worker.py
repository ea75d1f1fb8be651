"""Train lesson 12's character model as one of several ranks, on the JAX backend.

Every rank calls `train` in a process of its own, with the same arguments but for its
number. What starts the processes is not decided here: the lesson lets Dask do it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from functools import partial
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Keras imports these if they are there. A rank needs none of them, and without them it
# starts in half the time and takes half the memory.
for _name in ("tensorflow", "sklearn", "pandas"):
    sys.modules[_name] = None

import jax  # noqa: E402
import jaxlib  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from jax.experimental import multihost_utils  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402
from jax.sharding import PartitionSpec  # noqa: E402

from course_utils._whole import write_whole  # noqa: E402

EMBEDDING_DIM = 32


def train(
    rows: str,
    folder: str,
    *,
    rank: int,
    ranks: int,
    coordinator: str,
    characters: int,
    batch_size: int = 256,
    epochs: int = 4,
    units: int = 128,
    learning_rate: float = 0.01,
    plain: bool = False,
    count: bool = False,
    one_core: bool = False,
    start_seconds: int = 300,
    silence_seconds: int = 100,
    die_in_epoch: int | None = None,
) -> dict:
    """Train as one rank; go on from rank 0's checkpoint if there is one.

    Args:
        rows: an int32 file (rows, steps + 1), pieces of a text as numbers of
            characters. If its name holds "{rank}", each rank has a file of its own and
            reads all of it; else all ranks see one file, and each reads its rows of it.
        folder: for the checkpoint, of rank 0, and ``rank_N.log``, what rank N says.
            With "{rank}" in its name, each rank has its own.
        rank: number of this process, from 0.
        ranks: how many there are.
        coordinator: "host:port" at which rank 0 waits for the others.
        characters: how many different ones there are, in all files together.
        batch_size: rows of a training step, of all ranks together.
        epochs: how many are to be done, those before the checkpoint included.
        units: of the LSTM.
        learning_rate: of Adam.
        plain: whether to take Keras's own training step.
        count: whether to count the all-reduces of both training steps.
        one_core: whether each rank shall keep to one core of this machine.
        start_seconds: how long to wait for the other ranks at the start.
        silence_seconds: after how long a silent rank counts as dead.
        die_in_epoch: in whose middle the last rank kills itself.

    Returns:
        ``rows``, of this rank in a batch; ``left_out``, rows of its file in no batch;
        ``done``, the epochs before this run; ``loss`` in nats and ``seconds``, of each
        epoch; ``all_reduces`` of "ours" and "keras", if counted; the ``weights``.

    Raises:
        ValueError: if the rows do not fit.
        ConnectionError: if another rank is lost.
    """
    place = Path(folder.replace("{rank}", str(rank)))
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"rank_{rank}.log").open("ab") as log:
        for stream in (1, 2):  # the libraries below do not use Python's sys.stdout
            os.dup2(log.fileno(), stream)
    if one_core and hasattr(os, "sched_setaffinity"):  # macOS cannot
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[rank % len(cores)]})
    exchange_towards(coordinator)
    limits = {"initialization_timeout": start_seconds}
    if jax.__version_info__ >= (0, 7):  # before, it is always 100 seconds
        limits["heartbeat_timeout_seconds"] = silence_seconds
    try:
        jax.distributed.initialize(
            coordinator, ranks, rank, coordinator_bind_address=coordinator, **limits
        )
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(auto_shard_dataset=False)
        )
        data = Rows(rows, batch_size, characters, rank, ranks)
        steps = data.rows.shape[1] - 1
        model = build(characters, steps, units, learning_rate, plain)
        last_epoch = die_in_epoch if rank == ranks - 1 else None
        around = AroundEpochs(model, data, place / "checkpoint.npz", rank, last_epoch)
        counts = {
            name: all_reduces(build(characters, steps, units, 0.01, kind), data)
            for name, kind in (("ours", False), ("keras", True))
            if count
        }
        part = {"initial_epoch": around.done, "epochs": epochs, "shuffle": False}
        history = model.fit(data, **part, callbacks=[around], verbose=0)
    except (RuntimeError, ValueError) as error:
        if not any(word in str(error) for word in ("Gloo", "UNAVAILABLE", "DEADLINE")):
            raise
        lost = f"rank {rank} has lost another rank, or the way to it"
        print(lost, flush=True)  # it may be cut off from the client, too
        raise ConnectionError(lost) from error
    weights = model.get_weights()
    jax.distributed.shutdown()  # waits until all ranks are here
    return {
        "rows": data.part,
        "left_out": data.left_out,
        "done": around.done,
        "loss": history.history.get("loss", []),
        "seconds": around.seconds,
        "all_reduces": counts,
        "weights": weights,
    }


class Rows(keras.utils.PyDataset):
    """This rank's part of every batch, in an order that is new in every epoch.

    Args and errors are those of `train`. An epoch has as many batches as the rows give;
    what does not fill a batch is left out of it, other rows in every epoch.
    """

    def __init__(self, rows: str, batch: int, characters: int, rank: int, ranks: int):
        super().__init__()
        if batch % ranks:
            raise ValueError(f"batch_size must divide by {ranks} ranks, got {batch}")
        own = "{rank}" in rows  # a file of its own for each rank
        self.rows = np.load(rows.replace("{rank}", str(rank)), mmap_mode="r")
        self.characters, self.part = characters, batch // ranks
        self.sharers, self.place = (1, 0) if own else (ranks, rank)
        self.left_out = len(self.rows) % (self.part * self.sharers)
        batches = multihost_utils.process_allgather(np.int32(len(self))).ravel()
        if batches.min() < 1 or batches.min() != batches.max():
            each = ", ".join(map(str, batches))
            raise ValueError(
                f"rows must give every rank as many batches, at least 1, got {each}"
            )
        self.reorder(0)

    def __len__(self) -> int:
        return len(self.rows) // (self.part * self.sharers)

    def reorder(self, epoch: int) -> None:
        """Draw the order of an epoch; who shares a file draws the same."""
        order = np.random.default_rng([0, epoch]).permutation(len(self.rows))
        batches = order[: len(order) - self.left_out]
        self.chosen = batches.reshape(-1, self.sharers, self.part)[:, self.place]

    def __getitem__(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.rows[self.chosen[i]]
        if rows.max() >= self.characters:
            raise ValueError(
                f"rows must hold numbers below {self.characters}, the number of "
                f"characters, got {rows.max()}"
            )
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


def build(
    characters: int, steps: int, units: int, learning_rate: float, plain: bool
) -> keras.Model:
    """Return a network like lesson 10's, with a target at every position."""
    # Fixed seeds give every rank the same first weights. A seed for all of Python would
    # not: Dask's own threads draw numbers, too.
    scaled = keras.initializers.GlorotUniform
    model = (keras.Sequential if plain else OneAllReduce)(
        [
            keras.Input((steps,), dtype="int32"),
            keras.layers.Embedding(
                characters, EMBEDDING_DIM, keras.initializers.RandomUniform(seed=0)
            ),
            keras.layers.LSTM(
                units,
                kernel_initializer=scaled(seed=1),
                recurrent_initializer=keras.initializers.Orthogonal(seed=2),
                return_sequences=True,
                seed=3,
            ),
            keras.layers.Dense(characters, kernel_initializer=scaled(seed=4)),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    model.optimizer.build(model.trainable_variables)
    return model


class AroundEpochs(keras.callbacks.Callback):
    """What is done around an epoch: a new order, the clock, and rank 0's checkpoint."""

    def __init__(self, model, data, checkpoint: Path, rank: int, die_in: int | None):
        super().__init__()
        self.data, self.checkpoint, self.rank = data, checkpoint, rank
        self.die_in, self.epoch, self.seconds = die_in, None, []
        self.variables = [*model.weights, *model.optimizer.variables]
        state = own = [np.int32(0), *self.state()]
        if rank == 0 and checkpoint.exists():
            with np.load(checkpoint) as saved:
                state = [saved[name] for name in saved.files]
            if [array.shape for array in state] != [array.shape for array in own]:
                raise ValueError(
                    f"{checkpoint.name} must be of the same network: take another "
                    "folder, or the settings of before"
                )
        # Rank 0 alone looks for the file, and tells the others what it found.
        done, *state = multihost_utils.broadcast_one_to_all(state)
        self.done = int(done)
        for variable, value in zip(self.variables, state, strict=True):
            variable.assign(value)

    def state(self) -> list[np.ndarray]:
        """Return the weights and what the optimizer keeps."""
        return [np.asarray(variable.value) for variable in self.variables]

    def on_epoch_begin(self, epoch, logs=None):
        """Draw the order of the rows; start the clock."""
        self.data.reorder(epoch)
        self.epoch, self.begin = epoch + 1, time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Die where it is asked for, as a system out of memory kills a process."""
        if self.epoch == self.die_in and batch == len(self.data) // 2:
            float(logs["loss"])  # JAX computes ahead: wait until this step is done
            os.kill(os.getpid(), signal.SIGKILL)

    def on_epoch_end(self, epoch, logs=None):
        """Stop the clock; write the checkpoint whole or not at all."""
        self.seconds.append(time.perf_counter() - self.begin)
        print(f"epoch {epoch + 1}: loss {logs['loss']:.4f} nats", flush=True)
        if self.rank == 0:
            state = [np.int32(epoch + 1), *self.state()]
            write_whole(self.checkpoint, lambda file: np.savez(file, *state))


def all_reduces(model: keras.Model, data: Rows) -> dict[str, int]:
    """Count the all-reduces of the compiled step, outside loops and in them."""
    of = (model.trainable_variables, model.non_trainable_variables)
    of += (model.optimizer.variables, model.metrics_variables)
    state = tuple([variable.value for variable in variables] for variables in of)
    layout = keras.distribution.distribution().get_data_layout(data[0][0].shape)
    put = partial(jax.make_array_from_process_local_data, layout.backend_layout)
    step = jax.jit(model.train_step).lower(state, [put(part) for part in data[0]])
    loops, outside = step.compile().as_text().split("\nENTRY ")
    counted = {"outside": outside, "in_loops": loops}
    return {where: text.count(" all-reduce(") for where, text in counted.items()}


def exchange_towards(coordinator: str) -> None:
    """Let other ranks find this one at its address in the coordinator's network.

    By itself JAX gives them what the machine's name means. In Debian this is 127.0.1.1,
    which each machine takes for itself. There is no public option.
    """
    make = getattr(jaxlib._jax, "make_gloo_tcp_collectives", None)
    if make is None:
        raise RuntimeError(
            f"jaxlib {jaxlib.__version__} hides the address of the exchange: install "
            "the version in requirements.lock"
        )
    host, port = coordinator.rsplit(":", 1)
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.connect((host, int(port)))  # sends nothing: it looks for the way
        here = probe.getsockname()[0]
    jaxlib._jax.make_gloo_tcp_collectives = partial(make, hostname=here)
