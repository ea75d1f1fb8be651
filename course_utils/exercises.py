"""Exercises: checks that answer with a hint."""

from __future__ import annotations

import contextlib
import linecache
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["Hint", "expect", "expect_array", "task"]

LONGEST = 480  # characters of a hint


class Hint(AssertionError):  # noqa: N818 -- it is no error of the program
    """What is wrong with an answer, and where to look. Shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows of this error: its sentence alone."""
        return [str(self)]


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


def stopped(error: Exception, functions: Sequence[Callable]) -> str:
    """Say where an answer stopped with an error, or that a check cannot use it."""
    said = f"{type(error).__name__}: {error}"
    if len(said) > 250:
        said = said[:250] + "…"
    # What they wrote, not what it calls: the last line in the cell of the answer.
    files = {f.__code__.co_filename for f in functions if hasattr(f, "__code__")}
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename in files]
    if not own and "NoneType" in said:
        return f"It seems to return None ({said}). Does each branch end with return?"
    if not own:
        return (
            f"The check cannot use what came back ({said}). Does the function return "
            "what the task asks for, in every case?"
        )
    line = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    code = f", {line[:80]!r}," if line else ""
    return f"It stops in line {own[-1].lineno} of its cell{code} with {said}"


def _earlier_tasks(of: str, functions: Sequence[Callable]) -> Any:
    """Let the functions call the course's answers of the tasks before them."""
    if not of:
        return contextlib.nullcontext()
    from course_utils.unseen import earlier

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
        from course_utils.unseen import compare

        for function in functions:
            compare(of, function)


def expect(holds: bool | np.bool_, hint: str) -> None:
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


def expect_array(value: Any, shape: Sequence[int], hint: str = "") -> None:
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
