"""Every figure has an alternative text, which says nothing that its lesson does not."""

import re

import nbformat
import pytest

from keeper.execute import lessons
from keeper.slides import alternative, to_page

NUMBER = r"(?<![\w.])\d+(?:\.\d+)?"


def figures(notebook):
    """The cells that draw."""
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        if any("image/png" in output.get("data", {}) for output in outputs):
            yield cell


def numbers(text):
    return set(re.findall(NUMBER, re.sub(r"(?<=\d)[,_](?=\d{3})", "", text)))


def unknown(text, known):
    """The numbers of a text that are none of the known ones, rounded, or in percent."""

    def is_known(number):
        decimals = len(number.partition(".")[2])
        return any(
            f"{scale * float(one):.{decimals}f}" == number
            for one in known
            for scale in (1, 100)
        )

    return {number for number in numbers(text) if not is_known(number)}


def said(notebook):
    """All that a lesson says: prose, code, and text that it prints."""
    parts = []
    for cell in notebook.cells:
        parts.append(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            parts += [output.get("text", "")]
            parts += [text for kind, text in data.items() if kind.startswith("text/")]
    return "\n".join(parts)


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_every_figure_has_an_alternative_text_with_the_numbers_of_its_lesson(path):
    notebook = nbformat.read(path, as_version=4)
    known = numbers(said(notebook))
    for cell in figures(notebook):
        text = cell.metadata.get("alt", "")
        assert 60 < len(text) < 300, cell.source
        assert text.endswith("."), text
        assert "\n" not in text, text
        assert not unknown(text, known), (text, unknown(text, known))


def test_a_number_that_the_lesson_does_not_know_is_found():
    known = numbers("from 0.384 to 1,000, T20, 0.631 of h_7")
    assert known == {"0.384", "1000", "0.631"}
    assert unknown("from 0.38 to 1_000, 63 % of 0.6", known) == set()
    assert unknown("from 0.39 to 1,001, 64 %, 20, 7", known) == {
        "0.39",
        "1001",
        "64",
        "20",
        "7",
    }


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('ax.set_title("Gates keep")', "Plot: Gates keep"),
        ('ax.set(xlabel="t", title="Gates keep")', "Plot: Gates keep"),
        ('fig.suptitle(f"{n} gates keep")\nax.set_title("one")', "Plot: … gates keep"),
        ("plt.show()", ""),
        ("%matplotlib inline", ""),
    ],
)
def test_without_one_the_title_of_the_figure_stands_for_it(code, text):
    cell = nbformat.v4.new_code_cell(code)
    assert alternative(cell) == text
    cell.metadata.alt = "Two lines."
    assert alternative(cell) == "Two lines."


def test_a_page_shows_it_and_no_false_one():
    path = next(path for path in lessons() if path.stem == "06_simple_rnn")
    notebook = nbformat.read(path, as_version=4)
    del next(figures(notebook)).metadata["alt"]
    html = to_page(notebook, "06")
    assert "No description" not in html
    assert 'alt="Plot: Both forecasts follow the wave, and shake"' in html
    assert 'alt="Bars of the mean squared error' in html
