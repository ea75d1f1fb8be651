"""Where the tests find the repository's parts and, if it is there, the real data."""

from __future__ import annotations

import importlib
import importlib.resources
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest

from course_utils.datasets.fetch import data_folder

ROOT = Path(__file__).resolve().parent.parent
BUNDLED = ROOT / "data" / "bundled"

# The first example may import a library, and no test is a matter of time.
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")


def real_data() -> Path:
    """Return where the course looks for real data; else, the folder of the CI."""
    beside = ROOT.parent / "shared" / "data"
    if os.environ.get("COURSE_DATA") or data_folder().is_dir() or not beside.is_dir():
        return data_folder()
    return beside


REAL_DATA = real_data()


def needs_real(*names: str) -> pytest.MarkDecorator:
    """Mark a test that reads these files of real data: without them, it is skipped."""
    missing = [name for name in names if not (REAL_DATA / name).is_file()]
    return pytest.mark.skipif(
        bool(missing), reason=f"no {' and no '.join(missing)} in {REAL_DATA}"
    )


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium on PATH; on Debian: apt install chromium"
)


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    """A browser; what it asks for is in ``asked``, all that goes wrong in ``wrong``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                *("--no-sandbox", "--disable-gpu", "--no-first-run"),
                "--disable-background-networking",
            ],
        )
        context: Any = browser.new_context(viewport={"width": 1280, "height": 720})
        context.asked, context.wrong = [], []
        context.on("request", lambda r: context.asked.append(r.url))
        context.on(
            "requestfailed",  # unless the page was left before it came
            lambda r: r.failure != "net::ERR_ABORTED" and context.wrong.append(r.url),
        )
        context.on("weberror", lambda e: context.wrong.append(str(e.error)))
        context.on(
            "console",
            lambda m: m.type in {"error", "warning"} and context.wrong.append(m.text),
        )
        yield context
        browser.close()


def outside(context: Any, *inside: str) -> list[str]:
    """Return what a browser asked for that does not begin with one of ``inside``."""
    return [u for u in context.asked if not u.startswith((*inside, "data:", "about:"))]


# What the law of many countries asks of a public university's pages.
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Of all words of code in one colour, the first is enough: a page has thousands.
AXE = """async (only) => {
  const seen = new Set();
  for (const word of document.querySelectorAll(".highlight span[class]")) {
    if (word.children.length || !word.checkVisibility()) continue;
    if (seen.has(word.className)) word.replaceWith(word.textContent);
    seen.add(word.className);
  }
  const found = await axe.run(document, {
    runOnly: only, resultTypes: ["violations"], preload: false,
  });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(
    (node) => `${id}: ${node.target.join(" ")}: ${node.any[0]?.message ?? ""}`));
}"""


def barriers(page: Any, only: dict[str, Any] | None = None) -> list[str]:
    """Return what axe-core finds on a page in the way of people who need help.

    Args:
        page: of Playwright.
        only: what axe-core shall look for; without it, all of WCAG 2.2 AA.
    """
    if not page.evaluate("typeof axe === 'object'"):
        axe = importlib.resources.files("axe_playwright_python") / "axe.min.js"
        page.evaluate(axe.read_text(encoding="utf-8"))
    return page.evaluate(AXE, only or {"type": "tag", "values": WCAG})


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name in the last lines what was not tested for want of a browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    names = [r.nodeid for r in skipped if "no Chromium on PATH" in str(r.longrepr)]
    if names:
        terminalreporter.section("not tested, for want of a browser")
        terminalreporter.write_line("\n".join(names))


class _LaterKeras:
    """Keras, imported when it is first used: collecting the tests takes no seconds."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # pytest looks for marks on everything it finds
            raise AttributeError(name)
        return getattr(importlib.import_module("keras"), name)


keras = _LaterKeras()

GENERATORS = ROOT / "data" / "generators"
sys.path.append(str(GENERATORS))  # as it is for a script: they import each other


def load_generator(name: str) -> ModuleType:
    """Import the script ``data/generators/<name>.py`` as a module."""
    path = GENERATORS / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"generator_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
