"""The glossary and the references: what they say of the lessons, and their form."""

import json
import re
from itertools import pairwise

import pytest
from conftest import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
TERM = re.compile(r"- \*\*(.+?)\*\* \(\[(\d\d)\]\(\.\./notebooks/(.+?)\)\): (.+\.)")
GLOSSARY = [
    TERM.fullmatch(line)
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("- ")
]
BIB = (ROOT / "docs" / "references.bib").read_text("utf-8")
ENTRIES = {
    key: dict(re.findall(r"^  (\w+) = \{(.+)\},$", body, re.MULTILINE))
    for key, body in re.findall(
        r"^@\w+\{(\w+),\n(.*?)^\}", BIB, re.MULTILINE | re.DOTALL
    )
}


def prose(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = ("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return plain(" ".join(texts))


def plain(text):
    return " ".join(re.sub("[*`_]", "", text).split()).lower()


def has(text, term):
    return re.search(rf"(?<!\w){re.escape(plain(term))}(s|es)?(?!\w)", text) is not None


def test_the_glossary_has_its_form_and_order():
    assert all(GLOSSARY)
    terms = [term[1].lower() for term in GLOSSARY]
    assert len(terms) >= 150
    assert all(one < other for one, other in pairwise(terms))
    assert all(len(term[4]) < 160 for term in GLOSSARY)


def test_each_term_comes_first_in_the_lesson_that_the_glossary_names():
    texts = {path.name: prose(path) for path in LESSONS}
    wrong = []
    for term in GLOSSARY:
        first = next((name for name, text in texts.items() if has(text, term[1])), None)
        if first != term[3] or term[3][:2] != term[2]:
            wrong.append(f"{term[1]}: {term[3]}, and first in {first}")
    assert wrong == []


@pytest.mark.parametrize("key", ENTRIES)
def test_a_reference_names_its_author_title_year_and_address(key):
    entry = ENTRIES[key]
    assert {"author", "title", "year", "note"} <= set(entry)
    assert re.fullmatch(r"1[89]\d\d|20[0-2]\d", entry["year"])
    patterns = {"doi": r"10\.\d{4,}/\S+", "eprint": r"\d{4}\.\d{5}|\d{4}\.\d{4}"}
    patterns["url"] = r"https://\S+"
    [kind] = set(entry) & set(patterns)
    assert re.fullmatch(patterns[kind], entry[kind])
    lessons = {path.name[:2] for path in LESSONS}
    assert set(re.findall(r"\b\d\d\b", entry["note"])) <= lessons


def test_the_page_lists_the_references_in_order_with_their_addresses():
    page = (ROOT / "docs" / "references.md").read_text("utf-8")
    assert BIB.count("\n@") == len(ENTRIES) >= 30
    assert re.findall(r'<a id="(\w+)">', page) == sorted(ENTRIES)
    before = {"doi": "https://doi.org/", "eprint": "https://arxiv.org/abs/", "url": ""}
    for entry in ENTRIES.values():
        [kind] = set(entry) & set(before)
        address = (before[kind] + entry[kind]).replace("(", "%28").replace(")", "%29")
        assert f"[{entry['title']}]({address})" in page


def test_author_and_year_in_a_lesson_have_a_reference():
    known = {
        (e["author"].split(",")[0].strip("{}").lower(), e["year"])
        for e in ENTRIES.values()
    }
    for path in LESSONS:
        named = re.findall(r"(\w+) (?:et al\.|and \w+), (\d{4})", prose(path))
        for name, year in named:
            assert (name.split()[-1], year) in known, f"{path.name}: {name}, {year}"
