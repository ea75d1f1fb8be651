"""The commands of the course; the Makefile calls them after its set-up."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path

from course_utils.datasets.fetch import ROOT
from course_utils.profiles import PROFILES, choose_profile
from keeper.lab import lab

# What executes notebooks is imported where it is used: it takes a second.

BUILD = ROOT / "build"


def run(arguments: list[str]) -> int:
    """Execute the lessons, two at a time; write notebooks and HTML under build/."""
    import nbformat
    from rich.console import Console

    from keeper.execute import execute_all, summary
    from keeper.slides import write_pages

    console = Console()
    profile = choose_profile()
    console.print(f"Profile: {profile}")
    folder = BUILD / profile
    folder.mkdir(parents=True, exist_ok=True)
    begin = time.perf_counter()
    # In the lecture profile, a lesson needs the whole machine.
    done = execute_all(arguments, console, at_once=2 if profile == "quick" else 1)
    seconds = time.perf_counter() - begin
    for name, execution in done.items():
        nbformat.write(execution.notebook, folder / f"{name}.ipynb")
        for cell in execution.notebook.cells if profile != "quick" else []:
            cell.metadata.pop("alt", None)  # it tells of another figure
    write_pages({name: one.notebook for name, one in done.items()}, folder)
    console.print(summary(done))
    console.print(f"{seconds:.0f} seconds in all.")
    console.print(
        f"Executed notebooks and pages: {folder.relative_to(ROOT)}/index.html"
    )
    return int(any(execution.error for execution in done.values()))


def notebooks(arguments: list[str]) -> int:
    """Execute the lessons in the quick profile and rewrite their committed outputs."""
    import nbformat
    from rich.console import Console

    from keeper.execute import execute_all, lessons, summary
    from keeper.roles import fold

    os.environ["COURSE_PROFILE"] = "quick"
    console = Console()
    done = execute_all(arguments, console)
    for path in lessons():
        # A notebook that fails keeps its outputs: nothing is lost.
        if path.stem in done and not done[path.stem].error:
            nbformat.write(fold(done[path.stem].notebook), path)
    console.print(summary(done))
    return int(any(execution.error for execution in done.values()))


def record(arguments: list[str]) -> int:
    """Execute lessons once for each seed, and write what they hand over to results/."""
    from keeper.execute import chosen
    from keeper.record import record_lesson

    parser = argparse.ArgumentParser(prog="course record", description=record.__doc__)
    parser.add_argument("lessons", nargs="+", help="beginnings of names, such as 06")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--profile", choices=PROFILES, default="record")
    given = parser.parse_args(arguments)
    complete = [
        record_lesson(path, given.seeds, given.profile)
        for path in chosen(given.lessons)
    ]
    return int(not all(complete))


def slides(arguments: list[str]) -> int:
    """Write the lessons as slides that need no network, under build/slides/."""
    from keeper.execute import lessons
    from keeper.slides import write_all

    folder = BUILD / "slides"
    decks = write_all(lessons(), folder)
    print(f"{len(decks)} decks: {folder.relative_to(ROOT)}/index.html")
    return 0


def site(arguments: list[str]) -> int:
    """Write the course as a web site that needs no network, under build/site/."""
    if not find_spec("myst_nb"):
        raise SystemExit(
            "The web edition needs Python 3.11 or later, and the packages of "
            "requirements-test.lock: run make site."
        )
    from keeper.site import build

    parser = argparse.ArgumentParser(prog="course site", description=site.__doc__)
    address = os.environ.get("COURSE_ADDRESS", "")
    parser.add_argument("--address", default=address, help="of the copy, on GitHub")
    given = parser.parse_args(arguments)
    begin = time.perf_counter()
    failed = build(BUILD / "site", given.address.removesuffix("/"))
    seconds = time.perf_counter() - begin
    print(f"{seconds:.0f} seconds: {(BUILD / 'site').relative_to(ROOT)}/index.html")
    return failed


def exercises(arguments: list[str]) -> int:
    """Write the student's version of every exercise from its solution."""
    from keeper.stubs import write_all

    for path in write_all():
        print(path.relative_to(ROOT))
    return 0


def release(arguments: list[str]) -> int:
    """Write what students get, without solutions and outputs, into a new folder."""
    from keeper.release import release as write

    parser = argparse.ArgumentParser(prog="course release", description=release.__doc__)
    parser.add_argument("folder", type=Path, help="new or empty")
    folder = parser.parse_args(arguments).folder
    try:
        print(f"{write(folder)} files: {folder}")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def mutants(arguments: list[str]) -> int:
    """Change the solutions a little, and record which slips their checks let pass."""
    from keeper.mutants import write

    os.environ["COURSE_PROFILE"] = "quick"
    write(arguments)
    return 0


