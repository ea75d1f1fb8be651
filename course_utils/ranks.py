"""Run a script in several processes, the *ranks* of one run, on the workers of Dask.

Dask starts the processes, on this machine (``LocalCluster``) or on others
(``SSHCluster``, ``SLURMCluster``, ``KubeCluster``). Here each gets its number, and the
address at which rank 0 waits for the others.
"""

from __future__ import annotations

import asyncio
import logging
import runpy
import socket
from contextlib import suppress
from pathlib import Path

import dask
from distributed import Client, as_completed, wait
from distributed.comm import get_address_host
from distributed.scheduler import KilledWorker

# Closing a cluster on a busy machine logs to standard error, after it has already taken
# back what it was told of silence. What matters is raised.
for _name in ("distributed", "distributed.client"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# By itself Dask makes its workers give memory back at once: a training then asks for it
# anew in every step, which makes it slower.
dask.config.set({"distributed.nanny.pre-spawn-environ": {}})

START_SECONDS = 120
_REASON_SECONDS = 3  # one failure brings others about; which was first is seen by then


class RankError(RuntimeError):
    """A rank failed or died; all ranks that could be reached have been ended."""


def run_ranks(
    client: Client, script: str | Path, /, *, ranks: int = 2, **options: object
) -> list:
    """Call ``train`` of a script as every rank, each in a worker process of its own.

    A cluster serves one run, because JAX joins processes once in their life: at the
    end, good or bad, the cluster is shut down. If a rank fails, all are ended: a rank
    that waits for a dead one waits in vain.

    Args:
        client: of a cluster with at least ``ranks`` workers. The script has to be at
            the same place on every machine.
        script: a Python file with a function ``train``.
        ranks: the number of processes, at least 1.
        **options: keyword arguments of ``train``. It also gets ``rank``, its number
            from 0, ``ranks``, and ``coordinator``, "host:port" of rank 0.

    Returns:
        what ``train`` returned, in the order of the ranks.

    Raises:
        ValueError: if ``ranks`` is below 1.
        TimeoutError: if there are fewer workers after two minutes.
        RankError: if a rank fails or dies.
    """
    if ranks < 1:
        raise ValueError(f"ranks must be at least 1, got {ranks}")
    try:
        client.wait_for_workers(ranks, timeout=START_SECONDS)
        # A rank can't begin again alone: Dask shall give up a task whose worker died.
        client.run_on_scheduler(
            lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0)
        )
        workers = client.scheduler_info(n_workers=-1)["workers"]
        chosen = sorted(workers, key=lambda address: str(workers[address]["name"]))
        first = client.submit(_free_address, chosen[0], workers=chosen[0])
        options |= {"ranks": ranks, "coordinator": first.result()}
        futures = [
            client.submit(
                _train, str(script), {**options, "rank": rank}, workers=chosen[rank]
            )
            for rank in range(ranks)
        ]
        for future in as_completed(futures):
            if future.status == "error":
                raise _first_failure(futures, chosen)
        return client.gather(futures)
    finally:
        client.shutdown()


def _free_address(worker: str) -> str:
    """Return a free "host:port" on the machine of a worker; runs there."""
    host = get_address_host(worker)
    with socket.socket() as probe:
        probe.bind((host, 0))
        return f"{host}:{probe.getsockname()[1]}"


def _train(script: str, options: dict) -> object:
    """Call ``train`` of a script; runs in a worker's process."""
    return runpy.run_path(script)["train"](**options)


def _first_failure(futures: list, workers: list[str]) -> RankError:
    """Name the rank that caused the others to fail."""
    with suppress(asyncio.TimeoutError):  # some may wait for the one that failed
        wait(futures, timeout=_REASON_SECONDS)
    errors = {
        rank: future.exception()
        for rank, future in enumerate(futures)
        if future.status == "error"
    }
    killed = [rank for rank in errors if isinstance(errors[rank], KilledWorker)]
    # A dead process is a cause; a lost connection is an effect.
    rank = min(killed or errors, key=lambda r: isinstance(errors[r], ConnectionError))
    how = f"failed: {type(errors[rank]).__name__}: {errors[rank]}"
    if killed:
        how = "died: killed, or without news of another rank for too long; see its log"
    elif len(how) > 300:
        how = f"{how[:300]} …"
    where = get_address_host(workers[rank])
    told = RankError(
        f"Rank {rank} of {len(futures)}, on {where}, {how}. The run has been ended."
    )
    told.__cause__ = errors[rank].with_traceback(futures[rank].traceback())
    return told
