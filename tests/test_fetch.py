"""Downloads against a server of our own, which misbehaves in every known way."""

import contextlib
import errno
import gzip
import hashlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from conftest import REAL_DATA

from course_utils.datasets import download, fetch
from course_utils.datasets.catalogue import DATASETS, Dataset, RealFile
from course_utils.datasets.fetch import bundled_path, real_path, verify
from course_utils.datasets.files import DataError

CONTENT = b"".join(b"line %05d of a story\n" % i for i in range(5_000))
SIZE = len(CONTENT)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ETAG = '"first"'
HELD_BACK = 1.5  # seconds that a silent server waits


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT well at /good, and badly elsewhere: one method for each way."""

    asked: ClassVar[list[tuple[str, str | None]]] = []  # paths and their Range

    def do_GET(self):
        path = self.path.split("?")[0][1:]
        self.asked.append((path, self.headers.get("Range")))
        if path.isdigit():
            self.answer(int(path), b"")
        else:
            getattr(self, path)()

    def answer(self, status, body, length=None, **headers):
        self.send_response(status)
        length = len(body) if length is None else length
        headers.setdefault("Content_Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def start(self):
        """Return from where the client wants the file, if it is the same as before."""
        same = self.headers.get("If-Range") in (ETAG, None)
        wanted = self.headers.get("Range", "bytes=0-").removeprefix("bytes=")
        return int(wanted.split("-")[0]) if same else 0

    def rest(self, start, end=SIZE, **headers):
        headers.setdefault("ETag", ETAG)
        if start:
            headers["Content_Range"] = f"bytes {start}-{SIZE - 1}/{SIZE}"
        self.answer(206 if start else 200, CONTENT[start:end], SIZE - start, **headers)

    def good(self):
        self.rest(self.start())

    def redirect(self):
        self.answer(302, b"", Location="/good")

    def circle(self):
        self.answer(302, b"", Location="/circle")

    def page(self):
        self.answer(200, b"<!DOCTYPE html><html>Log in to the wifi</html>" * 10)

    def pointer(self):
        self.answer(200, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")

    def wrong(self):
        self.answer(200, CONTENT[::-1])

    def empty(self):
        self.answer(200, b"")

    def truncated(self):
        self.answer(200, CONTENT[:1_000], SIZE)

    def without_length(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CONTENT)

    def without_length_cut(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CONTENT[:50_000])

    def strange_length(self):
        self.answer(200, CONTENT, Content_Length="many")

    def packed(self):
        self.answer(200, gzip.compress(CONTENT), Content_Encoding="gzip", ETag=ETAG)

    def silent(self):
        time.sleep(HELD_BACK)

    def stalled(self):
        self.answer(200, CONTENT[:50_000], SIZE)
        time.sleep(HELD_BACK)

    def closed(self):
        self.close_connection = True

    def no_http(self):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")

    def busy_once(self):
        if len(self.asked) == 1:
            self.answer(503, b"", Retry_After="3")
        else:
            self.good()

    def busy_until_a_date(self):
        if len(self.asked) == 1:
            self.answer(429, b"", Retry_After=formatdate(time.time() + 3, usegmt=True))
        else:
            self.good()

    def busy_for_long(self):
        self.answer(429, b"", Retry_After="300")

    def breaks_often(self):
        start = self.start()
        self.rest(start, start + 30_000)

    def no_ranges(self):
        self.answer(200, CONTENT, ETag=ETAG)

    def overlooks_if_range(self):
        wanted = self.headers.get("Range", "bytes=0-").removeprefix("bytes=")
        self.rest(int(wanted.split("-")[0]), ETag='"second"')

    def another_range(self):
        if "Range" in self.headers:
            self.rest(1)
        else:
            self.good()

    def no_such_range(self):
        if "Range" in self.headers:
            self.answer(416, b"", Content_Range=f"bytes */{SIZE}")
        else:
            self.good()

    def by_date(self):
        date = "Sat, 01 Jan 2022 00:00:00 GMT"
        same = self.headers.get("If-Range") == date
        start = self.start() if not same else 0
        if same:
            start = int(self.headers["Range"].removeprefix("bytes=")[:-1])
        self.rest(start, ETag='W/"weak"', Last_Modified=date)

    def slow(self):
        start = self.start()
        self.rest(start, start)
        for i in range(start, SIZE, 2_000):
            self.wfile.write(CONTENT[i : i + 2_000])
            time.sleep(0.02)

    def patient(self):
        time.sleep(0.5)
        self.good()

    def log_message(self, *_):
        pass


def serve(httpd):
    httpd.daemon_threads = True
    httpd.handle_error = lambda *_: None  # a client that gave up is no news
    threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True).start()
    return httpd.server_port


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        yield f"http://127.0.0.1:{serve(httpd)}"
        httpd.shutdown()


@pytest.fixture(autouse=True)
def _no_memory_and_short_pauses(monkeypatch):
    Handler.asked.clear()
    monkeypatch.setattr(download, "PAUSES", (0.01, 0.01, 0.01))


@pytest.fixture
def dataset(monkeypatch, server):
    """Put a dataset "test" into the catalogue, served in the given ways."""

    def make(*ways, address=server, **details):
        details = {"sha256": SHA256, "size": SIZE} | details
        urls = tuple(f"{address}/{way}" for way in ways)
        file = RealFile("data.txt", urls, **details)
        entry = Dataset("Test data", "prices.csv", "", "http://page", real=(file,))
        monkeypatch.setitem(DATASETS, "test", entry)
        return file

    return make


def get(folder, **options):
    urls = DATASETS["test"].real[0].urls
    silent = any(url.endswith(("/silent", "/stalled")) for url in urls)
    options = {"timeout": 0.4 if silent else 10, "progress": False} | options
    return real_path("test", folder, **options)


def refusal(folder):
    """Return the sentence that the dataset "test" is refused with: never a long one."""
    with pytest.raises(DataError) as caught:
        get(folder)
    assert len(str(caught.value)) < 500
    return str(caught.value)


def leave_part(folder, content=CONTENT[:60_000], version=ETAG):
    """Leave what a killed download leaves."""
    (folder / "data.txt.part").write_bytes(content)
    (folder / ".data.txt.part.version").write_text(version)


def names(folder):
    """Names in a folder, without the locks, which stay."""
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(".lock"))


# --- what comes -------------------------------------------------------------------


def test_a_file_is_downloaded_once_and_then_found(dataset, tmp_path):
    dataset("good")
    path = get(tmp_path / "new" / "folder")
    assert path.read_bytes() == CONTENT
    assert get(path.parent) == path
    assert Handler.asked == [("good", None)]
    assert names(path.parent) == ["data.txt"]


@pytest.mark.parametrize(
    "way", ["redirect", "without_length", "strange_length", "packed", "breaks_often"]
)
def test_a_server_may_be_odd_if_the_file_is_whole(dataset, tmp_path, way):
    dataset(way)
    assert get(tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["data.txt"]


@pytest.mark.parametrize("first", ["404", "wrong", "page", "truncated", "silent"])
def test_mirrors_are_tried_in_turn(dataset, tmp_path, first):
    dataset(first, "good")
    assert get(tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["data.txt"]


@pytest.mark.parametrize(
    ("way", "reason", "requests"),
    [
        ("403", "it does not give the file to us (403)", 1),
        ("404", "the file is not there any more (404)", 1),
        ("418", "it answered (418)", 1),
        ("429", "it has too many requests; try again later (429)", 4),
        ("500", "it has an error of its own (500)", 4),
        ("busy_for_long", "it has too many requests; try again later (429)", 1),
        ("circle", "it redirects in circles", 31),
        ("page", "it gave a web page instead", 1),
        ("pointer", "it gave a Git LFS pointer instead", 1),
        ("wrong", "it gave a truncated or another file", 1),
        ("empty", "it gave a truncated or another file", 1),
        ("without_length_cut", "it gave a truncated or another file", 1),
        ("truncated", "the connection broke off", 4),
        ("closed", "it closed the connection", 4),
        ("silent", "it did not answer in time", 1),
        ("stalled", "the transfer stalled", 4),
        ("no_http", "its answer is not HTTP", 1),
    ],
)
def test_a_failed_download_says_why_and_what_to_do(
    dataset, tmp_path, way, reason, requests
):
    dataset(way)
    message = refusal(tmp_path)
    assert "data.txt cannot be downloaded (127.0.0.1:" in message
    assert f": {reason})" in message
    for help_ in (f"/{way} and put it into {tmp_path}", "COURSE_DATA", "quick"):
        assert help_ in message
    assert len(Handler.asked) == requests


@pytest.mark.parametrize("way", ["page", "pointer", "without_length_cut"])
def test_a_file_without_a_hash_is_known_by_its_content(dataset, tmp_path, way):
    holds = (b"line 00000", b"line 04999")
    dataset(way, sha256=None, size=None, least=300, holds=holds)
    assert "cannot be downloaded" in refusal(tmp_path)
    assert names(tmp_path) == []


def test_an_untrusted_certificate_is_named(dataset, tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    key = tmp_path / "key.pem"
    command = "openssl req -x509 -nodes -newkey rsa:2048 -subj /CN=127.0.0.1 -days 2"
    command += f" -keyout {key} -out {key}.crt"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{key}.crt", key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        dataset("good", address=f"https://127.0.0.1:{serve(httpd)}")
        assert "its certificate is not trusted: a proxy?" in refusal(tmp_path)
        httpd.shutdown()


def test_a_server_without_encryption_is_named(dataset, tmp_path, server):
    dataset("good", address=server.replace("http:", "https:"))
    assert "no secure connection" in refusal(tmp_path)


def test_nobody_who_listens_is_named(dataset, tmp_path):
    # Port 1 of this machine: nothing listens there.
    dataset("good", address="http://127.0.0.1:1")
    assert "it refused the connection" in refusal(tmp_path)


def test_a_name_that_is_not_found_is_named(dataset, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    dataset("good", address="http://no-such-host.invalid")
    expected = "no-such-host.invalid: its name is not found: offline?"
    assert expected in refusal(tmp_path)


def test_a_missing_network_is_named(dataset, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", fails)
    dataset("good")
    assert "there is no network to it" in refusal(tmp_path)


@pytest.mark.parametrize("way", ["busy_once", "busy_until_a_date"])
def test_a_busy_server_is_asked_again_when_it_says(dataset, tmp_path, way, monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    dataset(way)
    assert get(tmp_path).read_bytes() == CONTENT
    assert len(Handler.asked) == 2
    assert slept == [pytest.approx(3, abs=1.5)]


# --- a download that broke off ------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "starts"),
    [
        ("good", [60_000]),
        ("busy_once", [60_000] * 2),
        ("breaks_often", [60_000, 76_384, 92_768]),
    ],
    ids=["at once", "when a busy server is ready", "in pieces"],
)
def test_a_part_is_continued(dataset, tmp_path, way, starts):
    dataset(way)
    leave_part(tmp_path)
    assert get(tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [(way, f"bytes={start}-") for start in starts]
    assert names(tmp_path) == ["data.txt"]


def test_a_part_is_continued_by_its_date_too(dataset, tmp_path):
    dataset("by_date")
    leave_part(tmp_path, version="Sat, 01 Jan 2022 00:00:00 GMT")
    assert get(tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [("by_date", "bytes=60000-")]


@pytest.mark.parametrize(
    ("way", "version", "ranges"),
    [
        ("good", "", [None]),
        ("good", '"older"', ["bytes=60000-"]),
        ("no_ranges", ETAG, ["bytes=60000-"]),
        ("overlooks_if_range", ETAG, ["bytes=60000-", None]),
        ("another_range", ETAG, ["bytes=60000-", None]),
        ("no_such_range", ETAG, ["bytes=60000-", None]),
    ],
    ids=[
        "unknown version",
        "changed since",
        "no ranges",
        "overlooks If-Range",
        "another range",
        "416",
    ],
)
def test_a_part_that_cannot_be_continued_begins_anew(
    dataset, tmp_path, way, version, ranges
):
    dataset(way)
    leave_part(tmp_path, b"x" * 60_000, version)
    assert get(tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in Handler.asked] == ranges
    assert names(tmp_path) == ["data.txt"]


def test_a_part_that_was_whole_is_not_fetched_again(dataset, tmp_path):
    dataset("no_such_range")
    leave_part(tmp_path, CONTENT)
    assert get(tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [("no_such_range", f"bytes={SIZE}-")]


def test_a_part_with_a_wrong_hash_is_deleted(dataset, tmp_path):
    dataset("good")
    leave_part(tmp_path, b"x" * 60_000)
    assert "it gave a truncated or another file" in refusal(tmp_path)
    assert names(tmp_path) == []
    assert get(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("way", ["page", "404", "500", "silent", "closed"])
def test_a_failure_leaves_the_part_as_it_was(dataset, tmp_path, way):
    dataset(way)
    leave_part(tmp_path)
    refusal(tmp_path)
    assert (tmp_path / "data.txt.part").read_bytes() == CONTENT[:60_000]
    dataset("good")
    get(tmp_path)
    assert Handler.asked[-1] == ("good", "bytes=60000-")


def test_packed_bytes_are_not_continued(dataset, tmp_path, monkeypatch):
    dataset("packed", sha256="of another file")
    version = []
    original = download._append

    def spy(part, *rest):
        version.append(download.version_file(part).read_text())
        return original(part, *rest)

    monkeypatch.setattr(download, "_append", spy)
    refusal(tmp_path)
    assert version == [""]


def test_pieces_of_an_earlier_course_are_deleted(dataset, tmp_path):
    dataset("good")
    for name in (".data.txt.a1_b2c3d", ".data.txt.keep", ".other.txt.a1_b2c3d"):
        (tmp_path / name).write_text("a piece")
    get(tmp_path)
    assert names(tmp_path) == [".data.txt.keep", ".other.txt.a1_b2c3d", "data.txt"]


CHILD = """
import sys, types
from pathlib import Path

