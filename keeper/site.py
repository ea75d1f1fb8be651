"""The web edition: lessons, exercises and documents as pages that need no network."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import nbformat

from course_utils.datasets.fetch import ROOT
from keeper.execute import lessons
from keeper.roles import role
from keeper.slides import EXERCISES, TEMPLATES, alternative, describe, write_all
from keeper.tables import telling

DOCUMENTS = (
    *("docs/using.md", "docs/teaching.md", "docs/benchmarks.md", "docs/reliability.md"),
    *("docs/cluster.md", "docs/glossary.md", "docs/references.md", "data/README.md"),
    *("CONTRIBUTING.md", "CHANGELOG.md"),
)
KINDS = {  # of exercises, by the beginnings of their files
    "Exercises": "[0-9]",
    "Questions": "questions_",
    "Bug hunts": "hunt_",
    "Write the check": "check_",
    "Projects": "project_",
}
BRANCH = "main"
WIDGET = "application/vnd.jupyter.widget-view+json"  # alive in a notebook only
# What the first page shows: a figure of each lesson, and the lesson's answer.
COVER = {
    "02_hashing_trick": "02-027",
    "03_word_embeddings": "03-057",
    "05_rnn_from_scratch": "05-110",
}


def build(folder: Path, address: str = "") -> int:
    """Build the web edition; return the exit status of Sphinx.

    Args:
        folder: where the pages are written; what is in it goes.
        address: of the repository on GitHub. With it, pages lead to Binder and Colab,
            and to where they are edited.
    """
    source = folder.with_name(f"{folder.name}_source")
    for old in (folder, source):
        shutil.rmtree(old, ignore_errors=True)
    stage(source, address)
    sphinx = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going"]
    return subprocess.call([*sphinx, "-d", source / ".doctrees", source, folder])


def stage(source: Path, address: str = "") -> None:
    """Write what Sphinx reads: copies of all pages, at their places in the repository.

    Args:
        source: an empty folder, or none yet.
        address: as of ``build``.
    """
    (source / "_static").mkdir(parents=True)
    shutil.copy(TEMPLATES / "site" / "conf.py", source)
    for name in ("course.css", "favicon.svg"):
        shutil.copy(TEMPLATES / "site" / name, source / "_static")
    for picture in (ROOT / "docs").glob("*.*"):
        if picture.suffix in {".svg", ".png"}:
            _copy(picture, source)
    write_all(lessons(), source / "_extra" / "slides")
    pages = [*lessons(), *sorted(EXERCISES.glob("*.ipynb"))]
    for path in pages:
        _copy(path, source / "_extra" / "downloads")
        notebook = nbformat.read(path, as_version=4)
        prepare(notebook, links(path, address))
        name = path.relative_to(ROOT).as_posix()
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = _local_links(cell.source, name, address)
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    for name in DOCUMENTS:
        text = _local_links((ROOT / name).read_text(encoding="utf-8"), name, address)
        text = f"{text}\n{elsewhere(improve(ROOT / name, address))}"
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (source / "index.md").write_text(front_page(address), encoding="utf-8")


def prepare(notebook: nbformat.NotebookNode, link: dict[str, str]) -> None:
    """Make a page of a notebook, in place.

    The speaker's notes and the cell of the profile are left out, checks and drawing
    code are folded, and figures get their alternative text.

    Args:
        notebook: with its committed outputs.
        link: what stands below the title: addresses by their texts.
    """
    notebook.cells = [
        cell for cell in notebook.cells if role(cell) not in {"notes", "parameters"}
    ]
    for cell in notebook.cells:
        if role(cell):
            cell.metadata.setdefault("tags", []).append("hide-input")
        if cell.cell_type == "code":
            cell.metadata["mystnb"] = {"image": {"alt": alternative(cell)}}
            cell.outputs = [o for o in cell.outputs if WIDGET not in o.get("data", {})]
            for output in cell.outputs:
                data = output.get("data", {})
                if "text/markdown" in data:  # Sphinx follows no links in outputs
                    data["text/markdown"] = re.sub(
                        r"(\]\(\w+)\.ipynb\)", r"\1.html)", data["text/markdown"]
                    )
    title, _, rest = notebook.cells[0].source.partition("\n")
    notebook.cells[0].source = f"{title}\n\n{elsewhere(link)}\n{rest}"


def links(path: Path, address: str) -> dict[str, str]:
    """Return where else a notebook is: addresses by their texts."""
    name = path.relative_to(ROOT).as_posix()
    top = "../" * name.count("/")
    found = {"Notebook": f"{top}downloads/{name}"}
    if path.parent != EXERCISES:
        found["Slides"] = f"{top}slides/{path.stem}.html"
    if address:
        place = urlsplit(address).path.strip("/")
        binder, colab = (
            "https://mybinder.org/v2/gh",
            "https://colab.research.google.com",
        )
        found["Binder"] = f"{binder}/{place}/{BRANCH}?labpath={name}"
        found["Colab"] = f"{colab}/github/{place}/blob/{BRANCH}/{name}"
    return found | improve(path, address)


def improve(path: Path, address: str) -> dict[str, str]:
    """Return where a page is edited; without an address, what to do says a page."""
    name = path.relative_to(ROOT).as_posix()
    where = f"{'../' * name.count('/')}CONTRIBUTING.html"
    if address:
        where = f"{address}/edit/{BRANCH}/{name}"
    return {"Improve this page": where}


def elsewhere(link: dict[str, str]) -> str:
    """Return links as one line of HTML, which Sphinx hands on as it is."""
    shown = "".join(
        f'<a href="{html.escape(to)}">{text}</a>' for text, to in link.items()
    )
    return f'<p class="elsewhere">{shown}</p>\n'


def front_page(address: str) -> str:
    """Return the first page: what the course is, seen in ten seconds."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    title, about, *_ = readme.split("\n\n")
    commands = re.search(r"```bash\n.*?```", readme, re.DOTALL)
    pictures = "\n".join(_picture(name, cell) for name, cell in COVER.items())
    figures = "\n".join(
        f'<p class="figure-of"><b>{figure} times</b> {html.escape(text)}</p>'
        for figure, text in telling()
    )
    contents = {
        "Lessons": [
            f"{path.stem[:2]} {_title(path)} <{name}>"
            for path, name in zip(lessons(), _names(lessons()), strict=True)
        ],
        **{
            caption: _names(sorted(EXERCISES.glob(f"{kind}*.ipynb")))
            for caption, kind in KINDS.items()
        },
        "About the course": [name.removesuffix(".md") for name in DOCUMENTS],
    }
    first = "notebooks/00_start_here.ipynb"
    parts = [
        title,
        about,
        f'<div class="cover">\n{pictures}\n</div>',
        f"[Begin with the first lesson]({first}), or run it all on your computer:",
        commands[0] if commands else "",
        f'<div class="cover">\n{figures}\n</div>',
        "[All that was measured](docs/benchmarks.md), with machines and ranges.",
        *(_toctree(caption, names) for caption, names in contents.items()),
        elsewhere({"All slides": "slides/index.html", **_source(address)}),
    ]
    return "\n\n".join(parts)


