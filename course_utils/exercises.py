"""Exercises: checks that answer with a hint."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["Hint", "expect", "expect_array", "task"]


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
