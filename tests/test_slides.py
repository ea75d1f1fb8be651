"""Slides and pages, in a browser that reaches no network."""

import re

import nbformat
import pytest
from conftest import CHROMIUM, ROOT, needs_chromium
from playwright.sync_api import sync_playwright

from keeper.execute import lessons
from keeper.slides import TEMPLATES, to_deck, to_page, write_all

# Everything is laid out, as before reveal.js hides all slides but one.
MEASURE = """() => {
  document.body.classList.add("measuring");
  const slides = [...document.querySelectorAll(".slides > section > section")];
  const sizes = (slide, selector) => [...slide.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility())
    .map((element) => parseFloat(getComputedStyle(element).fontSize));
  const measured = slides.map((slide) => ({
    text: slide.innerText.slice(0, 60),
    width: slide.scrollWidth,
    height: slide.scrollHeight,
    right: Math.max(...[...slide.querySelectorAll("pre, img, table, p, li")]
      .map((element) => element.getBoundingClientRect().right))
      - slide.getBoundingClientRect().left,
    prose: Math.min(...sizes(slide, "p, li")),
    tables: Math.min(...sizes(slide, "td, th")),
    code: Math.min(...sizes(slide, "pre")),
    pictures: [...slide.querySelectorAll("img")].map((image) => image.height),
  }));
  document.body.classList.remove("measuring");
  return measured;
}"""
FORMULAS = """() => {
  document.body.classList.add("measuring");
  const drawn = [...document.querySelectorAll("section math")].map((formula) => {
    const { width, height } = formula.getBoundingClientRect();
    return { width, height, text: formula.textContent };
  });
  document.body.classList.remove("measuring");
  const prose = document.querySelector(".slides").cloneNode(true);
  prose.querySelectorAll("pre, code, math, style").forEach((e) => e.remove());
  return { drawn, prose: prose.textContent };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("slides")


@pytest.fixture(scope="module")
def decks(folder):
    return {deck.name: deck for deck in write_all(lessons(), folder)}


@pytest.fixture(scope="module")
def context():
    """A browser that opens local files alone; all it does wrong is in ``wrong``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                *("--no-sandbox", "--disable-gpu", "--no-first-run"),
                "--disable-background-networking",
            ],
        )
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        context.wrong = []
        context.route(re.compile("^(?!file:|data:|about:)"), lambda r: r.abort())
        context.on("requestfailed", lambda r: context.wrong.append(r.url))
        context.on("weberror", lambda e: context.wrong.append(str(e.error)))
        context.on(
            "console",
            lambda m: m.type in {"error", "warning"} and context.wrong.append(m.text),
        )
        yield context
        browser.close()


@pytest.fixture(scope="module", params=[path.stem for path in lessons()])
def deck(request, folder, decks, context):
    """What the index says of a deck, the deck in the browser, and what went wrong."""
    context.wrong.clear()
    page = context.new_page()
    page.goto((folder / f"{request.param}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    yield decks[request.param], page, list(context.wrong)
    page.close()


def shown_markdown(name):
    """The Markdown on a lesson's slides, code left out."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    parts = []
    for cell in notebook.cells:
        if cell.metadata.slideshow.slide_type == "skip":
            continue
        outputs = cell.get("outputs", [])
        parts += [o.data.get("text/markdown", "") for o in outputs if "data" in o]
        parts += [cell.source] if cell.cell_type == "markdown" else []
    return re.sub(r"```.*?```|`[^`]*`", "", "\n\n".join(parts), flags=re.DOTALL)


@needs_chromium
def test_no_deck_asks_for_anything_or_reports_an_error(deck):
    *_, wrong = deck
    assert not wrong


@needs_chromium
def test_a_deck_has_as_many_slides_as_the_index_says(deck):
    said, page, _ = deck
    assert page.evaluate("Reveal.getTotalSlides()") == said.slides > 0
    assert page.evaluate("Reveal.getConfig().totalTime") == 60 * said.minutes
    assert page.locator("aside.notes").count() > 0


@needs_chromium
def test_no_slide_overflows_and_all_can_be_read(deck):
    for slide in deck[1].evaluate(MEASURE):
        assert slide["width"] <= 1280, slide
        assert slide["height"] <= 720, slide
        assert slide["right"] <= 1280, slide
        assert (slide["prose"] or 18) >= 18, slide
        assert (slide["tables"] or 16) >= 16, slide
        assert (slide["code"] or 15) >= 15, slide
        assert all(height >= 150 for height in slide["pictures"]), slide


@needs_chromium
def test_every_formula_is_drawn(deck):
    said, page, _ = deck
    found = page.evaluate(FORMULAS)
    formulas = re.findall(r"\$\$.+?\$\$|\$.+?\$", shown_markdown(said.name), re.DOTALL)
    assert len(found["drawn"]) == len(formulas)
    for formula in found["drawn"]:
        assert formula["width"] > 2, formula
        assert formula["height"] > 5, formula
        assert "\\" not in formula["text"], formula
    assert not re.search(r"\$|\\[a-z]+", found["prose"])


@needs_chromium
def test_links_in_a_deck_lead_somewhere(deck, folder):
    for link in deck[1].locator("section a[href]").all():
        target = link.get_attribute("href")
        assert target.startswith("#") or (folder / target).exists(), target


@needs_chromium
def test_s_opens_the_notes_for_the_speaker(context, folder, decks):
    name = next(iter(decks))
    context.wrong.clear()
    page = context.new_page()
    page.goto((folder / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    speaker = popup.value
    notes = speaker.locator(".speaker-controls-notes .value")
    notes.filter(has_text="For the speaker").wait_for(timeout=10_000)
    # The slide at hand and the next one are shown in frames.
    assert all(frame.url.startswith("file:") for frame in speaker.frames[1:])
    assert len(speaker.frames) == 3
    assert not context.wrong


@needs_chromium
def test_the_index_names_every_deck(context, folder, decks):
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    rows = [row.inner_text().split("\t") for row in page.locator("tr").all()]
    for row, deck in zip(rows[1:-1], decks.values(), strict=True):
        assert row == [
            f"{deck.name[:2]} {deck.title}",
            f"{deck.minutes}",
            f"{deck.slides}",
        ]
    page.locator("a").last.click()
    page.wait_for_function("window.Reveal && Reveal.isReady()")


@needs_chromium
def test_a_page_asks_for_nothing_and_draws_its_formulas(context, folder):
    path = lessons()[2]
    file = folder / "page.html"
    html = to_page(nbformat.read(path, as_version=4), path.stem)
    file.write_text(html, encoding="utf-8")
    context.wrong.clear()
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("math").count() > 5
    assert page.locator("math").first.bounding_box()["width"] > 2
    assert not context.wrong


def test_a_lesson_without_minutes_is_refused():
    cells = [nbformat.v4.new_markdown_cell("# A title")]
    with pytest.raises(ValueError, match=r"07_new.*\*\*Time:\*\* N minutes"):
        to_deck(nbformat.v4.new_notebook(cells=cells), "07_new")


def test_the_copy_of_reveal_is_small_and_has_its_licence():
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1e6
    assert "Hakim El Hattab" in (TEMPLATES / "deck" / "reveal" / "LICENSE").read_text()
