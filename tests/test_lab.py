"""A student's own notebooks: nothing of the student's is lost, nothing is outdated."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from conftest import CHROMIUM, ROOT, needs_chromium
from playwright.sync_api import TimeoutError, sync_playwright

from keeper import lab
from keeper.record import write_results

needs_git = pytest.mark.skipif(not shutil.which("git"), reason="no git on PATH")
posix = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
NAMES = sorted(
    path.relative_to(ROOT / "notebooks").as_posix()
    for folder in ("notebooks", "notebooks/exercises")
    for path in (ROOT / folder).glob("*.ipynb")
)
EXERCISE = "exercises/07_lstm_and_gru.ipynb"
ANSWER = "# my answer\n    return 7"
PATIENCE = 300  # seconds, for what takes one or two on a free machine
SETTINGS = {  # of the student in the browser
    # It saves at the test's word alone: no two savings at once.
    "docmanager-extension/plugin": {"autosave": False},
    # Cells that are off the screen stay in the page: "Run All" jumps to the last.
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A copy of the course's notebooks, of which a test makes new versions."""
    folder = tmp_path / "course" / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)
    monkeypatch.setattr(lab, "NOTEBOOKS", folder)
    return folder


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


def read(path):
    return json.loads(path.read_text("utf-8"))


def write(path, notebook):
    path.write_text(json.dumps(notebook, indent=1), "utf-8")


