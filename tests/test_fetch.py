"""Downloads against a server of our own, which misbehaves in every known way."""

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from course_utils.datasets import catalogue, fetch
from course_utils.datasets.catalogue import DATASETS, Dataset, RealFile
from course_utils.datasets.fetch import bundled_path, real_path, verify
from course_utils.datasets.files import DataError

CONTENT = b"some data of a course\n" * 5_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT well at /good, and badly elsewhere."""

    requests: ClassVar[Counter] = Counter()

    def do_GET(self):
        self.requests[self.path] += 1
        if self.path == "/missing":
            self.send_error(404)
        elif self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.end_headers()
        else:
            time.sleep({"/slow": 8, "/patient": 0.3}.get(self.path, 0))
            body = b"<html>log in</html>" if self.path == "/wrong" else CONTENT
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:1_000] if self.path == "/truncated" else body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        httpd.handle_error = lambda *_: None  # a client that gave up is no news
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.fixture
def dataset(monkeypatch, server):
    """Put a dataset "test" into the catalogue, served at the given paths."""

    def make(*paths, **details):
        details = {"hash": f"sha256:{SHA256}", "size": len(CONTENT)} | details
        file = RealFile("data.txt", tuple(server + path for path in paths), **details)
        monkeypatch.setitem(
            DATASETS, "test", Dataset("Test data", "", "", real=(file,))
        )
        return file

    return make


def test_a_file_is_downloaded_once_and_then_found(dataset, tmp_path):
    dataset("/good")
    Handler.requests.clear()
    path = real_path("test", tmp_path / "new" / "folder", progress=False)
    assert path.read_bytes() == CONTENT
    assert real_path("test", path.parent) == path
    assert Handler.requests == {"/good": 1}
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_redirect_is_followed(dataset, tmp_path):
    dataset("/redirect")
    assert real_path("test", tmp_path, progress=False).read_bytes() == CONTENT


@pytest.mark.parametrize("first", ["/missing", "/wrong", "/truncated", "/slow"])
def test_mirrors_are_tried_in_turn(dataset, tmp_path, first):
    dataset(first, "/good")
    path = real_path("test", tmp_path, timeout=2, progress=False)
    assert path.read_bytes() == CONTENT
    assert visible(tmp_path) == ["data.txt"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing", "the server answered 404"),
        ("/wrong", "truncated or not the expected file"),
        ("/truncated", "the connection broke off"),
        ("/slow", "the server did not answer in time"),
    ],
)
def test_a_failed_download_says_why_and_what_to_do(dataset, tmp_path, path, reason):
    dataset(path)
    with pytest.raises(DataError) as caught:
        real_path("test", tmp_path, timeout=2, progress=False)
    message = str(caught.value)
    assert reason in message
    for help_ in ("data.txt", path, str(tmp_path), "COURSE_DATA", "quick"):
        assert help_ in message
    assert visible(tmp_path) == []


def test_without_a_network_the_error_names_file_address_and_place(
    monkeypatch, tmp_path
):
    # Port 1 of this machine: nothing listens there.
    file = RealFile("data.txt", ("http://127.0.0.1:1/data.txt",))
    monkeypatch.setitem(DATASETS, "test", Dataset("Test data", "", "", real=(file,)))
    with pytest.raises(DataError) as caught:
        real_path("test", tmp_path, progress=False)
    message = str(caught.value)
    assert "there is no connection" in message
    assert f"Get it from {file.urls[0]} and put it into {tmp_path}" in message


def test_a_size_is_checked_even_without_a_hash(dataset, tmp_path):
    dataset("/wrong", hash=None)
    with pytest.raises(DataError, match="truncated or not the expected file"):
        real_path("test", tmp_path, progress=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONTENT[:-1], "109,999 bytes instead of 110,000: it is truncated"),
        (b"x" * len(CONTENT), "does not have the expected sha256 hash"),
        (b"", "is empty"),
    ],
)
def test_a_damaged_file_is_refused_and_kept(dataset, tmp_path, content, message):
    dataset("/good")
    (tmp_path / "data.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        real_path("test", tmp_path, progress=False)
    assert (tmp_path / "data.txt").read_bytes() == content


def test_processes_that_ask_at_once_make_one_download(server, tmp_path):
    Handler.requests.clear()
    code = (
        "import sys; from pathlib import Path\n"
        "from course_utils.datasets import catalogue, fetch\n"
        "file = catalogue.RealFile('data.txt', (sys.argv[1],))\n"
        "catalogue.DATASETS['test'] = catalogue.Dataset('T', '', '', real=(file,))\n"
        "print(fetch.real_path('test', Path(sys.argv[2]), progress=False))\n"
    )
    command = [sys.executable, "-c", code, f"{server}/patient", str(tmp_path)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    answers = {process.communicate(timeout=60)[0].strip() for process in running}
    assert answers == {str(tmp_path / "data.txt")}
    assert Handler.requests == {"/patient": 1}


def test_a_folder_that_cannot_be_written_is_named(dataset, tmp_path):
    dataset("/good")
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "folder"
    with pytest.raises(DataError, match=f"cannot be saved in {folder}"):
        real_path("test", folder, progress=False)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX users")
def test_a_read_only_folder_serves_what_it_has_and_refuses_more(dataset):
    dataset("/good")
    with tempfile.TemporaryDirectory() as top:
        full, empty = Path(top, "full"), Path(top, "empty")
        for folder in (full, empty):
            folder.mkdir()
        (full / "data.txt").write_bytes(CONTENT)
        for folder in (full, empty, Path(top)):
            folder.chmod(0o555)
        user = os.geteuid()
        try:
            if user == 0:  # root may write everywhere
                os.seteuid(65_534)
            assert real_path("test", full, progress=False) == full / "data.txt"
            with pytest.raises(DataError, match=f"cannot be saved in {empty}"):
                real_path("test", empty, progress=False)
        finally:
            if user == 0:
                os.seteuid(0)
            for folder in (Path(top), full, empty):
                folder.chmod(0o755)


def test_a_text_is_recognised_with_bom_and_crlf(tmp_path):
    file = RealFile("data.txt", hash=f"sha256:{SHA256}", text=True)
    path = tmp_path / "data.txt"
    path.write_bytes(b"\xef\xbb\xbf" + CONTENT.replace(b"\n", b"\r\n"))
    verify(path, file)
    path.write_bytes(CONTENT + b"more\n")
    with pytest.raises(DataError, match="expected sha256 hash"):
        verify(path, file)


def test_a_file_without_an_address_is_asked_for_by_hand(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"full_format_recipes.json .* is not there"):
        real_path("recipes")


def test_course_data_counts_from_the_top_of_the_repository(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "some/folder")
    assert fetch.data_folder() == fetch.ROOT / "some" / "folder"
    monkeypatch.delenv("COURSE_DATA")
    assert fetch.data_folder() == fetch.ROOT / "data" / "real"


def test_an_unknown_dataset_is_told_the_names():
    with pytest.raises(ValueError, match="name must be one of reviews"):
        real_path("revews")


@pytest.mark.parametrize("name", DATASETS)
def test_every_bundled_file_is_there(name):
    assert bundled_path(name).stat().st_size > 1_000


def test_the_bundled_files_stay_small():
    files = list(fetch.BUNDLED.iterdir())
    assert {file.name for file in files} == {
        dataset.bundled for dataset in DATASETS.values()
    }
    assert sum(file.stat().st_size for file in files) < 15_000_000


def test_every_real_file_can_be_had_or_names_a_page():
    for dataset in catalogue.DATASETS.values():
        if dataset.real:
            assert any(f.urls for f in dataset.real) or dataset.page
        for file in dataset.real:
            assert file.hash is None or file.hash.startswith(("sha256:", "md5:"))


def visible(folder):
    """Names in a folder, without the locks, which begin with a dot."""
    names = sorted(path.name for path in folder.iterdir())
    return [name for name in names if not name.endswith(".lock")]
