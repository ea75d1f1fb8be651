"""Say below a running cell how far it is, and leave no trace."""

from __future__ import annotations

import html
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from IPython import get_ipython
from IPython.display import HTML, DisplayHandle

__all__ = ["Line", "track"]

T = TypeVar("T")
EVERY = 0.25  # seconds between two updates


def track(items: Iterable[T], title: str) -> Iterator[T]:
    """Yield the items of a long loop; show below the cell how far it is.

    Args:
        items: what the loop goes through; all are listed before the first is given.
        title: what is being done.
    """
    items = list(items)
    line = Line(title)
    try:
        for done, item in enumerate(items):
            line.show(f"{done + 1} of {len(items)}", done / len(items))
            yield item
    finally:
        line.clear()


class Line:
    """A line below the cell that is rewritten in place, at most four times a second.

    It is shown where a person can answer a prompt, as in JupyterLab. A notebook that is
    executed by a program, or a script, shows nothing: recorded outputs hold no trace.
    Who executes notebooks finds the line in the file that the environment variable
    ``COURSE_PROGRESS`` names.

    Args:
        title: what is being done.
    """

    def __init__(self, title: str):
        self._title = title
        self._display: DisplayHandle | None = None
        self._last: float | None = None  # when it was shown
        self._first: tuple[float, float] | None = None  # when, and which share

    def show(self, text: str, share: float | None = None) -> None:
        """Show the title, a text, and about how long the rest will take.

        Args:
            text: where it is.
            share: how much is done, 0 to 1; the time is measured from the first one.
        """
        now = time.monotonic()
        told = os.environ.get("COURSE_PROGRESS")
        if not told and not _someone_looks():
            return
        if self._first is None and share is not None:
            self._first = now, share
        if self._last is not None and now - self._last < EVERY:
            return
        self._last = now
        bar = left = ""
        if share is not None and self._first is not None:
            bar = f'<progress value="{share:.3f}"></progress> '
            begin, before = self._first
            if share > before:
                seconds = (now - begin) * (1 - share) / (share - before)
                left = f", about {_duration(seconds)} left"
        line = f"{self._title}: {text}{left}"
        if told:
            self._tell(told, line)
            return
        if self._display is None:
            self._display = DisplayHandle()
            self._display.display(HTML(""))
        self._display.update(HTML(bar + html.escape(line)))

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._display is not None:
            self._display.update(HTML(""))
            self._display = None
        if told := os.environ.get("COURSE_PROGRESS"):
            self._tell(told, "")

    def _tell(self, file: str, line: str) -> None:
        with suppress(OSError):  # no line is worth the training
            Path(file).write_text(line, encoding="utf-8")


def _someone_looks() -> bool:
    """Tell whether this is a notebook whose reader can answer a prompt.

    Programs that execute notebooks (nbclient, nbval, papermill) allow no prompt.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
