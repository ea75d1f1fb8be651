"""Exercises: checks that answer with a hint, and the student's version of a notebook.

A source notebook under ``notebooks/exercises/solutions`` holds, for each task, a cell
with a function whose body stands between nbgrader's solution marks, and a cell that
checks it. ``student_version`` takes the bodies out.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import nbformat
import numpy as np

from course_utils.datasets.fetch import ROOT

__all__ = ["Hint", "expect", "expect_array", "student_version", "task", "write_all"]

STUDENT = ROOT / "notebooks" / "exercises"
SOLUTIONS = STUDENT / "solutions"

# nbgrader's marks, and what it puts in their place.
REGION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$",
    re.DOTALL | re.MULTILINE,
)
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")


class Hint(AssertionError):  # noqa: N818 -- it is no error of the program
    """What is wrong with an answer, and where to look. Shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows of this error: its sentence alone."""
        return [str(self)]


@contextlib.contextmanager
def task(number: int, *functions: Callable) -> Iterator[None]:
    """Check a task: say that it passed, or that it is still to do.

    Args:
        number: of the task in its notebook.
        functions: what the student writes in it.

    Raises:
        Hint: if an answer has not been written yet, or an ``expect`` fails.
    """
    names = " and ".join(function.__name__ for function in functions)
    try:
        yield
    except NotImplementedError:
        raise Hint(
            f"Task {number} is still to do: in the cell of {names}, write your code "
            "in place of the line 'raise NotImplementedError()'. Run that cell, then "
            "this one again."
        ) from None
    except Hint as hint:
        raise Hint(f"Task {number}, {names}: {hint}") from None
    print(f"Task {number} passed: {names}.")


def expect(holds: bool, hint: str) -> None:
    """Stop with a hint where an answer is not right.

    Args:
        holds: whether the answer has the property.
        hint: what is wrong and why it may be, without the answer.

    Raises:
        Hint: if it does not hold, or is several truth values: where a number is asked
            for, the answer may be an array.
    """
    if np.size(holds) != 1 or not holds:
        raise Hint(hint)


def expect_array(value: object, shape: Sequence[int], hint: str = "") -> None:
    """Stop with a hint where an answer is not a finite array of a shape.

    Args:
        value: the answer; a tensor of the backend counts as an array.
        shape: what its shape must be.
        hint: what the axes mean, said where the shape is another.

    Raises:
        Hint: if it is no array of numbers, has another shape, or holds NaN or infinity.
    """
    expect(value is not None, "It returned None. Does the function end with return?")
    expect(
        hasattr(value, "shape"),
        f"It must return an array, and returned a {type(value).__name__}.",
    )
    came, wanted = tuple(value.shape), tuple(shape)
    expect(came == wanted, f"The shape is {came}, not {wanted}. {hint}".strip())
    try:
        finite = np.isfinite(np.asarray(value, dtype="float64")).all()
    except (TypeError, ValueError):
        raise Hint("It must return an array of numbers.") from None
    expect(finite, "The result holds NaN or infinity. Is there a division by zero?")


def student_version(source: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy of a source notebook with a stub in place of each solution.

    Raises:
        ValueError: if a solution cell has no marks, or marks stand elsewhere.
    """
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        is_solution = cell.metadata.get("nbgrader", {}).get("solution", False)
        cell.source, regions = REGION.subn(_stub, cell.source)
        if is_solution != (regions == 1) or "SOLUTION" in cell.source:
            raise ValueError(
                "a cell that is marked as a solution, and no other, must hold one "
                f"region ### BEGIN SOLUTION … ### END SOLUTION: {cell.source[:60]!r}"
            )
    return notebook


def write_all() -> list[Path]:
    """Write the student's version of every source notebook; return their paths."""
    paths = []
    for source in sorted(SOLUTIONS.glob("*.ipynb")):
        path = STUDENT / source.name
        nbformat.write(student_version(nbformat.read(source, as_version=4)), path)
        paths.append(path)
    return paths


def _stub(region: re.Match[str]) -> str:
    return "\n".join(region[1] + line for line in STUB)
