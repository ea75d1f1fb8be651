"""The pages of `make run`, in a browser."""

import nbformat
import pytest
from conftest import barriers, needs_chromium, outside

from keeper.execute import lessons
from keeper.slides import write_pages

# Boxes that are wider than the screen, and cannot be moved.
STUCK = """[...document.querySelectorAll("pre, table, img, math")].filter((element) => {
  const screen = document.documentElement.clientWidth;
  if (!element.checkVisibility() || element.getBoundingClientRect().right <= screen + 1)
    return false;
  for (let box = element; box !== document.body; box = box.parentElement)
    if (getComputedStyle(box).overflowX === "auto") return false;
  return true;
}).map((element) => element.textContent.slice(0, 80))"""
# Lines of code that paper would cut.
CUT = """[...document.querySelectorAll(".highlight pre")].filter((element) =>
  element.checkVisibility() && element.scrollWidth > element.clientWidth + 1).length"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    read = {path.stem: nbformat.read(path, as_version=4) for path in lessons()}
    write_pages(read, folder)
    return folder


@needs_chromium
@pytest.mark.parametrize("name", ["index", *(path.stem for path in lessons())])
def test_a_page_asks_for_nothing_and_bars_nobody(context, folder, name):
    context.asked.clear()
    context.wrong.clear()
    page = context.new_page()
    page.goto((folder / f"{name}.html").as_uri())
    assert not context.wrong
    assert outside(context, folder.as_uri()) == []
    assert not page.title().startswith(name)
    assert barriers(page) == []
    assert "For the speaker." not in page.content()
    for link in page.locator("a[href]").all():
        target = link.get_attribute("href").partition("#")[0]
        assert not target or "://" in target or (folder / target).exists(), target
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate(STUCK) == []
    page.set_viewport_size({"width": 700, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT) == 0
    page.close()


def test_an_exercise_is_reached_and_leads_back(folder):
    lesson = (folder / "07_lstm_and_gru.html").read_text(encoding="utf-8")
    name = "exercises/07_lstm_and_gru.html"
    assert f'href="{name}"' in lesson
    exercise = (folder / name).read_text(encoding="utf-8")
    assert exercise.count("<summary>Show the code</summary>") >= 3
    assert "<title>Exercises: LSTM and GRU</title>" in exercise


@needs_chromium
def test_formulas_of_a_page_are_drawn(context, folder):
    page = context.new_page()
    page.goto((folder / "02_hashing_trick.html").as_uri())
    assert page.locator("math").count() > 5
    assert page.locator("math").first.bounding_box()["width"] > 2
    page.close()
