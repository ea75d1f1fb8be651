"""The bundled recipes, and the reader that takes the real file too."""

from __future__ import annotations

import gzip
import json
import random
import re
import zipfile
from collections import Counter

import numpy as np
import pytest
from conftest import BUNDLED, load_generator
from hypothesis import given
from hypothesis import strategies as st

from course_utils.datasets.files import TEXT_LIMIT, DataError
from course_utils.datasets.recipes import read_recipes
from course_utils.kneser_ney import KneserNey

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


def test_regenerating_gives_the_bundled_text():
    module = load_generator("recipes")
    assert gzip.decompress(module.build()) == gzip.decompress(FILE.read_bytes())


def test_file_is_small_and_has_the_keys_of_the_real_one(records):
    assert FILE.stat().st_size < 600_000
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


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|[^\w\s]|_", text.lower())


def held_out(texts: list[str]) -> tuple[list[str], list[str]]:
    """Return nine tenths to train on, and a tenth: of each seed, as in lesson 11."""
    texts = list(dict.fromkeys(texts))
    order = np.random.default_rng(0).permutation(len(texts))
    return [texts[i] for i in np.delete(order, np.s_[::10])], [
        texts[i] for i in order[::10]
    ]


def test_a_vocabulary_has_a_long_tail_of_rare_words(texts):
    counts = Counter(word for text in texts for word in words(text))
    assert len(counts) >= 3_000
    assert sum(count <= 3 for count in counts.values()) >= len(counts) / 3
    train, rest = held_out(texts)
    known = {word for text in train for word in words(text)}
    new = [word not in known for text in rest for word in words(text)]
    assert 0.003 < np.mean(new) < 0.03


def share_of_distinct(texts: list[str], n: int) -> float:
    tokens = [words(text) for text in texts]
    grams = [tuple(t[i : i + n]) for t in tokens for i in range(len(t) - n + 1)]
    return len(set(grams)) / len(grams)


def test_few_runs_of_five_words_come_again(texts):
    distinct = list(dict.fromkeys(texts))
    assert share_of_distinct(distinct, 5) >= 0.45
    assert share_of_distinct(distinct + distinct, 5) < 0.45  # so the measure can fail


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.) ", text.partition(" | ")[2])


def share_known(train: list[str], rest: list[str]) -> float:
    known = {sentence for text in train for sentence in sentences(text)}
    return float(np.mean([s in known for text in rest for s in sentences(text)]))


def test_few_sentences_of_held_out_recipes_stand_in_the_others(texts):
    train, rest = held_out(texts)
    assert share_known(train, rest) <= 0.25
    assert share_known(train + rest, rest) == 1


def test_recipes_fit_what_a_model_reads(texts):
    assert len(set(texts)) >= 1_900
    assert max(len(words(text)) for text in texts) <= 200


def written(records: list[dict]) -> list[dict]:
    return [r for r in records if r and r["title"] and r["directions"]]


def shown(recipe: dict) -> str:
    return " ".join(recipe["directions"]).lower()


def test_a_risotto_has_rice(records):
    risottos = [r for r in written(records) if "Risotto" in r["title"]]
    assert len(risottos) >= 30
    assert all("rice" in shown(recipe) for recipe in risottos)


FLESH = r"\b(chicken|beef|pork|lamb|turkey|bacon|ham|veal|duck|shrimp|salmon|anchovy)\b"
ANIMAL = r"\b(butter|cream|honey|eggs?|yogurt|cheddar|parmesan)\b"


def test_no_meat_is_called_vegetarian_and_no_butter_vegan(records):
    for recipe in written(records):
        everything = shown(recipe) + " ".join(recipe["ingredients"]).lower()
        if "Vegetarian" in recipe["categories"]:
            assert not re.search(FLESH, everything), recipe["title"]
        if "Vegan" in recipe["categories"]:
            assert not re.search(FLESH, everything), recipe["title"]
            without = re.sub(r"coconut cream|cream of tartar", "", everything)
            assert not re.search(ANIMAL, without), recipe["title"]
    listed = Counter(c for r in written(records) for c in r["categories"])
    assert listed["Vegetarian"] > 100
    assert listed["Vegan"] > 50


