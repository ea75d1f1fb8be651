"""Lessons as decks of slides and as pages: HTML that needs no network."""

from __future__ import annotations

import ast
import base64
import html
import mimetypes
import re
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import NamedTuple

import jinja2
import nbformat
from latex2mathml.converter import convert as to_mathml
from nbconvert import HTMLExporter, SlidesExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

from keeper.execute import LESSONS
from keeper.roles import role

EXERCISES = LESSONS / "exercises"
TEMPLATES = Path(__file__).parent / "templates"
NEW_SLIDE = {"slide", "subslide"}
# Of the styles of Pygments, the one whose colours all stand out from the grey behind
# code by 4.5 to 1 or more.
STYLE = "xcode"
KEYS = """Arrow keys, the space bar or a swipe move; <kbd>S</kbd> opens the speaker's
notes with a clock, <kbd>O</kbd> an overview, <kbd>F</kbd> fills the screen,
<kbd>Esc</kbd> goes back. Printed, each slide is a page. On a phone, a deck is one page
to scroll."""


class Deck(NamedTuple):
    """What an index says of one lesson.

    Attributes:
        name: of the lesson's file, without the extension.
        title: the lesson's first heading.
        minutes: planned for a class.
    """

    name: str
    title: str
    minutes: int


class _Renderer(IPythonRenderer):
    """Markdown to HTML, with formulas as MathML, which browsers draw themselves.

    Args:
        folders: whether exercises are beside the lessons, as pages are.
    """

    def __init__(self, folders: bool):
        super().__init__(escape=False, exclude_anchor_links=True)
        self._folders = folders

    def inline_math(self, body: str) -> str:
        return to_mathml(body)

    def block_math(self, body: str) -> str:
        return to_mathml(body, display="block")

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Hold the picture itself, also of another folder, where nbconvert does not."""
        path = LESSONS / url
        if path.is_file():
            content = base64.b64encode(path.read_bytes()).decode()
            url = f"data:{mimetypes.guess_type(url)[0]};base64,{content}"
        return super().image(text, url, title)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Lead to a notebook's HTML; any other file of the repository is not there."""
        if "://" in url or url.startswith("#"):
            return super().link(text, url, title)
        if url.endswith(".ipynb") and (self._folders or "/" not in url):
            return super().link(text, url.replace(".ipynb", ".html"), title)
        return text


def markdown_to_html(source: str, folders: bool = False) -> str:
    """Return a cell's Markdown as HTML, its formulas as MathML.

    Args:
        source: Markdown.
        folders: whether links to exercises lead to their pages.
    """
    renderer = _Renderer(folders)
    return MarkdownWithMath(renderer).render(source)


def to_page(notebook: nbformat.NotebookNode, name: str) -> str:
    """Return a notebook as one HTML page that loads nothing.

    Args:
        notebook: with the outputs to show.
        name: of its file; the title of the page, where the notebook has no heading.
    """
    title = describe(notebook, name).title
    pages = partial(markdown_to_html, folders=True)
    return _export(HTMLExporter, "page", notebook, {"metadata": {"name": title}}, pages)


def write_pages(notebooks: dict[str, nbformat.NotebookNode], folder: Path) -> None:
    """Write the page of each lesson and of its exercises, and an index of them.

    Args:
        notebooks: executed, by their names without the extension, in order.
        folder: where they are written.
    """
    (folder / "exercises").mkdir(parents=True, exist_ok=True)
    for name, notebook in notebooks.items():
        page = to_page(notebook, name)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        prose = "".join(cell.source for cell in notebook.cells)
        for stem in sorted(set(re.findall(r"\(exercises/(\w+)\.ipynb\)", prose))):
            exercise = nbformat.read(EXERCISES / f"{stem}.ipynb", as_version=4)
            page = to_page(exercise, stem)
            (folder / "exercises" / f"{stem}.html").write_text(page, encoding="utf-8")
    lessons = [describe(notebook, name) for name, notebook in notebooks.items()]
    write_index(folder, "Executed lessons", "With the outputs of this run.", lessons)


def describe(notebook: nbformat.NotebookNode, name: str) -> Deck:
    """Return what an index says of a notebook; what it does not say is 0 minutes."""
    contract = notebook.cells[0].source if notebook.cells else ""
    title = re.search(r"^# (.+)", contract)
    minutes = re.search(r"\*\*Time:\*\* (\d+) minutes", contract)
    return Deck(name, title[1] if title else name, int(minutes[1]) if minutes else 0)


