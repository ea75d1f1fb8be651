"""Run the tests under hard conditions, several times; record how each run ended.

Two processes keep both cores busy, the files come in random order, the checkout is
read-only, and there is no network but the machine's own. Linux, as root.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import subprocess
import time
from pathlib import Path

from course_utils.datasets.fetch import ROOT
from course_utils.results import read_results, write_results

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
    busy = [multiprocessing.Process(target=burn, daemon=True) for _ in range(2)]
    for process in busy:
        process.start()
    begin = time.perf_counter()
    done = subprocess.run(
        [*command, " ".join(names)], capture_output=True, text=True, errors="replace"
    )
    minutes = (time.perf_counter() - begin) / 60
    for process in busy:
        process.kill()
    if done.returncode:
        print(done.stdout[-5000:], done.stderr[-2000:])
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
    """Run once for each seed; the record is kept after each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="+", help="of the order of the files")
    parser.add_argument("--checkout", type=Path, default=ROOT, help="another one")
    parser.add_argument("--more", action="store_true", help="add to the record")
    given = parser.parse_args()
    for seed in given.seeds:
        done = run(given.checkout.resolve(), seed)
        print(done, flush=True)
        runs = read_results(RECORD)["runs"] if given.more else []
        write_results(RECORD, {"runs": [*runs, done]})
        given.more = True


if __name__ == "__main__":
    main()
