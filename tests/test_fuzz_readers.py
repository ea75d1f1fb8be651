"""Whatever a file holds, a reader gives sound data or one clear sentence.

Each reader runs in a process of its own, so that the death of the process is a failure
too, under a limit of time and of memory. File ``n`` of a reader is always the same one:

    python tests/test_fuzz_readers.py 5000 --record counts.json   # many files
    python tests/test_fuzz_readers.py --repeat weather 1234       # one of them, again
"""

from __future__ import annotations

import argparse
import faulthandler
import gzip
import io
import itertools
import json
import os
import platform
import random
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_utils.datasets import files
from course_utils.datasets.files import DataError

try:
    import resource
except ImportError:  # Windows: without the limit of memory
    resource = None

BUNDLED = Path(__file__).resolve().parent.parent / "data" / "bundled"
READERS = ["glove", "phrases", "prices", "prose", "recipes", "reviews", "weather"]
FILES = 15  # of each reader in the test
SECONDS = 20  # a file; a busy machine takes its time
MEMORY = 10**9  # bytes, beside what the interpreter and its libraries take
MESSAGE = 500  # characters

Rng = random.Random


# --- valid files ------------------------------------------------------------------


def head(name: str, size: int) -> bytes:
    """Return whole lines from the start of a bundled file, about ``size`` bytes."""
    raw = (BUNDLED / name).read_bytes()
    if name.endswith(".gz"):
        raw = gzip.decompress(raw)
    return raw[: raw.index(b"\n", size) + 1]


def glove(rng: Rng) -> bytes:
    if rng.random() < 0.3:
        return head("vectors.50d.txt.gz", 20_000)
    rows = [f"{word} {rng.random():.4f} 1e-3 -{rng.randint(0, 9)}" for word in WORDS]
    return "\n".join([*rng.choice([[], [f"{len(WORDS)} 3"]]), *rows, ""]).encode()


def phrases(rng: Rng) -> bytes:
    if rng.random() < 0.3:
        return head("phrases.csv", 2_000)
    rows = [f"{rng.choice(WORDS)} {n},{n % 2},ru" for n in range(rng.randint(1, 30))]
    return "\n".join(["text,positive,language", *rows, ""]).encode()


def prices(rng: Rng) -> bytes:
    if rng.random() < 0.3:
        return head("prices.csv", 2_000)
    kind = rng.choice(["yahoo", "yfinance", "german", "nasdaq"])
    lines = {
        "yahoo": ["Date,Open,Close,Volume"],
        "yfinance": ["Price,Open,Close,Volume", "Ticker,X,X,X", "Date,,,"],
        "german": ["Datum;Eröffn.;Zuletzt;Vol."],
        "nasdaq": ["Date, Open, Close/Last, Volume"],
    }[kind]
    for n in range(rng.randint(1, 40)):
        month, day, price = n // 28 + 1, n % 28 + 1, 100 + rng.random() * 10
        if kind == "german":
            euros = f"{price:.2f}".replace(".", ",")
            lines.append(f"{day:02}.{month:02}.2024;{euros};{euros};1,5M")
        elif kind == "nasdaq":
            lines.append(f"{month:02}/{day:02}/2024, ${price:.2f}, ${price:.2f}, 1500")
        else:
            lines.append(f"2024-{month:02}-{day:02},{price:.2f},{price:.2f},1500")
    return "\n".join([*lines, ""]).encode()


def prose(rng: Rng) -> bytes:
    if rng.random() < 0.5:
        return head(rng.choice(["prose_en.txt", "prose_ru.txt"]), 5_000)
    lines = [" ".join(rng.choices(WORDS, k=9)) for _ in range(rng.randint(1, 50))]
    start = "*** START OF THE PROJECT GUTENBERG EBOOK X ***"
    return "\n".join(
        [start, "PREFACE.", *lines, start.replace("START", "END")]
    ).encode()


def recipes(rng: Rng) -> bytes:
    records = [
        {
            "title": rng.choice([None, "Soup", "Pie \ud83d\udd25", "Щи", " "]),
            "directions": rng.choice([None, [], ["Boil.", "Serve\n."], WORDS]),
            "fat": rng.choice([None, 3.0, 10**12]),
        }
        for _ in range(rng.randint(1, 20))
    ]
    records.append({"title": "Tea", "directions": ["Boil."]})
    return json.dumps(records, ensure_ascii=rng.random() < 0.7).encode(
        "utf-8", "surrogatepass"
    )


