"""What a function says of an argument that it cannot use: one short sentence."""

from __future__ import annotations

import operator
import reprlib
from typing import Any

import numpy as np

_SHORT = reprlib.Repr()


def shown(value: object, width: int = 80) -> str:
    """Write a value for an error: on one line, and short however large it is.

    Args:
        value: anything.
        width: the most characters of a text; other things get 200 in all.
    """
    _SHORT.maxstring = _SHORT.maxother = width
    if isinstance(value, str | Exception):
        value = str(value)  # NumPy's texts show their type, errors their name
    text = " ".join(_SHORT.repr(value).split())
    return text if len(text) <= 200 else text[:199] + "…"


def whole_number(
    name: str, value: Any, least: int | None = None, below: int | None = None
) -> int:
    """Return an argument as an int: Python's, NumPy's, but not 1.0 and not "1".

    Args:
        name: of the argument.
        value: what was given.
        least: the smallest number that is right; ``None`` for any.
        below: the smallest number that is too large; ``None`` for any.

    Raises:
        ValueError: if the value is no whole number, or out of range.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(
            f"{name} must be a whole number (an int), got {shown(value)}"
        ) from None
    low = least is not None and number < least
    if low or (below is not None and number >= below):
        limits = [f"at least {least}"] if least is not None else []
        limits += [f"below {below}"] if below is not None else []
        raise ValueError(f"{name} must be {' and '.join(limits)}, got {shown(number)}")
    return number


def numbers(name: str, values: object, whole: bool = False) -> np.ndarray:
    """Return an argument as an array of numbers; its type stays.

    Args:
        name: of the argument.
        values: an array, a tensor, or lists of numbers.
        whole: take integers only.

    Raises:
        ValueError: if there is something else, or rows of different lengths.
    """
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.array(None)
    if array.size and array.dtype.kind not in ("iu" if whole else "biuf"):
        kind = "integers" if whole else "numbers"
        got = array.dtype if array.dtype.kind != "O" else shown(values)
        raise ValueError(f"{name} must be {kind}, in rows of one length, got {got}")
    return array


def has_shape(name: str, array: np.ndarray, shape: tuple[int | None, ...]) -> None:
    """Compare a shape; ``None`` stands for any number."""
    got = getattr(array, "shape", None)
    if got is None:
        raise ValueError(f"{name} must be an array, got {shown(array)}")
    fits = len(got) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, got, strict=False)
    )
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} must have the shape ({wanted}), got {got}")
