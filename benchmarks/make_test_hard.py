"""Run the tests under hard conditions, several times; record how each run ended.

The files come in random order, the checkout is read-only, there is no network but the
machine's own, and the cores are busy: with the runs of other checkouts, or, beside a
single one, with two processes that do nothing else. Linux, as root.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import random
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from course_utils.datasets.fetch import ROOT
from course_utils.results import read_results
from keeper.record import write_results

RECORD = "tests_under_load"

# In namespaces of its own, which end with it: a network that is only this machine, and
# the checkout mounted upon itself, read-only.
ALONE = """
set -e
ip link set lo up
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
cd "$1"
if touch written 2> /dev/null; then exit 99; fi
exec make test ARGS="$2"
"""


def burn() -> None:
    """Keep a core busy."""
    while True:
        pass


def run(checkout: Path, seed: int) -> dict:
    """Run all tests of a checkout once; say how many passed, and the minutes."""
    files = [*checkout.glob("tests/test_*.py"), *checkout.glob("notebooks/*.ipynb")]
    names = sorted(str(path.relative_to(checkout)) for path in files)
    random.Random(seed).shuffle(names)
    command = ["unshare", "--mount", "--net", "bash", "-c", ALONE, "-", str(checkout)]
    begin = time.perf_counter()
    done = subprocess.run(
        [*command, " ".join(names)], capture_output=True, text=True, errors="replace"
    )
    minutes = (time.perf_counter() - begin) / 60
    if done.returncode:
        print(done.stdout[-20_000:], done.stderr[-2000:])
    python = [checkout / ".venv" / "bin" / "python", "--version"]
    version = subprocess.run(python, capture_output=True, text=True).stdout.split()[1]
    counts = re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout[-500:])
    return {
        "python": version,
        "seed": seed,
        "status": done.returncode,
        "minutes": round(minutes, 1),
        **{name: int(count) for count, name in counts},
    }


def main() -> None:
    """Run all checkouts at once; record how each run ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", type=Path, nargs="*", default=[ROOT])
    parser.add_argument("--seed", type=int, default=0, help="of the first one's order")
    parser.add_argument("--more", action="store_true", help="add to the record")
    given = parser.parse_args()
    checkouts = [checkout.resolve() for checkout in given.checkouts]
    burning = 2 if len(checkouts) == 1 else 0
    busy = [multiprocessing.Process(target=burn, daemon=True) for _ in range(burning)]
    for process in busy:
        process.start()
    with ThreadPoolExecutor(len(checkouts)) as pool:
        runs = list(pool.map(run, checkouts, itertools.count(given.seed)))
    for process in busy:
        process.kill()
    others = 2 * (len(checkouts) - 1) or burning
    runs = [{**done, "busy_processes": others} for done in runs]
    print(*runs, sep="\n")
    before = read_results(RECORD)["runs"] if given.more else []
    write_results(RECORD, {"runs": [*before, *runs]})


if __name__ == "__main__":
    main()
