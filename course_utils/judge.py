"""Judge a check that a student wrote, by right programs and by wrong ones.

The programs run in another process, so none of them can stop the notebook.
"""

from __future__ import annotations

import ast
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import cloudpickle

from course_utils.exercises import Hint
from course_utils.unseen import answers

__all__ = ["Verdict", "judge", "run_check"]

SECONDS = 10  # for the first word of a process, and for each program


class Verdict(NamedTuple):
    """What a check did with each program.

    Attributes:
        refused_right: what it said of the right programs that it refused.
        let_through: the hints of the course for the wrong programs that it accepted.
        right: how many right programs there are.
        wrong: how many wrong ones.
    """

    refused_right: list[str]
    let_through: list[str]
    right: int
    wrong: int


def judge(check: Callable[[Callable], Any], of: str, name: str) -> None:
    """Say that a check sees every wrong program of a task, or how many it lets through.

    Args:
        check: gets a program, and stops with an error (an ``assert``) if it is wrong.
        of: the beginning of the exercise's name, such as ``"03"``.
        name: of the function in this exercise.

    Raises:
        Hint: if it refuses a right program, or lets a wrong one through.
    """
    found = run_check(check, of, name)
    if any(said.startswith("NotImplementedError") for said in found.refused_right):
        raise NotImplementedError
    if found.refused_right:
        raise Hint(
            f"Your check refuses {len(found.refused_right)} of {found.right} right "
            f"programs, with {found.refused_right[0]}. A right program may be written "
            "in another way than yours: compare numbers with a tolerance, and test "
            "only what the task asks for."
        )
    if found.let_through:
        raise Hint(
            f"Your check lets {len(found.let_through)} of {found.wrong} wrong programs "
            f"through. To one of them the course says: {found.let_through[0]!r}"
        )
    print(f"Your check refuses all {found.wrong} wrong programs.")


def run_check(check: Callable[[Callable], Any], of: str, name: str) -> Verdict:
    """Run a check on the right and the wrong programs of a task.

    Args:
        check: as for ``judge``.
        of: the beginning of the exercise's name.
        name: of the function in this exercise.

    Returns:
        what it did with them. What does not end counts as an error.
    """
    right, wrong = programs(of, name)
    said: list[str] = []
    while len(said) < len(right) + len(wrong):
        said += _in_another_process(check, of, name, first=len(said))
    said = said[: len(right) + len(wrong)]
    refused = [text for text in said[: len(right)] if text]
    through = [
        hint
        for (_, hint), text in zip(wrong, said[len(right) :], strict=True)
        if not text
    ]
    return Verdict(refused, through, len(right), len(wrong))


def programs(of: str, name: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the right programs of a task, and the wrong ones with their hints."""
    exercise = answers()[of]
    solution = exercise["tasks"][name]
    right = [_with_body(solution, body) for body in exercise["right"].get(name, [])]
    wrong = [
        (_with_body(solution, case["answer"]), case.get("about", case["hint"]))
        for case in exercise["wrong"][name]
    ]
    return [solution, *right], wrong


def _with_body(function: str, body: str) -> str:
    """Return a function with another body."""
    tree = ast.parse(function)
    node = next(n for n in tree.body if isinstance(n, ast.FunctionDef))
    node.body = ast.parse(body).body
    return ast.unparse(tree)


def _in_another_process(check: Callable, of: str, name: str, first: int) -> list[str]:
    """Return what the check says of the programs from ``first`` on, until one hangs."""
    command = [sys.executable, "-m", "course_utils.judge", of, name, str(first)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    lines: queue.Queue[bytes] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(b"")

    threading.Thread(target=read, daemon=True).start()
    said: list[str] = []
    try:
        assert process.stdin is not None
        process.stdin.write(cloudpickle.dumps(check))
        process.stdin.close()
        # The first line says that the process is ready: its imports take some time.
        lines.get(timeout=6 * SECONDS)
        while line := lines.get(timeout=SECONDS):
            said.append(line.decode().rstrip("\n"))
            if line == b"end\n":
                return said[:-1]
        said.append("an error that ends Python")
    except queue.Empty:
        said.append(f"no end within {SECONDS} seconds")
    finally:
        process.kill()
        process.wait()
    return said


def _work(of: str, name: str, first: int) -> None:
    """Read a check, and print a line for each program: empty, or an error."""
    import contextlib
    import io
    import os
    import warnings

    check = cloudpickle.loads(sys.stdin.buffer.read())
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    print("ready", file=out, flush=True)
    with contextlib.redirect_stdout(io.StringIO()):
        for said in what_it_says(check, of, name, first):
            print(said, file=out, flush=True)
    print("end", file=out, flush=True)


def what_it_says(check: Callable, of: str, name: str, first: int = 0) -> Iterator[str]:
    """Yield what a check says of each program: nothing, or its error in one line."""
    right, wrong = programs(of, name)
    for source in [*right, *(text for text, _ in wrong)][first:]:
        try:
            came = check(_function(of, name, source))
            yield "" if came is None else f"{came!r:.50}, which it returns: use assert"
        except Exception as stopped:
            frames = traceback.extract_tb(stopped.__traceback__)
            lines = [f.lineno for f in frames if f.name == check.__name__]
            where = f" in line {lines[-1]} of its cell" if lines else ""
            said = f"{type(stopped).__name__}{where} {stopped}"
            yield said.replace("\n", " ").strip()[:150]


def _function(of: str, name: str, source: str) -> Callable:
    """Return a program as a function, with what it needs and no more."""
    exercise = answers()[of]
    tasks = list(exercise["tasks"])
    space: dict[str, Any] = {}
    sources = [*map(exercise["tasks"].get, tasks[: tasks.index(name)]), source]
    sources = [text for text in sources if "keras" not in text]
    imports = exercise["imports"].splitlines()
    for text in [line for line in imports if "keras" not in line] + sources:
        exec(f"from __future__ import annotations\n{text}", space)
    return space[name]


if __name__ == "__main__":
    _work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
