"""Exercises: checks that answer with a hint."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from course_utils.hints import LONGEST, Hint, expect, expect_array, stopped
from course_utils.unseen import earlier
from course_utils.unseen_inputs import compare

__all__ = ["Hint", "expect", "expect_array", "task"]


@contextlib.contextmanager
def task(number: int, *functions: Callable, of: str = "") -> Iterator[None]:
    """Check a task: say that it passed, or that it is still to do.

    With ``of``, the earlier tasks are the course's own answers while the check
    runs, so that a task is judged alone. After the cell's own checks, the functions
    are tried on inputs that the student has not seen.

    Args:
        number: of the task in its notebook.
        functions: what the student writes in it.
        of: the beginning of the notebook's name, such as ``"03"`` or ``"project_1"``.

    Raises:
        Hint: if an answer has not been written yet, an ``expect`` fails, or the answer
            stops with an error.
    """
    names = " and ".join(function.__name__ for function in functions)
    try:
        with _earlier_tasks(of, functions):
            yield
            _on_unseen_inputs(of, functions)
    except NotImplementedError:
        raise Hint(
            f"Task {number} is still to do: in the cell of {names}, write your code "
            "in place of the line 'raise NotImplementedError()'. Run that cell, then "
            "this one again."
        ) from None
    except Hint as hint:
        raise Hint(f"Task {number}, {names}: {hint}"[:LONGEST]) from None
    except Exception as error:
        said = f"Task {number}, {names}: {stopped(error, functions)}"
        raise Hint(said[:LONGEST]) from None
    print(f"Task {number} passed: {names}.")


def _earlier_tasks(of: str, functions: Sequence[Callable]) -> Any:
    """Let the functions call the course's answers of the tasks before them."""
    if not of:
        return contextlib.nullcontext()
    return in_place_of(functions[0].__globals__, earlier(of, functions[0].__name__))


@contextlib.contextmanager
def in_place_of(space: dict[str, Any], theirs: dict[str, Callable]) -> Iterator[None]:
    """Put functions into a notebook for a while, in place of those of their names."""
    kept = {name: space[name] for name in theirs if name in space}
    space.update(theirs)
    try:
        yield
    finally:
        for name in theirs:
            if name in kept:
                space[name] = kept[name]
            else:
                del space[name]


def _on_unseen_inputs(of: str, functions: Sequence[Callable]) -> None:
    """Compare the functions with the course's answers on other inputs."""
    if of:
        for function in functions:
            compare(of, function)