course_utils = types.ModuleType("course_utils")  # without matplotlib: quick to start
course_utils.__path__ = [sys.argv[3]]
sys.modules["course_utils"] = course_utils
from course_utils.datasets import catalogue, fetch

file = catalogue.RealFile("data.txt", (sys.argv[1],), size=int(sys.argv[4]))
catalogue.DATASETS["test"] = catalogue.Dataset("T", "", "", real=(file,))
print(fetch.real_path("test", Path(sys.argv[2]), progress=False))
"""


def fetch_in_another_process(url, folder):
    package = str(fetch.ROOT / "course_utils")
    command = [sys.executable, "-c", CHILD, url, str(folder), package, str(SIZE)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_ask_at_once_make_one_download(server, tmp_path):
    running = [fetch_in_another_process(f"{server}/patient", tmp_path) for _ in "1234"]
    answers = {process.communicate(timeout=60)[0].strip() for process in running}
    assert answers == {str(tmp_path / "data.txt")}
    assert Handler.asked == [("patient", None)]


def test_after_a_kill_only_the_rest_is_fetched(dataset, tmp_path):
    url = dataset("slow").urls[0]
    part = tmp_path / "data.txt.part"
    with fetch_in_another_process(url, tmp_path) as process:
        deadline = time.monotonic() + 60
        while not part.exists() or part.stat().st_size < SIZE // 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
    there = part.stat().st_size
    assert SIZE // 3 <= there < SIZE
    assert get(tmp_path).read_bytes() == CONTENT
    assert Handler.asked == [("slow", None), ("slow", f"bytes={there}-")]
    assert names(tmp_path) == ["data.txt"]


def test_an_interrupted_download_is_continued_too(dataset, tmp_path, monkeypatch):
    class Impatient:
        def __init__(self, **_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, _):
            raise KeyboardInterrupt

    dataset("good")
    with monkeypatch.context() as patch:
        patch.setattr(download, "tqdm", Impatient)
        with pytest.raises(KeyboardInterrupt):
            get(tmp_path)
    assert get(tmp_path).read_bytes() == CONTENT
    assert Handler.asked[-1] == ("good", f"bytes={download.CHUNK}-")


def test_progress_is_one_line_that_leaves_no_trace(dataset, tmp_path, capsys):
    dataset("slow")
    get(tmp_path, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "\n" not in err
    shown = [line.strip() for line in err.split("\r")]
    pattern = r"data\.txt: [1-9]\d\.\dkB of 110kB, 00:0\d left"
    assert any(re.fullmatch(pattern, line) for line in shown)
    assert shown[-1] == shown[-2] == ""  # blanks over the line, and back to its start


# --- the folder ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONTENT[:-1], "has 109,999 bytes instead of 110,000: it is truncated"),
        (CONTENT[::-1], "does not have the expected sha256 hash"),
        (b"", "is empty"),
        (b"<html>log in", "is a web page, which came in place of the file"),
    ],
    ids=["truncated", "another", "empty", "web page"],
)
def test_a_damaged_file_is_refused_and_kept(dataset, tmp_path, content, message):
    dataset("good")
    (tmp_path / "data.txt").write_bytes(content)
    assert message in refusal(tmp_path)
    assert (tmp_path / "data.txt").read_bytes() == content
    assert Handler.asked == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"What is done out of love\n", "has 25 bytes, fewer than 570,000"),
        (b"Supposing that Truth is a woman" * 20_000, "lacks what the file begins or"),
    ],
    ids=["short", "cut"],
)
def test_a_text_of_many_editions_is_known_by_its_ends(tmp_path, content, message):
    file = DATASETS["philosophy"].real[0]
    path = tmp_path / file.name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        verify(path, file)
    path.write_bytes(
        content.ljust(570_000) + b"SUPPOSING that truth is "
        b"\r\nthe indications of sinfulness.\r\n"
    )
    verify(path, file)


def test_a_folder_in_place_of_the_file_is_named(dataset, tmp_path):
    dataset("good")
    (tmp_path / "data.txt").mkdir()
    assert "data.txt is a folder; a file was expected" in refusal(tmp_path)


def test_a_link_that_leads_nowhere_is_not_replaced(dataset, tmp_path):
    dataset("good")
    link(tmp_path / "data.txt", "not_mounted/data.txt")
    assert "data.txt is a link to not_mounted/data.txt, which is" in refusal(tmp_path)
    assert (tmp_path / "data.txt").is_symlink()


def link(path, target):
    try:
        path.symlink_to(target)
    except OSError:
        pytest.skip("needs the right to make links")


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_folder_that_is_none_is_named(dataset, tmp_path, kind):
    dataset("good")
    folder = tmp_path / "real"
    folder.write_text("x") if kind == "file" else link(folder, "not_mounted")
    assert f"{folder} is not a folder, or a link to one" in refusal(folder)


def test_a_folder_that_cannot_be_made_is_named(dataset, tmp_path):
    dataset("good")
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "folder"
    assert f"data.txt cannot be saved in {folder} (" in refusal(folder)


@contextlib.contextmanager
def another_user():
    """Be another user than the one who owns the folders; else skip the test."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs the right to become another user")
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared():
    """Give a folder that every user can reach: not so pytest's own."""
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        folder = Path(top, "shared")
        folder.mkdir()
        yield folder


