"""Hints: what is wrong with an answer, said in a sentence."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

LONGEST = 480  # characters of a hint


class Hint(AssertionError):  # noqa: N818 -- it is no error of the program
    """What is wrong with an answer, and where to look. Shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows of this error: its sentence alone."""
        return [str(self)]


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
