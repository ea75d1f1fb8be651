"""What is not the reader's own is folded, everywhere by one rule."""

import re

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from keeper.roles import fold, notebooks, role
from keeper.slides import to_deck


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"slideshow": {"slide_type": "notes"}}, "notes"),
        ({"tags": ["parameters"]}, "parameters"),
        ({"tags": ["recorded", "check"]}, "check"),
        ({"nbgrader": {"grade": True}}, "check"),
        ({"slideshow": {"fold": True, "slide_type": "-"}}, "drawing"),
        ({"slideshow": {"slide_type": "-"}}, None),
        ({"tags": ["nbval-ignore-output"]}, None),
        ({"nbgrader": {"grade": False, "solution": True}}, None),
    ],
    ids=lambda value: str(value),
)
def test_a_cell_has_one_role(metadata, expected):
    cell = new_code_cell("1", metadata=metadata)
    assert role(cell) == expected
    folded = fold(new_notebook(cells=[cell])).cells[0].metadata
    assert folded.get("jupyter", {}) == ({"source_hidden": True} if expected else {})


def test_what_was_folded_by_hand_opens_and_the_rest_stays():
    cell = new_code_cell("1")
    cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    fold(new_notebook(cells=[cell]))
    assert cell.metadata["jupyter"] == {"outputs_hidden": True}


@pytest.mark.parametrize(
    "path", notebooks(), ids=lambda path: str(path.relative_to(ROOT / "notebooks"))
)
def test_every_notebook_is_folded_so(path):
    text = path.read_text(encoding="utf-8")
    folded = fold(nbformat.reads(text, as_version=4))
    assert nbformat.writes(folded) + "\n" == text, "python -m keeper.roles"


def test_a_deck_folds_what_a_notebook_folds():
    title = new_markdown_cell("# A title\n\n**Time:** 5 minutes.")
    title.metadata.slideshow = {"slide_type": "slide"}
    cells = [title]
    for kind in ({}, {"tags": ["check"]}, {"slideshow": {"fold": True}}):
        cell = new_code_cell("1 + 1", metadata=kind)
        cell.metadata.setdefault("slideshow", {})["slide_type"] = "-"
        cells.append(cell)
    html, _ = to_deck(new_notebook(cells=cells), "01_new")
    found = re.findall(r'<details (open|class="folded")', html)
    assert found == ["open", 'class="folded"', 'class="folded"']