def test_a_read_only_folder_serves_what_it_has_and_refuses_more(dataset, shared):
    dataset("good")
    with another_user():
        expected = f"cannot be saved in {shared} (Permission denied: .data.txt.lock)"
        assert expected in refusal(shared)
    get(shared)
    with another_user():
        assert get(shared) == shared / "data.txt"


def test_a_file_that_cannot_be_read_is_named(dataset, shared):
    dataset("good")
    get(shared).chmod(0o600)
    with another_user():
        expected = "data.txt cannot be read (Permission denied: data.txt)"
        assert expected in refusal(shared)


def test_a_lock_and_a_part_of_another_user_are_taken_over(dataset, shared):
    dataset("404")
    shared.chmod(0o777)
    refusal(shared)  # leaves the lock
    leave_part(shared)
    dataset("good")
    with another_user():
        assert get(shared).read_bytes() == CONTENT
    assert names(shared) == ["data.txt"]


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("good", "(it needs 0.1 MB, 0.1 MB are free)"),
        ("without_length", "(No space left on device)"),
    ],
)
def test_a_full_disk_is_named_and_left_with_room(dataset, tmp_path, way, message):
    options = "-t tmpfs -o size=64k tmpfs"
    disk = tmp_path / "disk"
    disk.mkdir()
    with contextlib.suppress(OSError):
        subprocess.run(["mount", *options.split(), disk], capture_output=True)
    if not os.path.ismount(disk):
        pytest.skip("needs the right to mount")
    try:
        dataset(way)
        assert f"data.txt cannot be saved in {disk} {message}" in refusal(disk)
        assert names(disk) in ([], [".data.txt.part.version"])
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("way", ["404", "good", "damaged", "link", "by hand"])
def test_no_sentence_is_long(dataset, tmp_path, way):
    folder = tmp_path.joinpath(*["a_very_long_name_" * 12] * 6)
    address = "http://127.0.0.1:1/" + "a/" * 1_000
    dataset(*[way] * (way != "by hand") * 3, address=address)
    if way in ("damaged", "link"):
        folder.mkdir(parents=True)
        path = folder / "data.txt"
        path.write_text("x") if way == "damaged" else link(path, "y/" * 1_000 + "z")
    elif way == "good":
        folder.parent.mkdir(parents=True)
        folder.write_text("not a folder")
    message = refusal(folder)
    assert len(message) > 200
    assert "…" in message


