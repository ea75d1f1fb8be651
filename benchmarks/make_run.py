"""Execute all lessons in the quick profile: seconds and memory of each."""

import os
import time

os.environ["COURSE_PROFILE"] = "quick"

from pairs import TRY, write
from rich.console import Console

from keeper.execute import execute_all


def main() -> None:
    """Execute, and write the record."""
    begin = time.perf_counter()
    done = execute_all(["00"] if TRY else [], Console(), at_once=2)  # as `make run`
    total = round(time.perf_counter() - begin, 1)
    failed = [name for name, execution in done.items() if execution.error]
    if failed:
        raise SystemExit(f"Nothing is recorded: {', '.join(failed)} failed.")
    measured = {
        name: {
            "seconds": round(execution.seconds, 1),
            "megabytes": round(execution.peak_bytes / 1e6),
        }
        for name, execution in done.items()
    }
    print(f"{len(measured)} lessons in {total} s")
    record = {
        "what": "`make run`, quick profile",
        "seconds": total,
        "lessons": measured,
    }
    write("make_run", record)


if __name__ == "__main__":
    main()
