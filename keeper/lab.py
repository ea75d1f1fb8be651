"""Open the course in JupyterLab, in copies that are the student's own.

``notebooks/`` holds the course's files, which a new version replaces. A student works
in ``my_notebooks/``, beside it: no update of the course stops at, or overwrites, what
is written there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from course_utils._whole import write_whole
from course_utils.datasets.fetch import ROOT

NOTEBOOKS = ROOT / "notebooks"
SETTINGS = Path(__file__).parent / "templates" / "lab"
FIRST = "00_start_here.ipynb"
MINE = "my_notebooks"
# In it: for each copy, the course's file that it was made from.
ORIGINALS = ".course"
BACKUPS = "backups"


def lab(arguments: list[str]) -> int:
    """Open JupyterLab on your copies of the notebooks; --edit: on the course's own."""
    options = [argument for argument in arguments if argument != "--edit"]
    if options != arguments:
        folder, first = ROOT, NOTEBOOKS / FIRST
    else:
        work = work_folder()
        folder, first = work / MINE, work / MINE / FIRST
        # They record each cell's times in it: for copies only.
        options.insert(0, f"--LabApp.app_settings_dir={SETTINGS}")
        try:
            print(*update(work), f"Your notebooks: {folder}", sep="\n", flush=True)
        except OSError as error:
            raise SystemExit(
                f"Your notebooks cannot be written to {folder}: {error.strerror}. Set "
                "COURSE_WORK to a folder that you may write to and that has room."
            ) from None
    command = [
        "--ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        # The course works without a network: look for no updates and no news.
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        *options,
        str(first),
    ]
    if os.name == "posix":
        # In place of this process: what ends it, a signal or a closed terminal, then
        # ends the server, and with it its kernels.
        python = sys.executable
        os.execv(python, [python, "-m", "jupyterlab", *command])
    from jupyterlab.labapp import main  # elsewhere: in this process

    return main(command)


def work_folder() -> Path:
    """Return the folder in which ``my_notebooks/`` and ``build/`` are made.

    The environment variable ``COURSE_WORK`` names it; a relative path counts from the
    top of the repository. Without it, it is the repository, or a folder in the user's
    home where the repository cannot be written, as one that a class shares.
    """
    if named := os.environ.get("COURSE_WORK"):
        return ROOT / Path(named).expanduser()
    return ROOT if os.access(ROOT, os.W_OK) else Path.home() / "keras-sequences"


def update(work: Path) -> list[str]:
    """Bring ``my_notebooks/`` to the course's version; keep what the student wrote.

    A copy in which only outputs differ from the course's older version is replaced. In
    any other, each cell that the student changed or added stays. Every file is written
    whole or not at all: if this is killed, the next call completes it.

    Args:
        work: the folder that holds ``my_notebooks/``, or shall hold it.

    Returns:
        a sentence for each file of the student's that was changed or set aside.

    Raises:
        OSError: if the folder cannot be written.
    """
    mine = work / MINE
    mine.mkdir(parents=True, exist_ok=True)
    with FileLock(mine / ".lock"):  # two that start at once
        originals = mine / ORIGINALS
        names = _files(NOTEBOOKS) | _files(originals)
        sentences = [_update_file(name, mine) for name in sorted(names)]
        if work != ROOT:  # what the notebooks show of ../docs
            for picture in (ROOT / "docs").glob("*.svg"):
                _write(work / "docs" / picture.name, picture.read_bytes())
    return [sentence for sentence in sentences if sentence]


def merge(mine: list[dict], original: list[dict], course: list[dict]) -> list[dict]:
    """Merge the cells of a student's notebook with those of the course's new version.

    A cell that the student changed stays as it is. One that the student added, or
    changed and the course deleted, stays behind the cell that it followed. Every other
    cell is the course's. Merging the result again changes nothing.

    Args:
        mine: the cells of the student's notebook.
        original: those of the course's version that it was made from.
        course: those of the course's new version.

    Returns:
        the cells of the merged notebook. Where both changed a cell, a note behind the
        student's shows the course's: as text, since as code it would undo the answer.
    """
    before = {cell.get("id"): _content(cell) for cell in original}
    now = {cell.get("id"): _content(cell) for cell in course}
    kept: dict[str | None, dict] = {}
    behind: dict[str | None, list[dict]] = {None: []}
    last = None
    for cell in mine:
        name, content = cell.get("id"), _content(cell)
        if name in now:
            last = name
            if content not in (before.get(name), now[name]):
                kept[name] = cell
        elif content != before.get(name):
            behind.setdefault(last, []).append(cell)
    notes = {
        _note_id(cell): _note(cell)
        for cell in course
        if cell["id"] in kept and now[cell["id"]] != before.get(cell["id"])
    }
    merged = behind[None]
    for cell in course:
        merged.append(kept.get(cell["id"], cell))
        if note := notes.get(_note_id(cell)):
            merged.append(note)
        added = behind.get(cell["id"], [])
        merged += [other for other in added if other.get("id") not in notes]
    return merged