def weather(rng: Rng) -> bytes:
    with (
        zipfile.ZipFile(BUNDLED / "weather.csv.zip") as archive,
        archive.open("weather.csv") as lines,
    ):
        return b"".join(itertools.islice(lines, rng.randint(2, 60)))


def reviews(rng: Rng) -> bytes:
    """Return a tar archive, in which a member may be no plain file."""
    packed = io.BytesIO()
    with tarfile.open(
        fileobj=packed,
        mode="w",
        format=rng.choice([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    ) as archive:
        for n in range(rng.randint(2, 12)):
            folder = ("train", "test")[n % 4 // 2] + "/" + ("neg", "pos")[n % 2]
            member = tarfile.TarInfo(f"aclImdb/{folder}/{n}_{n % 10}.txt")
            raw = " ".join(rng.choices(WORDS, k=20)).encode()
            raw = mutated(rng, raw, TEXT_CHANGES) if rng.random() < 0.1 else raw
            if rng.random() < 0.05:
                member.name = f"aclImdb/{'long' * 50}/{rng.choice(WORDS)}.txt"
            if rng.random() < 0.05:
                member.type = rng.choice([b"1", b"2", b"3", b"4", b"5", b"6", b"S"])
                member.linkname, raw = "aclImdb/train/neg/0_0.txt", b""
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return packed.getvalue()


WORDS = ["the", "не", "café", "good", "плохо", "nan", "1", "щастлив", "a’b", "😀", "x"]
VALID: dict[str, Callable[[Rng], bytes]] = {name: globals()[name] for name in READERS}


# --- what can happen to a file ----------------------------------------------------


def place(rng: Rng, raw: bytes) -> int:
    return rng.randint(0, len(raw))


def cut(rng: Rng, raw: bytes) -> bytes:
    return raw[: place(rng, raw)]


def lose_a_part(rng: Rng, raw: bytes) -> bytes:
    first = place(rng, raw)
    return raw[:first] + raw[first + rng.randint(1, 200) :]


def flip(rng: Rng, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.choice([1, 1, 3, 30])):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


PIECES = [
    *(b"\0", b"\0" * 100, b"\xff", b"\xed\xa0\xbd", b"\\ud83d", b"\xef\xbb\xbf"),
    *(b'"', b'""', b",", b";", b"\t", b"\r", b"\n\n", b" " * 1000, b"[", b"[" * 5000),
    *(b"{", b"]", b"\\", b"null", b"\x1a", b"\x85", b"\xe2\x80\xa8", b"<html>"),
]


def insert(rng: Rng, raw: bytes) -> bytes:
    at = place(rng, raw)
    return raw[:at] + rng.choice(PIECES) + raw[at:]


def insert_noise(rng: Rng, raw: bytes) -> bytes:
    at = place(rng, raw)
    return raw[:at] + rng.randbytes(rng.choice([1, 10, 1000])) + raw[at:]


def insert_much(rng: Rng, raw: bytes) -> bytes:
    at = place(rng, raw)
    piece = rng.choice([b"x", b"9", b" ", b"9 ", b"x,", b"\n", b"[", b'"', b"\xd1\x8f"])
    return raw[:at] + piece * rng.choice([10_000, 200_000, 2_000_000]) + raw[at:]


def change_lines(rng: Rng, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    change = rng.choice(["twice", "lose", "swap", "join", "repeat", "shuffle"])
    if change == "twice":
        lines.insert(second, lines[first])
    elif change == "lose":
        del lines[first]
    elif change == "swap":
        lines[first], lines[second] = lines[second], lines[first]
    elif change == "join":
        lines[first : first + 2] = [b"".join(lines[first : first + 2])]
    elif change == "repeat":
        lines *= 3
    else:
        rng.shuffle(lines)
    return rng.choice([b"\n", b"\n", b"\r\n", b"\r"]).join(lines)


CELLS = [
    *("1e39", "-1e39", "1e400", "nan", "inf", "-9999", "-999", "1e30", "", " ", "-"),
    *("9" * 5000, "1_0", "١٢", "−5", "0x10", "1,234.5", "1.234,5", "true", "null"),
    *("2024-02-30", "31.12.9999 23:50:00", "0001-01-01", "01/02/2024", "03.04.24"),
    *("0.25 Dividend", "«»", "\u2028", "\x1c", "<CLOSE>", "Date", "text", "\ufeff"),
]


def change_cell(rng: Rng, raw: bytes) -> bytes:
    separator = rng.choice([b",", b";", b" ", b"\n", b'"'])
    cells = raw.split(separator)
    cells[rng.randrange(len(cells))] = rng.choice(CELLS).encode()
    return separator.join(cells)


def change_separator(rng: Rng, raw: bytes) -> bytes:
    return raw.replace(*rng.sample([b",", b";", b"\t", b" ", b'"', b"."], 2))


def change_encoding(rng: Rng, raw: bytes) -> bytes:
    text = raw.decode("utf-8", "replace")
    names = ["cp1251", "koi8-r", "cp866", "latin-1", "utf-16", "utf-16-le", "utf-16-be"]
    return text.encode(rng.choice([*names, "utf-32", "utf-7", "utf-8-sig"]), "replace")


def put_before(rng: Rng, raw: bytes) -> bytes:
    starts = [b"<!DOCTYPE html><p>", b"<!--x--> <html>", b"%PDF-1.7\n", b"PK\3\4"]
    starts += [b"\xef\xbb\xbf", b"version https://git-lfs.github.com/spec/v1\n"]
    return rng.choice([*starts, b"\x1f\x8b\x08\0", b"\xff\xfe", b"\n \n"]) + raw


def take_another(rng: Rng, raw: bytes) -> bytes:
    other = VALID[rng.choice(READERS)](rng)
    at = rng.choice([0, place(rng, raw), len(raw)])
    return rng.choice([other, raw[:at] + other])


def take_nothing(rng: Rng, raw: bytes) -> bytes:
    return rng.choice([b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"[]", b"\0", b"x"])


Change = Callable[[Rng, bytes], bytes]
BYTE_CHANGES: list[Change] = [cut, lose_a_part, flip, flip, insert_noise]
TEXT_CHANGES: list[Change] = [
    *(cut, lose_a_part, flip, insert, insert, insert_noise, insert_much, change_lines),
    *(change_lines, change_cell, change_cell, change_separator, change_encoding),
    *(put_before, take_another, take_nothing),
]


def mutated(rng: Rng, raw: bytes, changes: list[Change]) -> bytes:
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        raw = rng.choice(changes)(rng, raw)
    return raw


# --- packing ----------------------------------------------------------------------


def zipped(rng: Rng, raw: bytes, name: str) -> bytes:
    ending = {"recipes": "json", "weather": "csv"}.get(name, "txt")
    members = [f"a.{ending}"]
    if rng.random() < 0.2:
        members += rng.choice(
            [[f"b.{ending}"], ["readme.md"], ["__MACOSX/._a"], ["d/"]]
        )
    if rng.random() < 0.1:
        members[0] = rng.choice(["other", "../" * 50 + "a.json", "щ" * 200, "a.CSV"])
    methods = [zipfile.ZIP_DEFLATED] * 5 + [zipfile.ZIP_STORED, zipfile.ZIP_LZMA]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", rng.choice(methods)) as archive:
        for member in members:
            archive.writestr(zipfile.ZipInfo(member), raw, archive.compression)
    return packed.getvalue()


def bomb(rng: Rng, raw: bytes, name: str) -> bytes:
    """Return half a megabyte that unpacks to 400 MB of one character."""
    piece = gzip.compress(rng.choice([b" ", b"\n", b"x", b"[", b"\0"]) * 10**7, mtime=0)
    if name == "reviews":
        member = tarfile.TarInfo(rng.choice(["a", "aclImdb/train/pos/0_9.txt"]))
        member.size = 400_000_000
        member.type = rng.choice([b"0", b"L", b"x", b"g"])
        raw = member.tobuf(tarfile.GNU_FORMAT)
    return gzip.compress(raw, mtime=0) + piece * 40


def make(name: str, number: int) -> bytes:
    """Return file ``number`` of a reader; one in 20 is as it should be."""
    rng = Rng(f"{name} {number}")
    raw = VALID[name](rng)
    fate = rng.random()
    if fate < 0.02:
        return bomb(rng, raw, name)
    if fate > 0.07:
        raw = mutated(rng, raw, BYTE_CHANGES if name == "reviews" else TEXT_CHANGES)
    packing = rng.choice(["gzip", "zip", "none", "none", "none"])
    if name == "reviews":
        packing = rng.choice(["gzip", "gzip", "gzip", "none", "zip"])
    if packing == "gzip":
        raw = gzip.compress(raw, mtime=0)
    elif packing == "zip":
        raw = zipped(rng, raw, name)
    if packing != "none" and rng.random() < 0.4:
        raw = mutated(rng, raw, BYTE_CHANGES)
    return raw


# --- reading ----------------------------------------------------------------------


def sound_text(*texts: str) -> None:
    for text in texts:
        text.encode()  # no half characters


def read(name: str, path: Path, rng: Rng) -> None:
    """Read a file and raise AssertionError if the result makes no sense."""
    if name == "glove":
        from course_utils.datasets.glove import read_glove

        words, matrix, _ = read_glove(path, rng.choice([None, WORDS]))
        sound_text(*words)
        assert matrix.dtype == np.float32
        assert np.isfinite(matrix).all()
        assert len(set(words)) == len(words) == len(matrix)
    elif name == "phrases":
        from course_utils.datasets.phrases import read_phrases

        texts, labels = read_phrases(path)
        sound_text(*texts)
        assert len(texts) == len(labels) > 0
        assert set(labels) <= {0, 1}
    elif name == "prices":
        from course_utils.datasets.prices import read_prices

        frame = read_prices(path, rng.choice(["utf-8"] * 8 + ["cp1251", "utf-16"]))
        assert len(frame) > 0
        assert np.isfinite(frame["Close"]).all()
        assert not np.isinf(frame).any(axis=None)
        assert frame.index.is_monotonic_increasing
        assert frame.index.is_unique
    elif name == "prose":
        from course_utils.datasets.prose import clean_novel, read_prose

        text = read_prose(path, rng.choice(["utf-8", "utf-8", "cp1251", "utf-16"]))
        sound_text(text, clean_novel(text))
        assert text.strip()
    elif name == "recipes":
        from course_utils.datasets.recipes import read_recipes

        texts, records, no_title, no_directions = read_recipes(path)
        sound_text(*texts)
        assert 0 < len(texts) == records - no_title - no_directions
    elif name == "reviews":
        from course_utils.datasets.reviews import read_reviews

        texts, labels = read_reviews(path, rng.choice(["train", "test"]))
        sound_text(*texts)
        assert len(texts) == len(labels)
        assert set(labels) == {0, 1}
    else:
        from course_utils.datasets.weather import read_weather

        frame, report = read_weather(path)
        assert frame.shape[1] == 14
        assert len(frame) > 0
        assert (frame.dtypes == np.float32).all()
        assert np.isfinite(frame.to_numpy()).all()
        assert frame.index.is_monotonic_increasing
        assert all(0 < count < len(frame) for count in report.faults.values())


def outcome(name: str, number: int, path: Path) -> dict[str, Any]:
    """Read file ``number`` of a reader, and say what came of it."""
    path.write_bytes(make(name, number))
    start = time.perf_counter()
    result: dict[str, Any] = {"number": number, "kind": "result"}
    try:
        read(name, path, Rng(f"options {name} {number}"))
    except DataError as error:
        text = str(error)
        result |= {"kind": "DataError", "message": len(text)}
        text.encode()
        if len(text) >= MESSAGE or "\n" in text or error.__cause__:
            result |= {"kind": "failure", "why": f"a message like {text[:600]!r}"}
    except BaseException as error:
        result |= {"kind": "failure", "why": f"{type(error).__name__}: {error}"[:600]}
    return result | {"seconds": time.perf_counter() - start}


def limit_memory() -> None:
    """Allow this process ``MEMORY`` more than it has now, where the system can."""
    if resource and Path("/proc/self/statm").exists():
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def child(name: str, first: int, last: int, folder: Path) -> None:
    """Read files ``first`` to ``last``; write one line of JSON for each, at once."""
    import pandas  # noqa: F401  # before the limit

    read_one = folder / "file"
    outcome(name, 0, read_one)  # imports the reader
    limit_memory()
    faulthandler.enable()
    for number in range(first, last):
        (folder / "current").write_text(str(number))
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        print(json.dumps(outcome(name, number, read_one)), flush=True)
    faulthandler.cancel_dump_traceback_later()
    if resource:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(
            json.dumps(
                {"peak_mb": peak // (1024 if sys.platform == "linux" else 2**20)}
            )
        )


def run(name: str, first: int, last: int) -> list[dict[str, Any]]:
    """Read files in a process, and go on in another where one has died."""
    outcomes: list[dict[str, Any]] = []
    root = Path(files.__file__).resolve().parents[2]
    while first < last:
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--child", name, str(first), str(last), folder]
            done = subprocess.run(
                [sys.executable, __file__, *arguments],
                capture_output=True,
                text=True,
                env={**os.environ, "PYTHONPATH": str(root)},
            )
            outcomes += [json.loads(line) for line in done.stdout.splitlines()]
            if done.returncode == 0:
                break
            current = Path(folder) / "current"
            assert current.exists(), done.stderr
            number = int(current.read_text())
            why = f"the process died ({done.returncode}): {done.stderr[-1500:]}"
            outcomes.append({"number": number, "kind": "death", "why": why})
            first = number + 1
    return outcomes


@pytest.mark.parametrize("name", READERS)
def test_every_file_gives_sound_data_or_one_clear_sentence(name):
    outcomes = run(name, 0, FILES)
    failures = [o for o in outcomes if o.get("kind") in ("failure", "death")]
    assert not failures, f"python {__file__} --repeat {name} {failures[0]['number']}"
    assert sum("kind" in outcome for outcome in outcomes) == FILES


def test_a_death_is_laid_to_its_file(monkeypatch, tmp_path):
    """The process is made to die at file 2; the others are read all the same."""
    script = Path(__file__).read_text("utf-8")
    deadly = script.replace(
        "    path.write_bytes(make(name, number))",
        "    if number == 2:\n        os._exit(9)\n    path.write_bytes(b'x')",
        1,  # and not in this test
    )
    copy = tmp_path / "tests" / "deadly.py"
    copy.parent.mkdir()
    copy.write_text(deadly, "utf-8")
    monkeypatch.setitem(run.__globals__, "__file__", str(copy))
    outcomes = [o for o in run("prose", 0, 5) if "kind" in o]
    assert [outcome["number"] for outcome in outcomes] == [0, 1, 2, 3, 4]
    assert [o["number"] for o in outcomes if o["kind"] == "death"] == [2]


# --- many files -------------------------------------------------------------------


def counted(outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the counts of one reader."""
    read_files = [o for o in outcomes if "kind" in o]
    kinds = [o["kind"] for o in read_files]
    slowest = max(read_files, key=lambda o: o.get("seconds", 0))
    return {
        "files": len(kinds),
        "results": kinds.count("result"),
        "data_errors": kinds.count("DataError"),
        "failures": kinds.count("failure"),
        "deaths": kinds.count("death"),
        "longest_message": max(o.get("message", 0) for o in read_files),
        "slowest_file": {
            "number": slowest["number"],
            "seconds": round(slowest["seconds"], 2),
        },
        "peak_mb": max(
            (o["peak_mb"] for o in outcomes if "peak_mb" in o), default=None
        ),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="?", type=int, help="how many, of all readers")
    parser.add_argument("--record", type=Path, help="write the counts to this file")
    parser.add_argument(
        "--mended", action="append", default=[], help="a fault found and mended: noted"
    )
    parser.add_argument("--repeat", nargs=2, metavar=("READER", "NUMBER"))
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, first, last, folder = options.child
        child(name, int(first), int(last), Path(folder))
        return 0
    if options.repeat:
        name, number = options.repeat[0], int(options.repeat[1])
        path = Path(tempfile.mkdtemp()) / "file"
        path.write_bytes(make(name, number))
        print(path)
        read(name, path, Rng(f"options {name} {number}"))
        return 0
    if not options.files:
        parser.error("say how many files")
    each = -(-options.files // len(READERS))
    record: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.system(),
        "limits": {"seconds": SECONDS, "bytes": MEMORY, "message": MESSAGE},
        "readers": {},
    }
    failed = False
    for name in READERS:
        start = time.perf_counter()
        outcomes = run(name, 0, each)
        counts = counted(outcomes)
        counts["seconds"] = round(time.perf_counter() - start, 1)
        record["readers"][name] = counts
        print(name, json.dumps(counts), flush=True)
        for bad in (o for o in outcomes if o.get("kind") in ("failure", "death")):
            failed = True
            print(f"  --repeat {name} {bad['number']}: {bad['why']}", flush=True)
    record["files"] = sum(counts["files"] for counts in record["readers"].values())
    record["found_and_mended"] = options.mended
    if options.record:
        text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
        options.record.write_text(text, encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
