"""What students get: the course without solutions, outputs, tests and generators."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import nbformat

from course_utils.datasets.fetch import ROOT
from course_utils.unseen import ANSWERS

# What only who keeps the course needs.
LEFT_OUT = (
    "tests/",
    "benchmarks/",
    "data/generators/",
    "notebooks/exercises/solutions/",
    ".ci/",
    ".github/",
    ".pre-commit-config.yaml",
    "requirements-test.lock",
)


def release(folder: Path) -> int:
    """Write the students' version of the course into a new folder.

    Args:
        folder: must not exist, or be empty.

    Returns:
        how many files were written.

    Raises:
        ValueError: if the folder holds something, or no git repository is here.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"DIR must be a new or an empty folder, got {folder}")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise ValueError("the course must be in a git repository: git lists its files")
    names = [name for name in listed.stdout.split("\0") if name]
    names = [name for name in names if not name.startswith(LEFT_OUT)]
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".ipynb"):
            _without_outputs(ROOT / name, target)
        elif ROOT / name == ANSWERS:
            # The checks need the answers; who searches for a word shall not meet them.
            target.write_bytes(base64.encodebytes(ANSWERS.read_bytes()))
        else:
            shutil.copy2(ROOT / name, target)
    return len(names)


def _without_outputs(source: Path, target: Path) -> None:
    """Copy a notebook, and leave out what its cells have printed."""
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, target)