def test(arguments: list[str]) -> int:
    """Lint, check types, run the tests, and compare every notebook's outputs."""
    from keeper.execute import one_thread_each

    os.environ["COURSE_PROFILE"] = "quick"
    one_thread_each()
    python = sys.executable
    # --dist=loadfile: the cells of a notebook stay together, in order.
    tests = ["--nbval", "--nbval-current-env", "-n=2", "--dist=loadfile", "-q"]
    steps = [
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "codespell_lib"],
        [python, "-m", "mypy"],
        [python, "-m", "pytest", *tests, *arguments],
    ]
    if not os.access(ROOT, os.W_OK):  # their caches would be there
        os.environ |= {"RUFF_NO_CACHE": "true", "MYPY_CACHE_DIR": os.devnull}
    # All of them: a step that fails hides no other. One that is killed is below 0.
    failed = [step for step in steps if subprocess.call(step, cwd=ROOT)]
    for step in failed:  # the last lines: what a step printed is far above
        print("Failed:", *step[2:4])
    return int(bool(failed))


def bench(arguments: list[str]) -> int:
    """Measure the course against its peers; write the record and the tables."""
    from rich.console import Console
    from rich.table import Table

    from keeper.tables import ON_REQUEST, SECTIONS, ratios

    options = [argument for argument in arguments if argument.startswith("-")]
    prefixes = tuple(argument for argument in arguments if argument not in options)
    chosen = [
        name
        for name in SECTIONS
        if (name.startswith(prefixes) if prefixes else name not in ON_REQUEST)
    ]
    if not chosen:
        raise SystemExit(f"No section begins so: choose of {', '.join(SECTIONS)}.")
    failed = []
    for name in chosen:  # each writes its section at once: what is done is kept
        print(f"\n{name}", flush=True)
        script = ROOT / "benchmarks" / f"{name}.py"
        if subprocess.call([sys.executable, script, *options], cwd=ROOT):
            failed.append(name)
    if "--try" not in options:
        heading, *rows = ratios()
        table = Table(*heading)
        for row in rows:
            table.add_row(*row)
        Console().print(table)
        tables([])
    if failed:
        print(f"Not measured, the older record stays: {', '.join(failed)}.")
    return int(bool(failed))


def tables(arguments: list[str]) -> int:
    """Write the tables of the documents from the records under results/."""
    from keeper.tables import DOCUMENTS, render

    for path, names in DOCUMENTS.items():
        text = render(path.read_text(encoding="utf-8"), names)
        path.write_text(text, encoding="utf-8")
    return 0


def report(arguments: list[str]) -> int:
    """Print what a report of a mistake should tell of this computer."""
    import psutil

    from keeper.record import hardware, version

    told = {**hardware(), "system": platform.platform()}
    told["memory"] = f"{psutil.virtual_memory().total / 1e9:.1f} GB"
    for package in ("keras", "tensorflow", "jax", "numpy", "jupyterlab"):
        try:
            told[package] = version(package)
        except PackageNotFoundError:
            told[package] = "not installed"
    told["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND", "not set")
    told["profile"] = os.environ.get("COURSE_PROFILE") or "quick, the default"
    # Only whether it is set: reports are public, and a path may hold a name.
    told["COURSE_DATA"] = "set" if os.environ.get("COURSE_DATA") else "not set"
    told["commit"] = _commit() or "no git checkout"
    browsers = [name for name in ("chromium", "google-chrome") if shutil.which(name)]
    told["browser"] = ", ".join(browsers) or "no Chromium on PATH"
    for name, value in told.items():
        print(f"{name:15} {value}")
    return 0


def _commit() -> str | None:
    """Return the commit of the checkout, and whether files differ from it."""
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        return None
    command = [git, "describe", "--always", "--dirty", "--tags"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


# What the arguments of a command are; of the others there are none.
ARGUMENTS = {
    lab: "--edit: the course's own notebooks; and options of JupyterLab",
    run: "beginnings of names, such as 02",
    notebooks: "beginnings of names, such as 02",
    record: "beginnings of names; --seeds 0 1 2; --profile record",
    release: "a new or empty folder",
    mutants: "beginnings of names, such as 02; all, if none",
    site: "--address: of the copy on GitHub, for links to Binder and Colab",
    test: "options of pytest, files",
    bench: "beginnings of sections; --try: measure once, write nothing",
}
COMMANDS = (
    lab,
    run,
    notebooks,
    record,
    slides,
    site,
    exercises,
    release,
    mutants,
    test,
    bench,
    tables,
    report,
)


def main() -> int:
    """Run the command that was given; return its exit status."""
    parser = argparse.ArgumentParser(prog="course", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(metavar="command", required=True)
    for command in COMMANDS:
        about = (command.__doc__ or "").partition("\n")[0]
        sub = commands.add_parser(command.__name__, help=about, description=about)
        sub.set_defaults(command=command, arguments=[])
        if command in ARGUMENTS:
            sub.add_argument(
                "arguments", nargs=argparse.REMAINDER, help=ARGUMENTS[command]
            )
    # What a command does not know is another program's: of JupyterLab, of pytest.
    given, unknown = parser.parse_known_args()
    if unknown and given.command not in (lab, record, site, test, bench):
        parser.error(f"{given.command.__name__} does not know {' '.join(unknown)}")
    return given.command([*unknown, *given.arguments])


if __name__ == "__main__":
    sys.exit(main())
