"""Lessons as decks of slides and as pages: HTML that needs no network."""

from __future__ import annotations

import base64
import mimetypes
import re
from pathlib import Path
from typing import NamedTuple

import jinja2
import nbformat
from latex2mathml.converter import convert as to_mathml
from nbconvert import HTMLExporter, SlidesExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

from keeper.execute import LESSONS

TEMPLATES = Path(__file__).parent / "templates"


class Deck(NamedTuple):
    """What the index says of one deck.

    Attributes:
        name: of the lesson's file, without the extension.
        title: the lesson's first heading.
        minutes: planned for a class.
        slides: their number.
    """

    name: str
    title: str
    minutes: int
    slides: int


class _Renderer(IPythonRenderer):
    """Markdown to HTML, with formulas as MathML, which browsers draw themselves."""

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
        """Lead to a lesson's HTML; any other file of the repository is not there."""
        if "://" in url or url.startswith("#"):
            return super().link(text, url, title)
        if url.endswith(".ipynb") and "/" not in url:
            return super().link(text, url.replace(".ipynb", ".html"), title)
        return text


def markdown_to_html(source: str) -> str:
    """Return a cell's Markdown as HTML, its formulas as MathML."""
    renderer = _Renderer(escape=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer).render(source)


def to_page(notebook: nbformat.NotebookNode, name: str) -> str:
    """Return a notebook as one HTML page that loads nothing.

    Args:
        notebook: with the outputs to show.
        name: the title of the page.
    """
    return _export(HTMLExporter, "page", notebook, {"metadata": {"name": name}})


def to_deck(notebook: nbformat.NotebookNode, name: str) -> tuple[str, Deck]:
    """Return a lesson as a deck of slides that loads nothing, and what it is.

    Args:
        notebook: its first cell holds the heading and the planned minutes.
        name: of the lesson's file, without the extension.

    Raises:
        ValueError: the first cell has no heading or no minutes.
    """
    contract = notebook.cells[0].source
    title = re.search(r"^# (.+)", contract)
    minutes = re.search(r"\*\*Time:\*\* (\d+) minutes", contract)
    if not (title and minutes):
        raise ValueError(
            f"{name}: the first cell must begin with '# ' and a title, and hold "
            f"'**Time:** N minutes'; it is {contract!r}"
        )
    kinds = [
        cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells
    ]
    slides = kinds.count("slide") + kinds.count("subslide")
    deck = Deck(name, title[1], int(minutes[1]), slides)
    html = _export(
        SlidesExporter,
        "deck",
        notebook,
        {"lesson": deck},
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        config=Config({"CSSHTMLHeaderPreprocessor": {"style": "default"}}),
    )
    return html, deck


def write_all(lessons: list[Path], folder: Path) -> list[Deck]:
    """Write the deck of each lesson, and an index of them.

    Args:
        lessons: paths of notebooks.
        folder: where ``<name>.html`` and ``index.html`` are written; made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    decks = []
    for path in lessons:
        html, deck = to_deck(nbformat.read(path, as_version=4), path.stem)
        (folder / f"{path.stem}.html").write_text(html, encoding="utf-8")
        decks.append(deck)
    template = (TEMPLATES / "contents.html.j2").read_text(encoding="utf-8")
    index = jinja2.Template(template, autoescape=True).render(decks=decks)
    (folder / "index.html").write_text(index, encoding="utf-8")
    return decks


def _export(
    exporter: type[HTMLExporter],
    template: str,
    notebook: nbformat.NotebookNode,
    resources: dict,
    **options: object,
) -> str:
    html, _ = exporter(
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"markdown2html": markdown_to_html},
        **options,
    ).from_notebook_node(notebook, resources)
    return html
