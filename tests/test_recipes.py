"""The bundled recipes, and the reader that takes the real file too."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from collections import Counter

import pytest
from conftest import BUNDLED, load_generator
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets.files import TEXT_LIMIT, DataError
from course_utils.datasets.recipes import read_recipes

FILE = BUNDLED / "recipes.json.gz"
KEYS = {
    *("directions", "fat", "date", "categories", "calories", "desc", "protein"),
    *("rating", "title", "ingredients", "sodium"),
}
GOOD = {"title": "Soup ", "directions": ["Boil  water.", "Serve.\n"]}
RECORDS = [GOOD, {}, {"title": None, "directions": ["Stir."]}, {"title": "Tea"}]


@pytest.fixture(scope="module")
def records():
    return json.loads(gzip.decompress(FILE.read_bytes()))


@pytest.fixture(scope="module")
def texts():
    return read_recipes(FILE).texts


def followers(texts: list[str], prompt: str) -> Counter:
    """Count the words that come after a prompt at the start of the texts."""
    start = prompt.split()
    n = len(start)
    tokens = [re.findall(r"[^\W_]+|[^\w\s]|_", text.lower()) for text in texts]
    return Counter(words[n] for words in tokens if words[:n] == start)


def test_regenerating_gives_the_bundled_text():
    module = load_generator("recipes")
    assert gzip.decompress(module.build()) == gzip.decompress(FILE.read_bytes())


def test_file_is_small_and_has_the_keys_of_the_real_one(records):
    assert FILE.stat().st_size < 1_200_000
    assert {frozenset(record) for record in records} == {frozenset(KEYS), frozenset()}


def test_flaws_of_the_real_file_are_there(records):
    titles = [record["title"] for record in records if record]
    assert records.count({}) == 19
    assert titles.count(None) == 12
    directions = [record["directions"] for record in records if record]
    assert directions.count(None) == 12
    assert directions.count([]) == 4
    assert sum(title != title.strip() for title in titles if title) > 100
    assert len(records) - len({json.dumps(record) for record in records}) >= 30


def test_reader_counts_what_it_leaves_out(records):
    recipes = read_recipes(FILE)
    assert len(recipes.texts) >= 1600
    assert recipes.n_records == len(records)
    assert recipes.n_without_title == 19 + 12
    assert recipes.n_without_directions == 12 + 4
    assert len(recipes.texts) == len(records) - 31 - 16


def test_texts_are_clean_and_of_the_lectures_form(texts):
    for text in texts:
        assert re.fullmatch(r"Recipe for [^|]+ \| [A-Z(][^|]+[.)]", text)
        assert text == " ".join(text.split())
        assert not re.search(r"[\[\]{}<>]| [.,;]|\b(?<![/-])1 (minute|hour)s", text)


def test_words_are_varied_enough_for_a_model(texts):
    words = Counter(word for text in texts for word in re.findall(r"\w+", text.lower()))
    assert len(words) >= 700
    assert sum(count >= 5 for count in words.values()) >= 600
    assert len(set(texts)) >= 1600
    assert max(len(text.split()) for text in texts) <= 200


def test_the_lectures_prompts_go_on_as_they_should(texts):
    roast = followers(texts, "recipe for roast")
    assert {"turkey", "chicken", "beef", "pork", "leg"} <= set(roast)
    assert roast.most_common(1)[0][0] == "turkey"
    vegetables = followers(texts, "recipe for roasted vegetables |")
    assert vegetables.most_common(1)[0][0] == "preheat"
    assert followers(texts, "recipe for chocolate ice cream |").total() >= 15
    chop = followers(texts, "recipe for roasted vegetables | chop 1 /")
    assert set(chop) == {"2", "3", "4"}
    assert chop.most_common(1)[0][0] == "2"


def write(path, content: bytes):
    """Write the content in the format that the path's ending names."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("epirecipes/recipes.json", content)
            archive.writestr("__MACOSX/epirecipes/._recipes.json", "x")
            archive.writestr("readme.txt", "x")
    else:
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["r.json", "r.json.gz", "r.zip"])
def test_formats(tmp_path, name):
    path = write(tmp_path / name, json.dumps(RECORDS).encode())
    assert read_recipes(path) == (["Recipe for Soup | Boil water. Serve."], 4, 2, 1)


