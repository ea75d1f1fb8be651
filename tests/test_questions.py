"""Questions: wrong ideas are answered with other numbers than the right one."""

import nbformat
import pytest

from course_utils.question_bank import BANK
from course_utils.questions import questions
from keeper.stubs import STUDENT, questions_of

ALL = [
    (lesson, number, question)
    for lesson, asked in BANK.items()
    for number, question in enumerate(asked, start=1)
]
each_question = pytest.mark.parametrize(
    ("lesson", "number", "question"), ALL, ids=[f"{a}-{b}" for a, b, _ in ALL]
)


@each_question
def test_every_wrong_choice_shows_a_number_that_is_not_the_right_one(
    lesson, number, question, capsys
):
    letters = "abcdef"[: len(question.choices)]
    assert len(letters) >= 3
    right = question.reply(question.right)
    assert right.startswith("Yes. ")
    assert question.why in right
    truth = right.removeprefix(f"Yes. {question.quantity}: ").split(". ")[0]
    for letter in letters:
        questions(lesson)(number, letter)
        said = capsys.readouterr().out
        assert len(said) < 500
        if letter != question.right:
            assert said.startswith("No. ")
            assert f", and is {truth}. Try again." in said
            assert f"would then be {truth}, " not in said


@pytest.mark.parametrize("lesson", BANK)
def test_a_lesson_has_questions_whose_right_letters_vary(lesson):
    assert 5 <= len(BANK[lesson]) <= 8
    assert {question.right for question in BANK[lesson]} == {"a", "b", "c"}


@pytest.mark.parametrize("lesson", BANK)
def test_the_notebook_is_the_generated_one_and_runs_unanswered(lesson, capsys):
    notebook = questions_of(lesson)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook) + "\n"
    path = STUDENT / f"questions_{lesson}.ipynb"
    assert path.read_text("utf-8") == text, "make exercises"
    space = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, space)
    assert capsys.readouterr().out.count("write your letter") == len(BANK[lesson])


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="lesson must be one of 00, 01"):
        questions("99")
    with pytest.raises(ValueError, match="number must be 1 to 6, got 7"):
        questions("01")(7, "a")
    with pytest.raises(ValueError, match="the letter must be one of a, b, c, got 'd'"):
        questions("01")(1, "d")
