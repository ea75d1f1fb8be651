"""Answers on inputs that a student has not seen, beside the course's own answers.

The course's answers are in ``answers.json``, which ``make exercises`` writes from the
solutions. So a check knows what is right without the functions of earlier tasks.
"""

from __future__ import annotations

import base64
import copy
import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.hints import Hint, stopped

ANSWERS = Path(__file__).with_name("answers.json")


@functools.cache
def answers() -> dict[str, dict]:
    """Return imports, tasks and wrong answers of every exercise, by its beginning."""
    content = ANSWERS.read_bytes()
    if not content.startswith(b"{"):  # as students get it: not to be read by chance
        content = base64.decodebytes(content)
    return json.loads(content)


@functools.cache
def references(of: str) -> dict[str, Callable]:
    """Return the course's answers to the tasks of an exercise, in their order.

    Args:
        of: the beginning of the notebook's name, such as ``"03"`` or ``"project_1"``.

    Raises:
        ValueError: if there is no such exercise.
    """
    if of not in answers():
        raise ValueError(f"of must be one of {', '.join(answers())}, got {of!r}")
    exercise = answers()[of]
    space: dict[str, Any] = {}
    for source in [exercise["imports"], *exercise["tasks"].values()]:
        code = f"from __future__ import annotations\n{source}"
        exec(compile(code, f"<answers of {of}>", "exec"), space)
    return {name: space[name] for name in exercise["tasks"]}


def faulty(of: str) -> dict[str, Callable]:
    """Return the functions of a bug hunt as they are at first."""
    space: dict[str, Any] = dict(references(of))
    exec(answers()[of]["imports"], space)
    for source in answers()[of]["faulty"].values():
        exec(source, space)
    return {name: space[name] for name in answers()[of]["faulty"]}


def earlier(of: str, name: str) -> dict[str, Callable]:
    """Return the course's answers to the tasks before one of them."""
    names = list(references(of))
    return {other: references(of)[other] for other in names[: names.index(name)]}


def expect_same(function: Callable, reference: Callable, arguments: tuple) -> None:
    """Call both with copies of the same arguments, and expect the same of both.

    Raises:
        Hint: if the answers differ, or the function changes its arguments.
    """
    given = copy.deepcopy(arguments)
    with_these = f"With other inputs, {call(function, arguments)},"
    try:
        truth = reference(*copy.deepcopy(arguments))
    except ValueError as error:
        truth = error
    try:
        came = function(*given)
    except Exception as error:
        if isinstance(error, NotImplementedError):
            raise
        if isinstance(truth, ValueError) and isinstance(error, ValueError):
            return
        said = stopped(error, [function])
        raise Hint(f"{with_these} it stops. {said}") from None
    if isinstance(truth, ValueError):
        raise Hint(f"{with_these} it must raise a ValueError, and returns.")
    found = difference(came, truth)
    if found:
        raise Hint(f"{with_these} {found}")
    for argument, kept in zip(given, arguments, strict=True):
        if not callable(kept) and difference(argument, kept):
            raise Hint("It changes what it gets. Work on a copy.")


def difference(came: Any, truth: Any) -> str:
    """Return the first property in which an answer differs from the truth, or nothing.

    Lists count as tuples, and whole numbers as numbers: the checks of a task say where
    the kind matters.
    """
    if came is None and truth is not None:
        return "it returns None. Does every branch end with return?"
    if isinstance(truth, dict):
        return _different_dict(came, truth)
    if isinstance(truth, (str, set)):
        return "" if came == truth else f"it gives {_short(came)}, not {_short(truth)}."
    if isinstance(truth, (list, tuple)):
        if not isinstance(came, (list, tuple, np.ndarray)) or len(came) != len(truth):
            return f"it gives {_short(came)}, and {len(truth)} things are right."
        found = (
            difference(one, other) and f"at place {place}, {difference(one, other)}"
            for place, (one, other) in enumerate(zip(came, truth, strict=True))
        )
        return next(filter(None, found), "")
    if truth is None or not isinstance(
        truth, (bool, int, float, np.generic, np.ndarray)
    ):
        return "" if came is truth or came == truth else f"it gives {_short(came)}."
    return _different_numbers(came, np.asarray(truth))


def _different_dict(came: Any, truth: dict) -> str:
    if not isinstance(came, dict):
        return f"it gives {_short(came)}, not a dictionary."
    for key in truth:
        if key not in came:
            return f"the key {key!r} is missing."
        if found := difference(came[key], truth[key]):
            return f"at the key {key!r}, {found}"
    more = [key for key in came if key not in truth]
    return f"the key {more[0]!r} should not be there." if more else ""


def _different_numbers(came: Any, truth: np.ndarray) -> str:
    try:
        values = np.asarray(came)
        values = values.astype("float64") if values.dtype != bool else values
    except (TypeError, ValueError):
        return f"it gives {_short(came)}, and must give numbers."
    if values.shape != truth.shape:
        if not truth.shape:
            return f"it gives an array of shape {values.shape}, not one number."
        return f"it gives the shape {values.shape}, not {truth.shape}."
    single = "float32" in (str(getattr(came, "dtype", "")), str(truth.dtype))
    close = {"rtol": 1e-3, "atol": 1e-4} if single else {"rtol": 1e-6, "atol": 1e-9}
    wrong = ~np.isclose(values, truth.astype("float64"), equal_nan=True, **close)
    if not wrong.any():
        return ""
    if not truth.shape:
        return f"it gives {values:.6g}, and {truth.astype('float64'):.6g} is right."
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = ", ".join(map(str, place))
    ours, right = f"{values[place]:.4g}", f"{float(truth[place]):.4g}"
    if ours == right:
        ours, right = f"{values[place]:.9g}", f"{float(truth[place]):.9g}"
    return (
        f"the shape is right, {truth.shape}, but at [{where}] stands {ours}, "
        f"and {right} is right."
    )


def call(function: Callable, arguments: Iterable) -> str:
    """Return a call as one would write it, large arrays by their shapes."""
    shown = ", ".join(_short(argument) for argument in arguments)
    return f"{function.__name__}({shown})"


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=3, separator=", ").replace("\n", "")
        if len(text) > 60:
            return f"<{value.dtype} {value.shape}>"
        return " ".join(text.split())
    if isinstance(value, (list, tuple)) and any(
        isinstance(x, np.ndarray) for x in value
    ):
        return f"[{', '.join(_short(part) for part in value)}]"
    text = getattr(value, "__name__", None) or repr(value)
    return text if len(text) <= 120 else text[:117] + "…"
