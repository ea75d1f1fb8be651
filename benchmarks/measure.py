"""Time two ways of doing the same, alternately in one run; record their ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from course_utils.results import write_results


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
        medians in seconds, and theirs / ours: the median ratio of a pair, with the
        smallest and the largest.
    """
    run_ours(), run_theirs()
    pairs = [(_seconds(run_ours), _seconds(run_theirs)) for _ in range(repeats)]
    ratios = [their_time / our_time for our_time, their_time in pairs]
    our_times, their_times = zip(*pairs, strict=True)
    return {
        "ours": ours,
        "theirs": theirs,
        "seconds_ours": round(statistics.median(our_times), 4),
        "seconds_theirs": round(statistics.median(their_times), 4),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_min": round(min(ratios), 2),
        "ratio_max": round(max(ratios), 2),
        "repeats": repeats,
    }


def write(name: str, what: str, pairs: list[dict[str, Any]]) -> None:
    """Write ``results/<name>.json`` and print the ratios."""
    write_results(name, {"what": what, "pairs": pairs})
    for pair in pairs:
        print(
            f"{pair['ours']}: {pair['seconds_ours']} s; {pair['theirs']}: "
            f"{pair['seconds_theirs']} s; ratio {pair['ratio']} "
            f"({pair['ratio_min']}–{pair['ratio_max']})"
        )


def _seconds(run: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin
