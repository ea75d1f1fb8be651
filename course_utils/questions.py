"""Questions with computed answers: what a wrong idea would give, beside what is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from course_utils._arguments import shown

__all__ = ["Choice", "Question", "questions"]


class Choice(NamedTuple):
    """A choice of a question.

    Attributes:
        text: what the student reads.
        idea: computes what it would give, a number.
    """

    text: str
    idea: Callable[[], float]


class Question(NamedTuple):
    """A question whose choices can be computed.

    Attributes:
        text: the question.
        quantity: what is computed, as "The share of zeros".
        right: the letter of the right choice.
        why: a sentence that is shown with the right answer.
        choices: a, b, c, in this order.
    """

    text: str
    quantity: str
    right: str
    why: str
    choices: tuple[Choice, ...]

    def reply(self, letter: str) -> str:
        """Return what a choice is answered with: its number, and the right one.

        Raises:
            ValueError: if there is no such choice.
        """
        letters = "abcdef"[: len(self.choices)]
        if letter not in tuple(letters):
            known = ", ".join(letters)
            raise ValueError(f"the letter must be one of {known}, got {shown(letter)}")
        ideas = dict(zip(letters, self.choices, strict=True))
        truth = _number(ideas[self.right].idea())
        if letter == self.right:
            return f"Yes. {self.quantity}: {truth}. {self.why}"
        idea = _number(ideas[letter].idea())
        return f"No. {self.quantity} would then be {idea}, and is {truth}. Try again."


def questions(lesson: str) -> Callable[[int, str], None]:
    """Return a function that answers the questions of a lesson.

    Args:
        lesson: the number of the lesson, such as ``"03"``.

    Returns:
        ``answer(number, letter)``, which prints a reply; an empty letter asks for one.

    Raises:
        ValueError: if the lesson has no questions.
    """
    from course_utils.question_bank import BANK

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


def _number(value: float) -> str:
    """Return a number as one would write it: no more than four digits that count."""
    value = float(value)
    if value == round(value) and abs(value) < 1e15:
        return f"{round(value):,}"
    return f"{value:,.4g}"
