"""Start a script in several processes, the *ranks* of one run, and end them together.

``python -m course_utils.launch 2 script.py arguments`` starts two ranks on one machine.
Each finds in its environment what ``keras.distribution.initialize()`` reads: the
address of rank 0, its own number, and how many there are. On a cluster, something else
sets these three variables on each machine; the script stays as it is.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

ADDRESS = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
COUNT = "KERAS_DISTRIBUTION_NUM_PROCESSES"
RANK = "KERAS_DISTRIBUTION_PROCESS_ID"
_LAST_LINES = 10


class RankError(RuntimeError):
    """A rank failed, or the time was over; all ranks have been ended."""


def launch(
    script: str | Path,
    *arguments: object,
    ranks: int = 2,
    timeout: float | None = None,
    env: Mapping[str, str] | None = None,
    echo: Callable[[str], object] | None = print,
) -> list[list[str]]:
    """Run a Python script in several processes until all of them end well.

    If one fails, all are ended: a rank that waits for a dead one waits in vain. They
    are also ended at Ctrl-C and at the time limit. Each rank has a core of its own, as
    far as there are enough and the system can pin a process (macOS cannot).

    Args:
        script: the Python file.
        arguments: what stands behind it on the command line.
        ranks: the number of processes, at least 1.
        timeout: seconds after which all ranks are ended; ``None`` for no limit.
        env: environment variables to add to those of this process.
        echo: gets every line as it comes, as ``[rank] line``; ``None`` for silence.

    Returns:
        the lines that each rank printed, on standard output and standard error.

    Raises:
        ValueError: if ``ranks`` is below 1 or there is no such script.
        RankError: if a rank fails or the time is over; it shows the rank's last lines.
    """
    if ranks < 1:
        raise ValueError(f"ranks must be at least 1, got {ranks}")
    if not Path(script).is_file():
        raise ValueError(f"script must be a Python file, but {script} is none")
    command = [sys.executable, str(script), *map(str, arguments)]
    address = f"127.0.0.1:{_free_port()}"
    events: queue.Queue[tuple[int, str | int]] = queue.Queue()
    lines: list[list[str]] = [[] for _ in range(ranks)]
    processes: list[subprocess.Popen] = []
    try:
        for rank in range(ranks):
            placed = {ADDRESS: address, COUNT: str(ranks), RANK: str(rank)}
            processes.append(_start(command, {**os.environ, **(env or {}), **placed}))
            _pin(processes[rank].pid, rank)
            watcher = (rank, processes[rank], events)
            threading.Thread(target=_watch, args=watcher, daemon=True).start()
        _follow(events, lines, timeout, echo)
    finally:
        _end(processes)
    return lines


def one_thread_each() -> None:
    """Give each process that is started from now on one thread for its arithmetic.

    With more, processes that run at the same time wait for each other.
    """
    for pool in ("OMP_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        os.environ.setdefault(f"{pool}_THREADS", "1")


def _start(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen:
    # The ranks stay in the group of this process: whoever ends the group, as a closed
    # terminal or a restarted notebook does, ends them too.
    return subprocess.Popen(
        command,
        env={**env, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _pin(pid: int, rank: int) -> None:
    """Give a new process one core; the threads that it starts later inherit it."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        with contextlib.suppress(ProcessLookupError):  # it has already ended
            os.sched_setaffinity(pid, {cores[rank % len(cores)]})


def _watch(rank: int, process: subprocess.Popen, events: queue.Queue) -> None:
    """Report each line of a process, and last its exit status."""
    for line in process.stdout or ():
        events.put((rank, line.rstrip()))
    events.put((rank, process.wait()))


def _follow(
    events: queue.Queue,
    lines: list[list[str]],
    timeout: float | None,
    echo: Callable[[str], object] | None,
) -> None:
    """Pass lines on until all ranks have ended well; stop at the first that has not."""
    running = set(range(len(lines)))
    end = time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
    while running:
        try:
            rank, event = events.get(timeout=max(0, end - time.monotonic()))
        except queue.Empty:
            rank = min(running)
            how = f"was still running after {timeout:g} seconds"
            raise _error(rank, how, lines) from None
        if isinstance(event, str):
            lines[rank].append(event)
            if echo:
                echo(f"[{rank}] {event}")
        elif event == 0:
            running.remove(rank)
        else:
            raise _error(rank, _how_it_ended(event), lines)


def _error(rank: int, how: str, lines: list[list[str]]) -> RankError:
    last = [f"    {line}" for line in lines[rank][-_LAST_LINES:]]
    return RankError(
        f"Rank {rank} of {len(lines)} {how}; all ranks have been ended. "
        + "\n".join(["Its last lines:", *last] if last else ["It printed nothing."])
    )


def _how_it_ended(status: int) -> str:
    if status < 0:  # so says POSIX of a process that a signal killed
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"


def _end(processes: Sequence[subprocess.Popen]) -> None:
    """Kill what still runs, with the processes that it started itself."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> int:
    """Launch what the command line says; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.launch", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--timeout", type=float, help="seconds")
    parser.add_argument("ranks", type=int, help="number of processes")
    parser.add_argument("script", help="a Python file")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the script")
    given = parser.parse_args()
    # Being told to end must end the ranks too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        launch(given.script, *given.arguments, ranks=given.ranks, timeout=given.timeout)
    except (RankError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