def to_deck(notebook: nbformat.NotebookNode, name: str) -> tuple[str, Deck]:
    """Return a lesson as a deck of slides that loads nothing, and what it is.

    Args:
        notebook: its first cell holds the heading and the planned minutes.
        name: of the lesson's file, without the extension.

    Raises:
        ValueError: the first cell has no heading or no minutes.
    """
    deck = describe(notebook, name)
    if deck.title == name or not deck.minutes:
        raise ValueError(
            f"{name}: the first cell must begin with '# ' and a title, and hold "
            f"'**Time:** N minutes'; it is {notebook.cells[0].source!r}"
        )
    text = _export(
        SlidesExporter,
        "deck",
        with_headings(notebook),
        {"lesson": deck},
        markdown_to_html,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    return text, deck


def with_headings(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy in which each slide has a heading: its own, else the last one."""
    notebook = deepcopy(notebook)
    last = ""
    cells: list[nbformat.NotebookNode] = []
    for slide in _slides(notebook.cells):
        shown = [c for c in slide if slide_type(c) not in {"skip", "notes"}]
        sources = [c.source for c in shown if c.cell_type == "markdown"]
        text = re.sub(r"```.*?```", "", "\n\n".join(sources), flags=re.DOTALL)
        found = re.findall(r"^#+ .+$", text, flags=re.MULTILINE)
        first = slide[0]
        if last and not found and slide_type(first) in NEW_SLIDE:
            heading = nbformat.v4.new_markdown_cell(last)
            heading.metadata.slideshow = {"slide_type": slide_type(first)}
            first.metadata.slideshow.slide_type = "-"
            cells.append(heading)
        cells += slide
        last = found[-1] if found else last
    notebook.cells = cells
    return notebook


def alternative(cell: nbformat.NotebookNode) -> str:
    """Return what a figure shows, in words: the cell's ``alt``, else its title."""
    if alt := cell.metadata.get("alt"):
        return alt
    try:
        calls = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Call)]
    except SyntaxError:  # of IPython's own
        return ""
    titles = {
        name: _text(value)
        for call in calls
        for name, value in [
            *((getattr(call.func, "attr", ""), value) for value in call.args[:1]),
            *((keyword.arg, keyword.value) for keyword in call.keywords),
        ]
    }
    found = (titles.get(name) for name in ("suptitle", "title", "set_title"))
    title = next(filter(None, found), "")
    return f"Plot: {title}" if title else ""


def _text(node: ast.expr) -> str:
    """Return a string as it stands in code; what is filled in is an ellipsis."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _text(part) if isinstance(part, ast.Constant) else "…"
            for part in node.values
        )
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text else ""  # type: ignore[attr-defined]


def figure(png: str, cell: nbformat.NotebookNode) -> str:
    """Return the HTML of a figure, with its alternative text.

    nbconvert's own says of every figure that nobody has described it.
    """
    alt = html.escape(alternative(cell))
    picture = f'<img alt="{alt}" src="data:image/png;base64,{"".join(png.split())}">'
    return f'<div class="jp-RenderedImage jp-OutputArea-output">{picture}</div>'


def slide_type(cell: nbformat.NotebookNode) -> str | None:
    """Return where a cell stands in a deck, as nbconvert and JupyterLab name it."""
    return cell.metadata.get("slideshow", {}).get("slide_type")


def _slides(cells: list[nbformat.NotebookNode]) -> list[list[nbformat.NotebookNode]]:
    """Return the cells of each slide."""
    slides: list[list[nbformat.NotebookNode]] = []
    for cell in cells:
        if not slides or slide_type(cell) in NEW_SLIDE:
            slides.append([])
        slides[-1].append(cell)
    return slides


def write_all(lessons: list[Path], folder: Path) -> list[Deck]:
    """Write the deck of each lesson, and an index of them.

    Args:
        lessons: paths of notebooks.
        folder: where ``<name>.html`` and ``index.html`` are written; made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    decks = []
    for path in lessons:
        text, deck = to_deck(nbformat.read(path, as_version=4), path.stem)
        (folder / f"{path.stem}.html").write_text(text, encoding="utf-8")
        decks.append(deck)
    write_index(folder, "Slides of the course", KEYS, decks)
    return decks


def write_index(folder: Path, title: str, about: str, lessons: list[Deck]) -> None:
    """Write ``index.html``, which links to ``<name>.html`` of each lesson.

    Args:
        folder: where the lessons' files are.
        title: the heading of the page.
        about: HTML that is shown below it.
        lessons: in their order.
    """
    source = (TEMPLATES / "contents.html.j2").read_text(encoding="utf-8")
    template = jinja2.Template(source, autoescape=True)
    text = template.render(title=title, about=about, lessons=lessons)
    (folder / "index.html").write_text(text, encoding="utf-8")


def _export(
    exporter: type[HTMLExporter],
    template: str,
    notebook: nbformat.NotebookNode,
    resources: dict,
    to_html: Callable[[str], str],
    **options: object,
) -> str:
    text, _ = exporter(
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"markdown2html": to_html, "figure": figure, "role": role},
        config=Config({"CSSHTMLHeaderPreprocessor": {"style": STYLE}}),
        **options,
    ).from_notebook_node(notebook, resources)
    return text