def things_of(module, line: str) -> list:
    """Return the foods that a line of the ingredients may be about."""
    foods = [f for kind in module.THINGS.values() for f in kind if "tool" not in f.tags]
    return [food for food in foods if re.search(rf"\b{re.escape(food.name)}", line)]


def test_every_ingredient_is_used(records):
    module = load_generator("recipes")
    module.SLIPS = 0  # a slip of the pen can be in the name of a food
    rng = random.Random(0)
    for dish in module.DISHES * 5:
        recipe = module.write_recipe(rng, dish)
        text = " ".join(recipe["directions"]).lower()
        for line in recipe["ingredients"]:
            foods = things_of(module, line)
            names = {name.lower() for food in foods for name in (food.name, food.short)}
            assert any(name in text for name in names), (recipe["title"], line)


def test_titles_are_whole_and_name_nothing_twice(records):
    for recipe in written(records):
        title = recipe["title"].strip()
        assert re.fullmatch(r"[A-Z].*[\w)]", title), title
        assert not re.search(r"\b(\w+) and \1\b", title)
        assert not re.search(r"\b(\w+) and \1\b(?! \w)", shown(recipe)), title


def test_the_foods_of_a_title_come_back_in_the_directions(records):
    module = load_generator("recipes")
    module.SLIPS = 0
    rng = random.Random(0)
    for dish in module.DISHES * 5:
        cook = module.Cook(rng, dish)
        needed = cook.title()[1]
        text = " ".join(cook.directions(needed))
        if cook.is_sound(needed):
            foods = [cook.picked[slot] for slot in needed]
            text = text.lower()
            assert all(f.name.lower() in text or f.short.lower() in text for f in foods)


def test_temperatures_and_times_make_sense(texts):
    for text in texts:
        for degrees in re.findall(r"oven to (\d+)°F", text):
            assert 300 <= int(degrees) <= 500
        for degrees in re.findall(r"registers (\d+)°F", text):
            assert 125 <= int(degrees) <= 180
        for low, high in re.findall(r"(\d+) to (\d+) minutes", text):
            assert int(low) < int(high) <= 75
        for minutes in re.findall(r"(\d+) minutes", text):
            assert 1 < int(minutes) <= 75


def test_poultry_is_roasted_until_it_is_safe():
    roasts = load_generator("recipes").THINGS["roastmeat"]
    heat = {roast.short: int(roast.says["heat"]) for roast in roasts}
    assert heat["chicken"] == heat["turkey"] == 165
    assert heat["pork"] >= 145
    assert all(300 <= int(roast.says["oven"]) <= 450 for roast in roasts)


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


def numbers(texts: list[str], index: dict[str, int]) -> np.ndarray:
    """Return the words of all texts as numbers, with a 0 after each text."""
    lists = [[*(index.setdefault(w, len(index)) for w in words(t)), 0] for t in texts]
    return np.array([number for numbers in lists for number in numbers])


def test_words_of_context_help_to_guess_the_next_one_and_shuffled_ones_do_not(texts):
    index = {"": 0}
    train, rest = (numbers(part, index) for part in held_out(texts))

    def perplexity(train, rest):
        p = KneserNey(train, len(index), 3).probabilities(rest, 0.8)
        return np.exp(-np.log(p).mean(axis=1))

    none, one, two, _ = perplexity(train, rest)
    assert none > 10 * one > 15 * two
    rng = np.random.default_rng(0)
    shuffled = perplexity(rng.permutation(train), rng.permutation(rest))
    assert shuffled[1:].min() > 0.9 * shuffled[0]


def test_directions_use_the_words_of_their_own_title_and_not_of_others(texts):
    small = {"with", "and", "recipe", "for", "in", "of", "s", "-", "'"}
    parts = [text.lower().partition(" | ")[::2] for text in held_out(texts)[1]]

    def share(title: str, directions: str) -> float:
        begins = {word[:4] for word in words(directions)}
        return np.mean([w[:4] in begins for w in words(title) if w not in small])

    own = np.mean([share(*part) for part in parts])
    directions = [part[1] for part in parts]
    others = np.mean(
        [
            share(part[0], other)
            for part, other in zip(parts, directions[1:], strict=False)
        ]
    )
    assert own > 0.45
    assert others < own - 0.3
