"""The web edition, in a browser that reaches nothing but its folder."""

import html
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from conftest import ROOT, barriers, needs_chromium, outside

from keeper import site
from keeper.execute import lessons
from keeper.slides import EXERCISES

PAGES = [
    "index",
    *site._names([*lessons(), *sorted(EXERCISES.glob("*.ipynb"))]),
    *(name.removesuffix(".md") for name in site.DOCUMENTS),
    "search",
]
DARK = """() => {
  Object.assign(document.documentElement.dataset, { mode: "dark", theme: "dark" });
  document.getAnimations().forEach((animation) => animation.finish());
}"""
CONTRAST = {"type": "rule", "values": ["color-contrast"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The web edition; Sphinx's warnings, as of a link that leads nowhere, end it."""
    pytest.importorskip("myst_nb", reason="the web edition needs Python 3.11")
    folder = tmp_path_factory.mktemp("web") / "site"
    assert site.build(folder) == 0
    return folder


@pytest.fixture(scope="module")
def page(context):
    return context.new_page()


@needs_chromium
@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_to_its_folder_fits_and_bars_nobody(folder, context, page, name):
    context.asked.clear()
    context.wrong.clear()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((folder / f"{name}.html").as_uri())
    assert not context.wrong
    assert len(context.asked) > 3
    assert outside(context, folder.as_uri()) == []
    assert page.locator("h1:visible").count() == 1
    assert barriers(page) == []
    page.evaluate(DARK)
    assert barriers(page, CONTRAST) == []
    for width in (1280, 820, 390):
        page.set_viewport_size({"width": width, "height": 800})
        # The side bars take a moment to move away.
        fits = f"document.documentElement.scrollWidth <= {width}"
        page.wait_for_function(fits, timeout=10_000)


@needs_chromium
@pytest.mark.parametrize("served", [False, True], ids=["from a file", "from a server"])
def test_a_search_finds_a_word_of_a_lesson(folder, context, page, served):
    context.asked.clear()
    context.wrong.clear()
    handler = partial(_Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        local = f"http://127.0.0.1:{server.server_port}"
        base = local if served else folder.as_uri()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{base}/index.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("peephole")
        page.keyboard.press("Enter")
        found = page.locator("#search-results a", has_text="LSTM and GRU").first
        found.click()
        page.wait_for_url(re.compile("07_lstm_and_gru"))
        page.locator("a.right-next").click()
        page.wait_for_url(re.compile("08_bidirectional"))
        page.goto("about:blank")
        server.shutdown()
    assert not context.wrong
    assert outside(context, base) == []


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


def test_every_link_leads_to_a_file_of_the_site(folder):
    seen = 0
    for path in folder.rglob("*.html"):
        if path.relative_to(folder).parts[0] in {"slides", "_static"}:
            continue
        text = path.read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            target = urlsplit(link)
            if not target.scheme and target.path:
                assert (path.parent / unquote(target.path)).exists(), (path.name, link)
                seen += 1
    assert seen > 2000


def test_a_lesson_hides_what_is_not_the_readers(folder):
    for path in lessons():
        text = (folder / "notebooks" / f"{path.stem}.html").read_text("utf-8")
        assert "For the speaker" not in text
        assert "tag_parameters" not in text
        assert "\\(" not in text  # a formula that nobody draws
        for cell in nbformat.read(path, as_version=4).cells:
            assert html.escape(cell.metadata.get("alt", ""), quote=False) in text
        for name in (f"slides/{path.stem}.html", f"downloads/notebooks/{path.name}"):
            assert f'href="../{name}"' in text
            assert (folder / name).exists()
    exercise = (folder / "notebooks" / "exercises" / "07_lstm_and_gru.html").read_text(
        encoding="utf-8"
    )
    assert exercise.count("<details") >= 3
    assert not list(folder.rglob("solutions"))


def test_the_first_page_shows_pictures_figures_and_commands(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    cover = text.split('<div class="cover">')
    assert cover[1].count("<img") == 3
    assert cover[2].count('<p class="figure-of">') == 3
    assert len(re.findall(r"^make \w+", re.sub("<[^>]+>", "", text), re.M)) == 2


def test_an_address_makes_the_links_to_where_the_course_runs():
    lesson = lessons()[7]
    without = site.links(lesson, "")
    assert list(without) == ["Notebook", "Slides", "Improve this page"]
    assert without["Improve this page"] == "../CONTRIBUTING.html"
    given = site.links(lesson, "https://github.com/ada/course")
    name = f"notebooks/{lesson.name}"
    assert given["Binder"].endswith(f"/v2/gh/ada/course/main?labpath={name}")
    assert given["Colab"].endswith(f"/github/ada/course/blob/main/{name}")
    edit = f"https://github.com/ada/course/edit/main/{name}"
    assert given["Improve this page"] == edit
    assert (ROOT / name).exists()