def test_bom_and_a_title_of_white_space(tmp_path):
    content = json.dumps([GOOD, {**GOOD, "title": " \n"}]).encode("utf-8-sig")
    assert read_recipes(write(tmp_path / "r.json", content))[1:] == (2, 1, 0)


def test_half_an_emoji_becomes_the_sign_for_what_cannot_be_read(tmp_path):
    content = (
        b'[{"title": "Pie \\ud83d", "directions": ["\\udd25 Hot \\ud83d\\udd25."]}]'
    )
    texts = read_recipes(write(tmp_path / "r.json", content)).texts
    assert texts == ["Recipe for Pie \ufffd | \ufffd Hot \U0001f525."]


def test_a_number_of_5000_digits_is_no_obstacle(tmp_path):
    content = json.dumps([GOOD]).replace("{", '{"fat": ' + "9" * 5000 + ", ")
    assert read_recipes(write(tmp_path / "r.json", content.encode())).n_records == 1


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "title": st.none() | st.text(),
                "directions": st.none() | st.lists(st.text()),
            },
        )
    )
)
def test_every_record_is_counted_once(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("recipes") / "r.json"
    path.write_text(json.dumps([*records, GOOD]), encoding="utf-8")
    recipes = read_recipes(path)
    left_out = recipes.n_without_title + recipes.n_without_directions
    assert recipes.n_records == len(records) + 1 == len(recipes.texts) + left_out


@pytest.mark.parametrize("name", ["r.json", "r.json.gz", "r.zip"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated_files(tmp_path, name, share):
    path = write(tmp_path / name, json.dumps(RECORDS * 50).encode())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match=r"cut off.*etch it again") as caught:
        read_recipes(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n", "holds no text"),
        (b"title,directions\nSoup,Boil.\n", "not complete JSON"),
        (b"[" * 100_000, "not complete JSON"),
        (b"[]", "holds an empty list"),
        (b'{"title": "Soup", "directions": []}', "holds an object"),
        (b'"Soup"', "holds a text"),
        (b"[1, 2]", "record 1 is a number"),
        (b'[{"title": 3, "directions": ["Boil."]}]', "record 1: title must be a text"),
        (b'[{"title": "Tea", "directions": 5}]', "directions a list of texts"),
        (b'[{"title": "Tea", "directions": "Boil."}]', "directions a list of texts"),
        (b'[{"title": "Tea", "directions": [1]}]', "directions a list of texts"),
        (b'[{"name": "Soup"}, {}]', "no recipe with title and directions among 2"),
        ('[{"title": "Суп"}]'.encode("cp1251"), "not encoded in utf-8"),
        (b"\x1f\x8b\x08broken", "damaged or cut off"),
        (b"PK\x03\x04broken", "damaged or cut off"),
        (b"<!DOCTYPE html><html>404</html>", "is a web page"),
        (gzip.compress(b"<!DOCTYPE html>", mtime=0), "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ],
    ids=[
        *("empty", "blank", "CSV", "brackets", "empty list", "dict", "str", "numbers"),
        *("title is a number", "directions are a number", "directions are a str"),
        *("step is a number", "other keys", "cp1251", "broken gzip", "broken zip"),
        *("web page", "packed web page", "pointer"),
    ],
)
def test_wrong_and_foreign_files(tmp_path, content, message):
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_recipes(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path):
    path = write(tmp_path / "r.json.gz", b" " * (TEXT_LIMIT + 1))
    assert path.stat().st_size < 200_000
    with pytest.raises(DataError, match="holds more than 100 MB"):
        read_recipes(path)


@pytest.mark.parametrize("names", [[], ["a.json", "b.json"]], ids=["none", "two"])
def test_zip_without_one_json_file(tmp_path, names):
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
        for name in names:
            archive.writestr(name, "[]")
    with pytest.raises(DataError, match=f"must hold one .json file, .* {len(names)} "):
        read_recipes(path)


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_recipes(tmp_path / "none.json")