def sources(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def open_and_save(path):
    """Change what JupyterLab changes in a notebook that is opened, run and saved."""
    notebook = read(path)
    notebook["metadata"]["kernelspec"]["display_name"] = "Python 3 (ipykernel)"
    notebook["metadata"]["language_info"]["version"] = "3.11.7"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = {"name": "stdout", "output_type": "stream", "text": "mine"}
            cell |= {"execution_count": 99, "outputs": [text]}
            cell["metadata"]["execution"] = {"shell.execute_reply": "now"}
    write(path, notebook)


def answer(path):
    """Answer every task of an exercise, and the first code cell of a lesson."""
    notebook = read(path)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    answered = [cell for cell in code if "YOUR CODE" in "".join(cell["source"])]
    for cell in answered or code[:1]:
        cell["source"] = "".join(cell["source"]) + ANSWER
        cell["outputs"] = [
            {"name": "stdout", "output_type": "stream", "text": "my output"}
        ]
    write(path, notebook)
    return [cell["id"] for cell in answered or code[:1]]


def new_version(path):
    """Change the text of a notebook, its last cell aside, and put a cell at the end."""
    notebook = read(path)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = "".join(cell["source"]) + " (new)"
    end = {"cell_type": "markdown", "id": "the-end", "metadata": {}, "source": "End."}
    notebook["cells"].append(end)
    write(path, notebook)


def edit(path, change):
    """Change the cells of a notebook."""
    notebook = read(path)
    change(notebook["cells"])
    write(path, notebook)


def add(position, name, source):
    cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
    cell |= {"execution_count": None, "outputs": []}
    return lambda cells: cells.insert(position, cell)


def test_the_first_start_copies_every_file(course, work):
    assert lab.update(work) == []
    for path in [*course.rglob("*.ipynb"), course / "scaling_out_worker.py"]:
        copy = work / "my_notebooks" / path.relative_to(course)
        assert copy.read_bytes() == path.read_bytes()
    assert (work / "docs" / "all_reduce.svg").is_file()  # lesson 12 shows it


def test_notebooks_that_were_only_run_are_replaced_by_a_new_version(course, work):
    lab.update(work)
    copies = [work / "my_notebooks" / name for name in NAMES]
    for mine in copies:
        open_and_save(mine)
        edit(mine, add(999, "empty", "\n"))  # as JupyterLab does below the last cell
    run = [mine.read_bytes() for mine in copies]
    assert lab.update(work) == []
    # The course has nothing new: outputs stay.
    assert [mine.read_bytes() for mine in copies] == run
    for name in NAMES:
        new_version(course / name)
    assert lab.update(work) == []
    for name, mine in zip(NAMES, copies, strict=True):
        assert mine.read_bytes() == (course / name).read_bytes()


def test_answers_stay_in_a_new_version_of_every_notebook(course, work):
    lab.update(work)
    folder = work / "my_notebooks"
    answered, before = {}, {}
    for name in NAMES:
        open_and_save(folder / name)
        answered[name] = answer(folder / name)
        before[name] = (folder / name).read_bytes()
        new_version(course / name)
    sentences = lab.update(work)
    assert len(sentences) == len(NAMES) > 28
    for name, sentence in zip(NAMES, sentences, strict=True):
        assert sentence.startswith(f"{Path(name)} is updated, and keeps what you wrote")
        backup = folder / sentence.split(": ")[1].rstrip(".")
        assert backup.read_bytes() == before[name]
        mine, course_s = read(folder / name)["cells"], read(course / name)["cells"]
        for cell, new in zip(mine, course_s, strict=True):
            if cell["id"] in answered[name]:
                assert "".join(cell["source"]).endswith(ANSWER)
                assert cell["outputs"][0]["text"] == "my output"
            else:
                assert cell["source"] == "".join(new["source"])
                assert cell.get("outputs") == new.get("outputs")
        nbformat.validate(nbformat.read(folder / name, as_version=4))
    assert lab.update(work) == []


def test_of_a_cell_that_both_changed_the_student_keeps_hers_and_sees_the_new_one(
    course, work
):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    [first, *_] = answer(mine)

    def improve(cells, text="clearer"):
        [stub] = [cell for cell in cells if cell["id"] == first]
        stub["source"] = f"# {text}\nraise NotImplementedError()"

    edit(course / EXERCISE, improve)
    lab.update(work)
    cells = read(mine)["cells"]
    [place] = [i for i, cell in enumerate(cells) if cell["id"] == first]
    assert cells[place]["source"].endswith(ANSWER)
    note = cells[place + 1]
    assert note["cell_type"] == "markdown"  # as code it would undo the answer
    assert note["source"].startswith("**New in the course.**")
    assert "# clearer" in note["source"]

    # A newer version of the cell replaces the note; one of other cells leaves it.
    for change in (lambda cells: improve(cells, "clearest"), add(0, "top", "1")):
        edit(course / EXERCISE, change)
        lab.update(work)
        [note] = [text for text in sources(read(mine)) if "New in the course" in text]
        assert "clearest" in note


def test_added_cells_stay_behind_the_cell_they_followed(course, work):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    names = [cell["id"] for cell in read(mine)["cells"]]
    edit(mine, add(4, "mine-2", "second"))
    edit(mine, add(4, "mine-1", "first"))
    edit(mine, add(0, "mine-0", "top"))
    edit(course / EXERCISE, lambda cells: cells.insert(1, cells.pop(3)))
    lab.update(work)
    merged = [cell["id"] for cell in read(mine)["cells"]]
    moved = [names[0], names[3], "mine-1", "mine-2", *names[1:3], *names[4:]]
    assert merged == ["mine-0", *moved]


def test_cells_that_the_course_deletes_go_unless_the_student_changed_them(course, work):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    [first, *_] = answer(mine)
    untouched = read(mine)["cells"][-1]["id"]
    doomed = {first, untouched}

    def delete(cells):
        cells[:] = [cell for cell in cells if cell["id"] not in doomed]

    edit(course / EXERCISE, delete)
    lab.update(work)
    left = {cell["id"] for cell in read(mine)["cells"]}
    assert doomed & left == {first}


def test_a_cell_that_the_student_deleted_comes_back_with_a_new_version(course, work):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    whole = sources(read(mine))
    edit(mine, lambda cells: cells.pop(2))
    assert lab.update(work) == []
    assert len(sources(read(mine))) == len(whole) - 1
    new_version(course / EXERCISE)
    lab.update(work)
    assert sources(read(mine)) == sources(read(course / EXERCISE))


def test_files_that_the_course_deletes_go_unless_the_student_changed_them(course, work):
    lab.update(work)
    folder = work / "my_notebooks"
    answer(folder / EXERCISE)
    open_and_save(folder / NAMES[1])
    (course / EXERCISE).unlink()
    (course / NAMES[1]).unlink()
    [sentence] = lab.update(work)
    assert sentence == f"{Path(EXERCISE)} is no longer in the course; yours stays."
    assert ANSWER in "".join(sources(read(folder / EXERCISE)))
    assert not (folder / NAMES[1]).exists()
    assert lab.update(work) == []


def test_a_changed_program_is_set_aside_for_the_new_one(course, work):
    lab.update(work)
    mine = work / "my_notebooks" / "scaling_out_worker.py"
    mine.write_text("# mine")
    assert lab.update(work) == []
    assert mine.read_text() == "# mine"
    (course / "scaling_out_worker.py").write_text("# new")
    [sentence] = lab.update(work)
    assert mine.read_text() == "# new"
    backup = sentence.split(": ")[1].rstrip(".")
    assert (work / "my_notebooks" / backup).read_text() == "# mine"


@pytest.mark.parametrize(
    "damage",
    [b"", b"\xff\xfe\x00", b'{"cells": [', b"[]", b'{"cells": [{"source": 7}]}'],
    ids=["empty", "no text", "cut off", "a list", "no cells"],
)
def test_a_damaged_notebook_is_set_aside_and_a_fresh_copy_put_in_its_place(
    damage, course, work
):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    mine.write_bytes(damage)
    [sentence] = lab.update(work)
    assert sentence.startswith(f"{Path(EXERCISE)} could not be read: it is now backups")
    assert mine.read_bytes() == (course / EXERCISE).read_bytes()
    [backup] = (work / "my_notebooks" / "backups").rglob("*.ipynb")
    assert backup.read_bytes() == damage
    assert lab.update(work) == []


def test_a_damaged_file_of_the_course_leaves_the_student_hers(course, work):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    answer(mine)
    before = mine.read_bytes()
    (course / EXERCISE).write_text("<<<<<<< HEAD")
    [sentence] = lab.update(work)
    assert f"git checkout notebooks/{EXERCISE}" in sentence
    assert mine.read_bytes() == before


def test_a_student_who_deletes_a_notebook_gets_a_new_one(course, work):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    mine.unlink()
    assert lab.update(work) == []
    assert mine.read_bytes() == (course / EXERCISE).read_bytes()


def test_without_its_originals_nothing_that_the_student_wrote_is_lost(course, work):
    lab.update(work)
    mine = work / "my_notebooks" / EXERCISE
    answered = answer(mine)
    shutil.rmtree(work / "my_notebooks" / ".course")
    new_version(course / EXERCISE)
    lab.update(work)
    cells = {cell["id"]: cell["source"] for cell in read(mine)["cells"]}
    assert all(cells[name].endswith(ANSWER) for name in answered)


class Killed(BaseException):
    """The process ends here; nothing may catch it."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_moment_loses_nothing_and_the_next_start_completes_it(
    when, course, work, monkeypatch
):
    kept = {EXERCISE, NAMES[0], NAMES[-1]}
    for path in course.rglob("*.ipynb"):  # these are enough
        if path.relative_to(course).as_posix() not in kept:
            path.unlink()

    def prepare():
        shutil.rmtree(work, ignore_errors=True)
        for name in (*kept, "scaling_out_worker.py"):
            shutil.copy(ROOT / "notebooks" / name, course / name)
        lab.update(work)
        folder = work / "my_notebooks"
        open_and_save(folder / NAMES[0])
        answer(folder / EXERCISE)
        (folder / NAMES[-1]).write_text("damaged")
        (folder / "scaling_out_worker.py").write_text("# mine")
        for name in kept:
            new_version(course / name)
        (course / "scaling_out_worker.py").write_text("# new")

    def visible():
        return {
            str(path.relative_to(work)): path.read_bytes()
            for path in work.rglob("*")
            if path.is_file() and "backups" not in path.parts and path.suffix != ".new"
        }

    replace = Path.replace
    prepare()
    lab.update(work)
    complete = visible()
    for fatal in range(100):
        prepare()
        mine = (work / "my_notebooks" / EXERCISE).read_bytes()
        calls = iter(range(1000))

        def dying(self, target, calls=calls, fatal=fatal):
            if next(calls) == fatal:
                if when == "after":
                    replace(self, target)
                raise Killed
            return replace(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", dying)
            try:
                lab.update(work)
            except Killed:
                pass
            else:
                break
        lab.update(work)
        assert visible() == complete
        found = (work / "my_notebooks").rglob("*.*")
        saved = {path.read_bytes() for path in found if path.is_file()}
        assert {mine, b"damaged", b"# mine"} <= saved
    assert fatal > 8  # it was killed at every step


def test_a_read_only_course_is_copied_to_the_home(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("COURSE_WORK", raising=False)
    assert lab.work_folder() == tmp_path / "keras-sequences"
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "mine"))
    assert lab.work_folder() == tmp_path / "mine"


def test_a_copy_of_a_read_only_file_can_be_written(course, work):
    (course / EXERCISE).chmod(0o444)
    lab.update(work)
    assert (work / "my_notebooks" / EXERCISE).stat().st_mode & stat.S_IWUSR


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "file" / "work"))
    with pytest.raises(SystemExit, match="Set COURSE_WORK to a folder") as caught:
        lab.lab([])
    assert len(str(caught.value)) < 500


def test_the_settings_are_those_that_jupyterlab_has():
    schemas = Path(sys.prefix, "share", "jupyter", "lab", "schemas")
    overrides = json.loads((lab.SETTINGS / "overrides.json").read_text("utf-8"))
    for plugin, settings in overrides.items():
        package, name = plugin.split(":")
        schema = read(schemas / package / f"{name}.json")
        assert settings.keys() <= schema["properties"].keys()


@pytest.fixture
def upstream(tmp_path):
    """A repository of what the lab needs, as it is in the working tree."""
    folder = tmp_path / "upstream"
    skip = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "real")
    for part in ("course_utils", "data", "docs", "keeper", "notebooks", "results"):
        shutil.copytree(ROOT / part, folder / part, ignore=skip)
    shutil.copy(ROOT / ".gitignore", folder)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


@pytest.fixture
def student(upstream, tmp_path):
    git(tmp_path, "clone", "--quiet", upstream, "student")
    return tmp_path / "student"


@pytest.fixture
def start(tmp_path, student):
    """Start ``lab`` for a student who never used it; return it and its address."""
    home = tmp_path / "home"
    for extension, settings in SETTINGS.items():
        file = home / f".jupyter/lab/user-settings/@jupyterlab/{extension}"
        file.parent.mkdir(parents=True)
        file.with_suffix(".jupyterlab-settings").write_text(json.dumps(settings))
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("JUPYTER", "XDG"))}
    kept.pop("COURSE_WORK", None)
    environment = kept | {"HOME": str(home), "PYTHONPATH": str(student)}
    servers = []

    def start_one():
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "keeper", "lab", "--no-browser"]
        command += [f"--port={port}", "--ServerApp.port_retries=0", "--allow-root"]
        command += ["--IdentityProvider.token=secret"]
        with (tmp_path / "lab.log").open("w") as log:
            server = subprocess.Popen(
                command, cwd=student, env=environment, stdout=log, stderr=log
            )
        servers.append(server)
        address = f"http://127.0.0.1:{port}"
        until(lambda: server.poll() is not None or answers(f"{address}/login"))
        assert server.poll() is None, (tmp_path / "lab.log").read_text()
        return server, address

    yield start_one
    for server in servers:
        if server.poll() is None:
            server.kill()
            server.wait()


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--no-first-run"],
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(1000 * PATIENCE)
        yield page
        browser.close()


def git(folder, *arguments):
    name = ("-c", "user.name=course", "-c", "user.email=course@example.org")
    done = subprocess.run(
        ["git", *name, *arguments], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=A version")


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(address):
    try:
        urllib.request.urlopen(address, timeout=PATIENCE).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def wait_for_kernel(page):
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]:visible").wait_for()


def end(server, with_signal):
    """End a server; return its exit status and those of its kernels that live on."""
    kernels = psutil.Process(server.pid).children(recursive=True)
    assert kernels
    server.send_signal(with_signal)
    server.wait(PATIENCE)
    return psutil.wait_procs(kernels, timeout=PATIENCE)[1]


WATCH = """() => {
  window.waiting = () => [...document.querySelectorAll(".jp-InputPrompt")].some(
    (prompt) => prompt.textContent.includes("[*]"),
  );
  window.waited = false;
  new MutationObserver(() => (window.waited ||= waiting())).observe(
    document.body, { subtree: true, childList: true, characterData: true },
  );
}"""


def answer_and_run(page, address, path):
    """Open a notebook, write below a cell's code, run all cells, and save.

    Returns:
        the names of the errors that its cells ended with.
    """
    name = path.as_posix().split("my_notebooks/")[1]
    # In a window of its own: without the notebooks that were opened before.
    window = f"auto-{name.removesuffix('.ipynb').replace('/', '-')}"
    page.goto(f"{address}/lab/workspaces/{window}/tree/{name}?token=secret")
    wait_for_kernel(page)
    assert page.get_by_text("official Jupyter news").count() == 0
    # Of a folded cell, JupyterLab shows one line, without an editor or a prompt.
    open_editor = page.locator(".cm-content:visible")
    cells = page.locator(".jp-CodeCell:visible").filter(has=open_editor)
    tasks = cells.filter(has_text="YOUR CODE HERE")
    (tasks if tasks.count() else cells).first.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(f"\n{ANSWER.splitlines()[0]}")
    page.evaluate(WATCH)

    def runs():
        """Ask for it, as one does: again, if the click came too early."""
        page.locator(".lm-MenuBar-itemLabel").get_by_text("Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        with suppress(TimeoutError):
            page.wait_for_function("window.waited", timeout=30_000)
        return page.evaluate("window.waited")

    until(runs)
    # What is saved has numbers already. So: some cell has waited, and none does.
    page.wait_for_function("!waiting()")
    save(page)
    notebook = read(path)
    assert ANSWER.splitlines()[0] in "".join(sources(notebook))
    outputs = [o for cell in notebook["cells"] for o in cell.get("outputs", [])]
    assert outputs
    return [o["ename"] for o in outputs if o["output_type"] == "error"]


def save(page):
    """Save until all is saved: late messages of a busy kernel change the notebook."""
    unsaved = page.locator(".lm-TabBar-tab.jp-mod-dirty")

    def saved():
        if unsaved.count():
            page.keyboard.press("Control+S")
            with suppress(TimeoutError):
                unsaved.wait_for(state="detached", timeout=10_000)
        return not unsaved.count()

    until(saved)


def ask(address, path, method, data=None):
    """Send a request to the server's own interface; return what it answers."""
    request = urllib.request.Request(
        f"{address}/api/{path}", data, {"Authorization": "token secret"}, method=method
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read() or "null")


@posix
@needs_git
@needs_chromium
def test_a_student_opens_runs_answers_and_updates(
    upstream, student, start, page, tmp_path
):
    record = os.environ.get("COURSE_RECORD_BROWSER")
    names = NAMES if record else ["00_start_here.ipynb", EXERCISE]
    mine = student / "my_notebooks"
    server, address = start()
    done = {}
    for name in names:
        done[name] = answer_and_run(page, address, mine / name)
        # A lesson runs to its end, and an exercise to its first task.
        assert done[name] == ["Hint"] * ("exercises" in name), name
        assert git(student, "status", "--porcelain") == "", name
        for kernel in ask(address, "kernels", "GET"):
            if name != names[-1]:
                ask(address, f"kernels/{kernel['id']}", "DELETE")
    assert end(server, signal.SIGTERM) == []

    for name in names:
        new_version(upstream / "notebooks" / name)
    commit(upstream)
    git(student, "pull", "--quiet", "--ff-only")
    server, address = start()
    log = (tmp_path / "lab.log").read_text()
    for name in names:
        assert f"{Path(name)} is updated, and keeps what you wrote" in log
        merged = sources(read(mine / name))
        assert ANSWER.splitlines()[0] in "".join(merged)
        assert merged[-1] == "End."
    ask(address, "kernels", "POST", b"{}")  # starts one
    assert git(student, "status", "--porcelain") == ""
    assert end(server, signal.SIGHUP) == []  # the terminal was closed
    if record:
        write_results(
            "opened_notebooks",
            {"opened": len(done), "errors": done, "git_status": "clean"},
        )
