"""Time the whole of ``make test``; up to a quarter of an hour."""

import subprocess
import sys

from pairs import TRY, seconds, write


def main() -> None:
    """Test, and write the record."""
    command = [sys.executable, "-m", "keeper", "test"]
    if TRY:
        command.append("tests/test_project.py")
    total = round(seconds(lambda: subprocess.run(command, check=True)), 1)
    write("make_test", {"what": "`make test`", "seconds": total})


if __name__ == "__main__":
    main()