def _update_file(name: Path, folder: Path) -> str | None:
    """Update one copy; return what the student should know of it, if anything."""
    path, original_path = folder / name, folder / ORIGINALS / name
    mine, original = _read(path), _read(original_path)
    course = _read(NOTEBOOKS / name)
    is_notebook = name.suffix == ".ipynb"
    if course is None:
        changed = mine is not None and not _same(mine, original)
        if not changed:
            path.unlink(missing_ok=True)
        original_path.unlink()
        return f"{name} is no longer in the course; yours stays." if changed else None
    if is_notebook and _cells(course) is None:
        restore = f"git checkout notebooks/{name}"
        return f"The course's {name} cannot be read. Bring it back: {restore}"
    sentence = None
    if is_notebook and mine is not None and _cells(mine) is None:
        backup = _backup_path(name)
        (folder / backup).parent.mkdir(parents=True, exist_ok=True)
        path.replace(folder / backup)
        mine = None
        sentence = f"{name} could not be read: it is now {backup}, and {name} is new."
    if mine is None:
        _write(original_path, course)
    if original == course and mine is not None:
        return None
    new = course
    if mine is not None and mine != course and not _same(mine, original):
        if is_notebook:
            new = _merge_files(mine, original, course)
        if new != mine:
            backup = _backup_path(name)
            _write(folder / backup, mine)
            sentence = f"{name} is updated"
            sentence += ", and keeps what you wrote" if is_notebook else ""
            sentence += f". Yours, as it was: {backup}."
    # The copy first: if this is killed in between, the next call does the same again.
    _write(path, new)
    _write(original_path, course)
    return sentence


def _merge_files(mine: bytes, original: bytes | None, course: bytes) -> bytes:
    notebook = json.loads(course)
    versions = (_cells(raw or b"") or [] for raw in (mine, original, course))
    notebook["cells"] = merge(*versions)
    return json.dumps(notebook, indent=1).encode()


def _note(cell: dict) -> dict:
    """Return the cell that shows the course's version of one that stays."""
    if cell["cell_type"] == "code":
        shown = f"````python\n{cell['source']}\n````"
    else:
        shown = "\n".join(f"> {line}" for line in cell["source"].splitlines())
    text = (
        "**New in the course.** You changed the cell above, so it stays as you wrote "
        f"it. The course's new version of it is:\n\n{shown}"
    )
    return {
        "cell_type": "markdown",
        "id": _note_id(cell),
        "metadata": {},
        "source": text,
    }


def _note_id(cell: dict) -> str:
    return f"{cell['id'][:60]}-new"  # at most 64 characters


def _same(mine: bytes, original: bytes | None) -> bool:
    """Say whether a copy is as it came, outputs and empty cells aside."""
    if mine == original:
        return True
    if original is None:
        return False
    ours, theirs = (
        [(c.get("id"), *_content(c)) for c in _cells(raw) or [] if c["source"].strip()]
        for raw in (mine, original)
    )
    return ours == theirs != []


def _content(cell: dict) -> tuple[str, str]:
    return cell["cell_type"], cell["source"]


def _cells(raw: bytes) -> list[dict] | None:
    """Return the cells of a notebook, or None if this is no notebook."""
    try:
        cells = json.loads(raw)["cells"]
        for cell in cells:
            cell["source"] = "".join(cell["source"])  # a string, or a list of lines
            cell["cell_type"] += ""
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return cells


def _files(folder: Path) -> set[Path]:
    """Return the notebooks and programs below a folder, relative to it."""
    found = {
        path.relative_to(folder)
        for pattern in ("*.ipynb", "*.py")
        for path in folder.rglob(pattern)
    }
    return {path for path in found if not any(p.startswith(".") for p in path.parts)}


def _backup_path(name: Path) -> Path:
    return Path(BACKUPS, time.strftime("%Y-%m-%d_%H-%M-%S"), name)


def _read(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _write(path: Path, content: bytes) -> None:
    """Write a file, unless that is what it holds: its time stays."""
    if _read(path) != content:
        write_whole(path, content)