def test_a_text_is_recognised_with_bom_and_crlf(tmp_path):
    file = RealFile("data.txt", sha256=SHA256, text=True)
    path = tmp_path / "data.txt"
    path.write_bytes(b"\xef\xbb\xbf" + CONTENT.replace(b"\n", b"\r\n"))
    verify(path, file)
    path.write_bytes(CONTENT + b"more\n")
    with pytest.raises(DataError, match="expected sha256 hash"):
        verify(path, file)


def test_a_file_without_an_address_is_asked_for_by_hand(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"full_format_recipes.json is not there"):
        real_path("recipes")


@pytest.mark.parametrize(
    ("named", "folder"),
    [
        ("some/folder", fetch.ROOT / "some" / "folder"),
        ("", fetch.ROOT / "data" / "real"),
        (None, fetch.ROOT / "data" / "real"),
        ("~", Path.home()),
        ("~/some data", Path.home() / "some data"),
    ],
    ids=["relative", "empty", "unset", "home", "in the home"],
)
def test_course_data_names_the_folder(monkeypatch, named, folder):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    if named is not None:
        monkeypatch.setenv("COURSE_DATA", named)
    assert fetch.data_folder() == folder


@pytest.mark.parametrize(
    "named",
    ["/data ", " /data", " ", '"/data"', "~nobody-here/x"],
    ids=["blank after", "blank before", "blank", "quotes", "no such user"],
)
def test_a_slip_in_course_data_is_named(monkeypatch, named):
    monkeypatch.setenv("COURSE_DATA", named)
    with pytest.raises(ValueError, match=r"COURSE_DATA must .*, got '") as caught:
        fetch.data_folder()
    assert repr(named) in str(caught.value)


# --- the catalogue ------------------------------------------------------------------


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


REAL = {file.name: (d, file) for d in DATASETS.values() for file in d.real}


@pytest.mark.parametrize("name", REAL)
def test_every_real_file_can_be_had_and_is_known_from_others(name):
    dataset, file = REAL[name]
    assert file.urls or dataset.page
    assert file.size or file.sha256 or (file.least > 1_000 and len(file.holds) == 2)
    assert file.sha256 is None or len(bytes.fromhex(file.sha256)) == 32


@pytest.mark.parametrize("name", REAL)
def test_a_small_file_with_the_name_of_a_real_one_is_refused(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"x")
    with pytest.raises(DataError, match="truncated"):
        verify(path, REAL[name][1])


def test_the_real_files_at_hand_are_accepted():
    files = [file for _, file in REAL.values() if (REAL_DATA / file.name).exists()]
    if not files:
        pytest.skip(f"no real data in {REAL_DATA}")
    for file in files:
        verify(REAL_DATA / file.name, file)