def _source(address: str) -> dict[str, str]:
    return {"Source": address} if address else {}


def _picture(name: str, cell_id: str) -> str:
    """Return a lesson's figure with the lesson's title, as HTML."""
    path = ROOT / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == cell_id)
    png = next(o.data["image/png"] for o in cell.outputs if "image/png" in o.data)
    return (
        f'<figure><img alt="{html.escape(alternative(cell))}" '
        f'src="data:image/png;base64,{"".join(png.split())}">'
        f'<figcaption><a href="notebooks/{name}.html">{html.escape(_title(path))}</a>'
        "</figcaption></figure>"
    )


def _title(path: Path) -> str:
    """Return the heading of a notebook."""
    return describe(nbformat.read(path, as_version=4), path.stem).title


def _toctree(caption: str, names: Iterable[str]) -> str:
    return "\n".join(
        ["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```"]
    )


def _names(paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(ROOT).with_suffix("").as_posix() for path in paths]


def _local_links(text: str, name: str, address: str) -> str:
    """Return Markdown whose links lead to pages, else to the repository, if known."""
    pages = {*DOCUMENTS, "README.md"}

    def mend(link: re.Match[str]) -> str:
        shown, target = link.groups()
        if "://" in target or not target:
            return link[0]
        place = Path(os.path.relpath((ROOT / name).parent / target, ROOT)).as_posix()
        if place == "README.md":
            return f"[{shown}]({'../' * name.count('/')}index.md)"
        if place in pages or place.endswith((".ipynb", ".png", ".svg")):
            return link[0]
        return f"[{shown}]({address}/blob/{BRANCH}/{place})" if address else shown

    return re.sub(r"\[([^\]]*)\]\(([^)#\s]*)(?:#[^)\s]*)?\)", mend, text)


def _copy(path: Path, folder: Path) -> None:
    """Copy a file of the repository to its place below another folder."""
    target = folder / path.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)
