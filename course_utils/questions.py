"""Questions with computed answers: what a wrong idea would give, beside what is so."""

from __future__ import annotations

from collections.abc import Callable

from course_utils._arguments import shown
from course_utils.question_bank import BANK

__all__ = ["questions"]


def questions(lesson: str) -> Callable[[int, str], None]:
    """Return a function that answers the questions of a lesson.

    Args:
        lesson: the number of the lesson, such as ``"03"``.

    Returns:
        ``answer(number, letter)``, which prints a reply; an empty letter asks for one.

    Raises:
        ValueError: if the lesson has no questions.
    """
    if lesson not in BANK:
        known = ", ".join(BANK)
        raise ValueError(f"lesson must be one of {known}, got {shown(lesson)}")

    def answer(number: int, letter: str = "") -> None:
        """Print what a choice is answered with."""
        asked = BANK[lesson]
        if not 1 <= number <= len(asked):
            raise ValueError(f"number must be 1 to {len(asked)}, got {number}")
        if letter:
            print(asked[number - 1].reply(letter))
        else:
            print(f"Question {number}: write your letter, as in answer({number}, 'a').")

    return answer
