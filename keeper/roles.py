"""What in a notebook is whose: only what is the reader's own stands open.

``python -m keeper.roles`` folds the cells of all notebooks and executes nothing.
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from course_utils.datasets.fetch import ROOT


def role(cell: nbformat.NotebookNode) -> str | None:
    """Return what a cell is beside the lesson, or ``None``: it is the lesson.

    ``"notes"`` are the speaker's, ``"parameters"`` choose the profile, a ``"check"``
    states its claim in its output, ``"drawing"`` is seen in its figure. JupyterLab
    opens folded cells with a click; decks and web edition fold or leave out the same.
    """
    if cell.metadata.get("slideshow", {}).get("slide_type") == "notes":
        return "notes"
    tags = cell.metadata.get("tags", [])
    if "parameters" in tags:
        return "parameters"
    if "check" in tags or cell.metadata.get("nbgrader", {}).get("grade"):
        return "check"
    if cell.metadata.get("slideshow", {}).get("fold"):
        return "drawing"
    return None


def fold(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Fold in JupyterLab what is not the lesson, and nothing else; change in place."""
    for cell in notebook.cells:
        hidden = {} if role(cell) is None else {"source_hidden": True}
        others = cell.metadata.get("jupyter", {}).items()
        kept = {name: value for name, value in others if name != "source_hidden"}
        cell.metadata.pop("jupyter", None)
        if kept | hidden:
            cell.metadata["jupyter"] = kept | hidden
    return notebook


def notebooks() -> list[Path]:
    """Return the paths of all notebooks: lessons, exercises, and their solutions."""
    return sorted((ROOT / "notebooks").rglob("*.ipynb"))


if __name__ == "__main__":
    for path in notebooks():
        nbformat.write(fold(nbformat.read(path, as_version=4)), path)
