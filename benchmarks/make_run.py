"""Execute all lessons in the quick profile: seconds and memory of each."""

import os

os.environ["COURSE_PROFILE"] = "quick"

from measure import TRY, write
from rich.console import Console

from course_utils.execute import execute_all


def main() -> None:
    """Execute, and write the record."""
    done = execute_all(["00"] if TRY else [], Console())
    failed = [name for name, execution in done.items() if execution.error]
    if failed:
        raise SystemExit(f"Nothing is recorded: {', '.join(failed)} failed.")
    lessons = {
        name: {
            "seconds": round(execution.seconds, 1),
            "megabytes": round(execution.peak_bytes / 1e6),
        }
        for name, execution in done.items()
    }
    total = round(sum(lesson["seconds"] for lesson in lessons.values()), 1)
    print(f"{len(lessons)} lessons in {total} s")
    record = {"what": "`make run`, quick profile", "seconds": total, "lessons": lessons}
    write("make_run", record)


if __name__ == "__main__":
    main()
