"""Execute lessons from a clean kernel; measure their seconds and peak memory."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
)
from rich.table import Table
from rich.text import Text

from course_utils.datasets.fetch import ROOT
from course_utils.text import format_bytes

LESSONS = ROOT / "notebooks"


class Execution(NamedTuple):
    """One executed notebook.

    Attributes:
        notebook: with the outputs it got, up to the cell that failed.
        seconds: wall-clock time, the start of the kernel included.
        peak_bytes: the largest resident memory of the kernel and what it started.
        error: what failed, in one line; ``None`` if every cell passed.
    """

    notebook: nbformat.NotebookNode
    seconds: float
    peak_bytes: int
    error: str | None


def lessons() -> list[Path]:
    """Return the paths of the lessons, in their order."""
    return sorted(LESSONS.glob("[0-9][0-9]_*.ipynb"))


def tags(cell: nbformat.NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def chosen(prefixes: list[str]) -> list[Path]:
    """Return the lessons whose names begin with one of ``prefixes``, or all."""
    found = [p for p in lessons() if not prefixes or p.name.startswith(tuple(prefixes))]
    if not found:
        raise SystemExit(f"No lesson's name begins with {' or '.join(prefixes)}.")
    return found


def one_thread_each() -> None:
    """Give each process that is started from now on one thread for its arithmetic.

    With more, processes that run at the same time wait for each other.
    """
    for pool in ("OMP_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        os.environ.setdefault(f"{pool}_THREADS", "1")


def execute(
    path: Path,
    on_cell: Callable[[], None] = lambda: None,
    env: Mapping[str, str] | None = None,
    without: str | None = None,
) -> Execution:
    """Execute a notebook in the folder it is in; its file is not changed.

    Args:
        path: the notebook.
        on_cell: called after each cell, to show progress.
        env: further environment variables of the kernel.
        without: a tag; cells that have it are left out.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if without not in tags(c)]
    client = NotebookClient(
        notebook,
        timeout=None,  # training in the lecture profile takes hours
        kernel_name="python3",
        # Both would change the file at every run.
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],  # of the kernel, on the terminal
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_complete=lambda **_: on_cell(),
    )
    error = None
    begin = time.perf_counter()

    def resident() -> int:
        manager = client.km
        started = manager.provisioner if manager and manager.has_kernel else None
        pid = getattr(started, "pid", None)
        if pid is None:
            return 0
        kernel = psutil.Process(pid)
        return sum(p.memory_info().rss for p in [kernel, *kernel.children(True)])

    with PeakMemory(resident) as peak:
        try:
            client.execute(env={**os.environ, **(env or {})})
        except CellExecutionError as failure:
            error = f"{failure.ename}: {failure.evalue}"
        except DeadKernelError:
            error = "the kernel died, perhaps for want of memory"
    seconds = time.perf_counter() - begin
    # The patch version of Python would make the same run differ between machines.
    notebook.metadata.get("language_info", {}).pop("version", None)
    return Execution(notebook, seconds, peak.bytes, error)


def execute_all(
    prefixes: list[str], console: Console, at_once: int = 1
) -> dict[str, Execution]:
    """Execute the lessons whose names begin with one of ``prefixes``, or all.

    Args:
        prefixes: beginnings of file names, for example "02"; none for all lessons.
        console: where progress is shown.
        at_once: how many kernels run at the same time.

    Returns:
        the execution of each lesson, by its name without the extension, in order.
    """
    paths = chosen(prefixes)
    if at_once > 1:
        one_thread_each()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with (
        TemporaryDirectory() as folder,
        Progress(*columns, _CellColumn(), console=console, transient=True) as progress,
        ThreadPoolExecutor(at_once) as pool,
    ):

        def execute_one(path: Path) -> Execution:
            cells = len(nbformat.read(path, as_version=4).cells)
            line = Path(folder, path.stem)
            task = progress.add_task(path.stem, total=cells, line=line)
            told = {"COURSE_PROGRESS": str(line)}
            execution = execute(path, lambda: progress.advance(task), told)
            progress.remove_task(task)
            state = f"failed: {execution.error}" if execution.error else "passed"
            console.print(f"{path.stem}: {state}", markup=False)
            return execution

        done = list(pool.map(execute_one, paths))
    return {path.stem: one for path, one in zip(paths, done, strict=True)}


class _CellColumn(ProgressColumn):
    """What a long cell says of itself."""

    def render(self, task: Task) -> Text:
        try:
            return Text(task.fields["line"].read_text(encoding="utf-8"))
        except OSError:
            return Text()  # it has said nothing yet


def summary(done: dict[str, Execution]) -> Table:
    """Return a table of seconds and peak memory."""
    table = Table("notebook", "seconds", "peak memory", "passed")
    for name, execution in done.items():
        passed = "no" if execution.error else "yes"
        memory = format_bytes(execution.peak_bytes)
        table.add_row(name, f"{execution.seconds:.1f}", memory, passed)
    return table


class PeakMemory:
    """The largest memory that was seen between entering and leaving.

    Args:
        measure: says how many bytes are in use now; called from a thread. A process
            that has just ended is no error.
        every: seconds from one measurement to the next.

    Attributes:
        bytes: the largest figure so far.
    """

    def __init__(self, measure: Callable[[], int], every: float = 0.05):
        self.bytes = 0
        self._measure = measure
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._stop.wait(self._every):
            with suppress(psutil.Error):
                self.bytes = max(self.bytes, self._measure())
