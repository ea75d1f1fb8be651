"""Time two ways of doing the same, alternately in one run; record their ratio.

Each script beside this one measures one section of results/benchmarks.json. With
``--try``, it measures each way once, prints, and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import psutil

from keeper.record import write_section

_parser = argparse.ArgumentParser(
    description="Measure one section of results/benchmarks.json, and write it there."
)
_parser.add_argument("--try", action="store_true", help="once; write nothing")
_parser.add_argument("--way", help=argparse.SUPPRESS)  # see in_turn
GIVEN = vars(_parser.parse_args())
TRY = GIVEN["try"]


def compare(
    ours: str,
    run_ours: Callable[[], Any],
    theirs: str,
    run_theirs: Callable[[], Any],
    repeats: int = 5,
) -> dict[str, Any]:
    """Time both alternately, so that a slow moment of the machine meets both.

    Args:
        ours: what to call our way in the table.
        run_ours: runs once before the clock starts, then ``repeats`` times.
        theirs: what to call the other way.
        run_theirs: runs as often as ``run_ours``.
        repeats: how many pairs are timed.

    Returns:
        as ``pair``.
    """
    run_ours(), run_theirs()
    times = [(seconds(run_ours), seconds(run_theirs)) for _ in range(_few(repeats))]
    our_times, their_times = zip(*times, strict=True)
    return pair(ours, our_times, theirs, their_times)


def pair(
    ours: str, our_times: Sequence[float], theirs: str, their_times: Sequence[float]
) -> dict[str, Any]:
    """Return medians in seconds, and theirs / ours.

    The ratio is the median of the ratios of neighbours in time, with the smallest and
    the largest.
    """
    ratios = [t / o for o, t in zip(our_times, their_times, strict=True)]
    return {
        "ours": ours,
        "theirs": theirs,
        "seconds_ours": round(statistics.median(our_times), 4),
        "seconds_theirs": round(statistics.median(their_times), 4),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_min": round(min(ratios), 2),
        "ratio_max": round(max(ratios), 2),
        "repeats": len(ratios),
    }


def in_turn(script: str, ways: Sequence[str], repeats: int) -> dict[str, list[dict]]:
    """Run each way in a fresh process, in turn, so that its memory is its own.

    Args:
        script: is called with ``--way`` and a name; the last line that it prints is
            what it measured, in JSON, with at least "seconds" and "megabytes".
        ways: the names.
        repeats: how often each of them runs.

    Returns:
        what each run of each way printed.
    """
    runs: dict[str, list[dict]] = {way: [] for way in ways}
    for _ in range(_few(repeats)):
        for way in ways:
            done = subprocess.run(
                [sys.executable, script, "--way", way],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            runs[way].append(json.loads(done.stdout.splitlines()[-1]))
    return runs


def pair_of_runs(ours: str, our_runs: list, theirs: str, their_runs: list) -> dict:
    """Return ``pair`` of two results of ``in_turn``, with the memory of each way."""
    our_times, their_times = (
        [run["seconds"] for run in runs] for runs in (our_runs, their_runs)
    )
    return {
        **pair(ours, our_times, theirs, their_times),
        "megabytes_ours": max(run["megabytes"] for run in our_runs),
        "megabytes_theirs": max(run["megabytes"] for run in their_runs),
    }


def write(section: str, record: dict[str, Any], *more: str) -> None:
    """Write a section of results/benchmarks.json and print its ratios.

    Args:
        section: the name of the script.
        record: "what" was measured and, if ways are compared, "pairs".
        more: further packages whose versions belong to it.
    """
    if not TRY:
        write_section("benchmarks", section, record, *more)
    for one in record.get("pairs", []):
        print(
            f"{one['ours']}: {one['seconds_ours']} s; {one['theirs']}: "
            f"{one['seconds_theirs']} s; ratio {one['ratio']} "
            f"({one['ratio_min']}–{one['ratio_max']})",
            flush=True,
        )


def seconds(run: Callable[[], Any]) -> float:
    """Return how long a run takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def peak_megabytes() -> float:
    """Return the largest memory of this process so far."""
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):  # Windows
        return memory.peak_wset / 1e6
    import resource

    unit = 1 if sys.platform == "darwin" else 1_024  # Linux counts kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def way_wanted() -> str | None:
    """Return the way that ``in_turn`` asks this process for."""
    return GIVEN["way"]


def _few(repeats: int) -> int:
    return 1 if TRY else repeats
