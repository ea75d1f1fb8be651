"""Slides and pages, in a browser that reaches no network."""

import re

import nbformat
import pytest
from conftest import ROOT, barriers, needs_chromium, outside

from keeper.execute import lessons
from keeper.slides import TEMPLATES, to_deck, write_all

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
    prose: [...new Set(sizes(slide, "p, li"))],
    code: [...new Set(sizes(slide, "pre, td, th, summary"))],
    heading: slide.querySelector("h1, h2, h3, h4")?.innerText ?? "",
    pictures: [...slide.querySelectorAll("img")].map((image) => image.height),
  }));
  document.body.classList.remove("measuring");
  return measured;
}"""
# The slides in their order; how far a deck is, and on which of them; where their text
# begins on paper.
ALL = "Reveal.getSlides().map((slide) => JSON.stringify(Reveal.getIndices(slide)))"
HERE = """[JSON.stringify(Reveal.getState()),
  JSON.stringify(Reveal.getIndices(Reveal.getCurrentSlide()))]"""
LEFTS = """[...document.querySelectorAll(".slides > section > section")].map((slide) =>
  slide.querySelector("h1, h2, h3, h4").getBoundingClientRect().left
  - slide.getBoundingClientRect().left)"""
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


@pytest.fixture(scope="module", params=[path.stem for path in lessons()])
def deck(request, folder, decks, context):
    """What the index says of a deck, the deck in the browser, and what went wrong."""
    context.asked.clear()
    context.wrong.clear()
    page = context.new_page()
    open_deck(page, folder, request.param)
    wrong = context.wrong + outside(context, folder.as_uri())
    yield decks[request.param], page, wrong
    page.close()


def open_deck(page, folder, name):
    page.goto((folder / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")


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
def test_a_deck_has_notes_and_the_planned_minutes(deck):
    said, page, _ = deck
    assert page.evaluate("Reveal.getConfig().totalTime") == 60 * said.minutes
    assert page.locator("aside.notes").count() > 0


@needs_chromium
@pytest.mark.parametrize("key", ["ArrowRight", "Space"])
def test_one_key_reaches_every_slide_in_order(deck, key):
    page = deck[1]
    page.evaluate("Reveal.slide(0, 0, -1)")
    assert walk(page, lambda: page.keyboard.press(key)) == page.evaluate(ALL)


@needs_chromium
def test_a_finger_reaches_every_slide_in_order(context, folder, decks):
    page = context.browser.new_page(
        viewport={"width": 1024, "height": 768}, has_touch=True
    )
    open_deck(page, folder, "07_lstm_and_gru")
    session = page.context.new_cdp_session(page)

    def swipe():
        for kind, x in [("Start", 800), ("Move", 600), ("Move", 400), ("End", None)]:
            points = [{"x": x, "y": 400}] if x else []
            event = {"type": f"touch{kind}", "touchPoints": points}
            session.send("Input.dispatchTouchEvent", event)

    assert walk(page, swipe) == page.evaluate(ALL)
    page.context.close()


def walk(page, step):
    """Return the slides that are seen, the first one included, until nothing moves."""
    state, here = page.evaluate(HERE)
    seen = [here]
    while len(seen) < 1000:
        step()
        before, (state, here) = state, page.evaluate(HERE)
        if state == before:
            break
        if here != seen[-1]:
            seen.append(here)
    return seen


@needs_chromium
def test_no_slide_overflows_and_all_can_be_read(deck):
    for slide in deck[1].evaluate(MEASURE):
        assert slide["width"] <= 1280, slide
        assert slide["height"] <= 720, slide
        assert slide["right"] <= 1280, slide
        assert set(slide["prose"]) <= {22}, slide
        assert set(slide["code"]) <= {18}, slide
        assert slide["heading"], slide
        assert all(height >= 180 for height in slide["pictures"]), slide


@needs_chromium
def test_a_printed_deck_has_one_page_a_slide(deck):
    page = deck[1]
    slides = page.evaluate("Reveal.getTotalSlides()")
    pages = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pages)) == slides
    page.emulate_media(media="print")
    lefts = page.evaluate(LEFTS)
    page.emulate_media(media="screen")
    assert len(lefts) == slides
    assert set(lefts) == {52}


@needs_chromium
def test_a_deck_bars_nobody(deck):
    page = deck[1]
    assert barriers(page) == []
    page.emulate_media(media="print")  # all slides at once
    found = barriers(page)
    page.emulate_media(media="screen")
    assert found == []


@needs_chromium
def test_a_phone_shows_a_deck_as_one_page(context, folder, decks):
    page = context.browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((folder / "07_lstm_and_gru.html").as_uri())
    page.wait_for_selector("body.reading")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sizes = page.evaluate(
        """[...document.querySelectorAll("section p, section pre")]
        .filter((element) => element.checkVisibility())
        .map((element) => parseFloat(getComputedStyle(element).fontSize))"""
    )
    assert set(sizes) == {18}
    # What is wider than the screen can be moved.
    wide = page.locator(".highlight").evaluate_all(
        "all => all.filter((box) => box.scrollWidth > box.clientWidth).map("
        "(box) => getComputedStyle(box).overflowX)"
    )
    assert len(wide) > 20
    assert set(wide) == {"auto"}
    assert page.locator("aside.notes:visible").count() == 0
    page.close()


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
    open_deck(page, folder, name)
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
        assert row == [f"{deck.name[:2]} {deck.title}", f"{deck.minutes}"]
    assert barriers(page) == []
    page.locator("a").last.click()
    page.wait_for_function("window.Reveal && Reveal.isReady()")


def test_a_lesson_without_minutes_is_refused():
    cells = [nbformat.v4.new_markdown_cell("# A title")]
    with pytest.raises(ValueError, match=r"07_new.*\*\*Time:\*\* N minutes"):
        to_deck(nbformat.v4.new_notebook(cells=cells), "07_new")


def test_the_copy_of_reveal_is_small_and_has_its_licence():
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1e6
    assert "Hakim El Hattab" in (TEMPLATES / "deck" / "reveal" / "LICENSE").read_text()
