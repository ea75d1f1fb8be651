"""What a shared server must carry: an idle JupyterLab, and several kernels at once.

It needs Linux, some ten minutes and 16 GB. ``docs/teaching.md`` shows the figures.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
from pairs import TRY, write

from course_utils.datasets.fetch import ROOT
from keeper.execute import LESSONS, PeakMemory, execute

LESSON = "07_lstm_and_gru"
CLASSES = (1,) if TRY else (1, 5, 10)
PORT = 8899
MB = 1e6


def main() -> None:
    """Measure the idle server, then the kernels; write the record."""
    record = {
        "what": f"an idle JupyterLab; kernels that execute {LESSON} (quick) at once",
        "memory": "proportional set size of all processes: shared pages counted once",
        "total_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "idle": idle_server(),
        "kernels": [kernels(count) for count in CLASSES],
    }
    print(record["idle"], *record["kernels"], sep="\n")
    write("server", record)


def idle_server() -> dict[str, float]:
    """Start JupyterLab; time it to its first answer, then weigh it."""
    command = [sys.executable, "-m", "keeper", "lab", "--no-browser"]
    command += [f"--port={PORT}", "--ServerApp.port_retries=0", "--allow-root"]
    begin = time.perf_counter()
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        while not answers(f"http://127.0.0.1:{PORT}/login"):
            time.sleep(0.05)
        seconds = time.perf_counter() - begin
        time.sleep(5)  # what it still loads after its first answer
        process = psutil.Process(server.pid)
        megabytes = proportional([process, *process.children(True)]) / MB
    finally:
        for process in (*psutil.Process(server.pid).children(True), server):
            process.terminate()
        server.wait()
    return {"seconds": round(seconds, 1), "megabytes": round(megabytes)}


def kernels(count: int) -> dict[str, float]:
    """Execute the lesson in ``count`` kernels at once."""
    path = LESSONS / f"{LESSON}.ipynb"
    me = psutil.Process()
    with (
        PeakMemory(lambda: proportional(me.children(True)), every=0.5) as peak,
        ThreadPoolExecutor(count) as pool,
    ):
        done = list(pool.map(lambda _: execute(path), range(count)))
    errors = [execution.error for execution in done if execution.error]
    if errors:
        raise SystemExit(f"{len(errors)} of {count} kernels failed: {errors[0]}")
    return {
        "kernels": count,
        "gigabytes": round(peak.bytes / 1e9, 1),
        "seconds_first": round(min(execution.seconds for execution in done)),
        "seconds_last": round(max(execution.seconds for execution in done)),
    }


def proportional(processes: list[psutil.Process]) -> int:
    """Return the proportional set size of processes, in bytes."""
    return sum(_unless_gone(lambda p=p: p.memory_full_info().pss) for p in processes)


def _unless_gone(measure: Callable[[], int]) -> int:
    try:
        return measure()
    except psutil.NoSuchProcess:
        return 0


def answers(address: str) -> bool:
    """Say whether a server answers at an address."""
    try:
        with urllib.request.urlopen(address, timeout=1):
            return True
    except urllib.error.HTTPError:
        return True  # an answer, too
    except OSError:
        return False


if __name__ == "__main__":
    main()
