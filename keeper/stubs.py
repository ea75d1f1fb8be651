"""The student's version of an exercise: its solutions taken out.

A source notebook under ``notebooks/exercises/solutions`` holds, for each task, a cell
with a function whose body stands between nbgrader's solution marks, and a cell that
checks it.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path

import nbformat

from course_utils.datasets.fetch import ROOT
from keeper.roles import fold

STUDENT = ROOT / "notebooks" / "exercises"
SOLUTIONS = STUDENT / "solutions"

# nbgrader's marks, and what it puts in their place.
REGION = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$",
    re.DOTALL | re.MULTILINE,
)
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")


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
        notebook = fold(nbformat.read(source, as_version=4))
        nbformat.write(student_version(notebook), path)
        paths.append(path)
    return paths


def _stub(region: re.Match[str]) -> str:
    return "\n".join(region[1] + line for line in STUB)
