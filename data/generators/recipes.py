"""Recipes from a seeded grammar, in the format of full_format_recipes.json.

`GRAMMAR` lists tables of ingredients, wordings that many dishes share, and kinds of
dish, each with the ingredients it picks and the titles and steps it is written with.

- ``A / B / 3 x C`` is a list to pick from, in which C counts three times; a name in
  capitals stands for the list of that name.
- ``pick fruit fruits: apple = apples / fig = figs`` fills the slots ``{fruit}`` and
  ``{fruits}``; ``pick veg (2): ...`` fills ``{veg}`` and ``{veg2}`` with two different
  ones. Where one slot is named, a second value is the line in the list of ingredients:
  ``{veg_line}``, ``{veg_line2}``.
- ``[a|b|]`` is one of several wordings, the last one here being none.
- ``<8-12>`` is a whole number from 8 to 12, ``<20-40>`` one of 20, 25, …, 40.

`add_flaws` then puts in what is wrong with the real file.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "bundled" / "recipes.json.gz"
SEED = 3
N_RECIPES = 1750

GRAMMAR = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
DESCRIPTIONS = [
    "[A simple|A quick|An easy|A make-ahead|A hearty|A light] {title} for [a weeknight|"
    "company|the holidays|a picnic|a cold evening].",
    "[Leftovers keep well|This tastes even better the next day], so make [plenty|twice "
    "as much].",
    "Pour [a glass of [red|white] wine|cold beer|iced tea] with this.",
]
RATINGS = [0.0, 1.25, 1.875, 2.5, 3.125, 3.75, 4.375, 4.375, 3.75, 5.0]
ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
PLURAL_OF_ONE = re.compile(
    r"(?<![\d/-])\b1 (cup|day|hour|minute|ounce|pound|tablespoon|teaspoon)s\b"
)
NUMBER = re.compile(r"<(\d+)-(\d+)>")


def parse(grammar: str) -> tuple[dict[str, str], list[list[tuple[str, str]]]]:
    """Return the named lists and wordings, and each dish as (head, body) lines."""
    named: dict[str, str] = {}
    dishes: list[list[tuple[str, str]]] = []
    for line in grammar.replace("\n    ", " ").splitlines():
        head, _, body = line.partition(": ")
        if head == "dish":
            dishes.append([])
        if head.isupper():
            named[head] = body
        elif head:
            dishes[-1].append((head, body))
    return named, dishes


NAMED, DISHES = parse(GRAMMAR)


def options(body: str) -> list[str]:
    """Return the list that stands in the grammar as ``A / 2 x B / NAME``."""
    listed = []
    for item in body.split(" / "):
        count, _, repeated = item.partition(" x ")
        if item in NAMED:
            listed += options(NAMED[item])
        else:
            listed += [repeated] * int(count) if repeated else [item]
    return listed


def expand(rng: random.Random, template: str, picked: dict[str, str]) -> str:
    """Fill the slots, choose wordings from the inside out, draw the numbers."""
    text = template
    while "{" in text:
        text = text.format_map(NAMED | picked)
    while "[" in text:
        text = ALTERNATIVES.sub(lambda m: rng.choice(m[1].split("|")), text)

    def draw(match: re.Match) -> str:
        low, high = int(match[1]), int(match[2])
        step = 5 if low >= 10 and low % 5 == high % 5 == 0 else 1
        return str(rng.randrange(low, high + 1, step))

    text = " ".join(NUMBER.sub(draw, text).split())
    text = re.sub(r" ([.,;:])", r"\1", text)  # where the last word was left out
    return PLURAL_OF_ONE.sub(r"1 \1", text)


def pick(rng: random.Random, dish: list[tuple[str, str]]) -> dict[str, str]:
    """Fill the slots of a dish from its ``pick`` lines."""
    picked = {}
    for head, body in dish:
        if not head.startswith("pick "):
            continue
        slots, _, count = head[5:].rstrip(")").partition(" (")
        names = slots.split() if " " in slots else [slots, f"{slots}_line"]
        for number, option in enumerate(rng.sample(options(body), int(count or 1)), 1):
            values = expand(rng, option, {}).split(" = ")
            values += values[: len(names) - len(values)]  # no line: the name serves
            for name, value in zip(names, values, strict=True):
                picked[name + (str(number) if number > 1 else "")] = value
    return picked


def in_title_case(text: str) -> str:
    """Write every word with a capital, but for the small ones."""
    small = ("and", "with", "of", "de")
    words = text.replace("-", "- ").split(" ")
    words = [w if w in small else w[:1].upper() + w[1:] for w in words]
    return " ".join(words).replace("- ", "-")


def capitalise(text: str) -> str:
    """Begin every sentence with a capital."""
    return re.sub(r"(^|\. )([a-z])", lambda m: m[1] + m[2].upper(), text)


def write_recipe(rng: random.Random, dish: list[tuple[str, str]]) -> dict:
    """Write one recipe for a dish, with the keys of the real file."""
    lines = dict(dish)
    picked = pick(rng, dish)
    title = in_title_case(expand(rng, rng.choice(options(lines["titles"])), picked))
    steps = [body for head, body in dish if head == "step"]
    steps = [capitalise(expand(rng, step, picked)) for step in steps]
    ingredients = [
        expand(rng, line, picked) for line in lines["ingredients"].split(" / ")
    ]
    categories = rng.sample(options(lines["categories"]), rng.randint(2, 4))
    description = None
    if rng.random() < 0.4:
        template = rng.choice(DESCRIPTIONS)
        description = expand(rng, template, {"title": title.lower()})
    calories = fat = protein = sodium = None
    if rng.random() < 0.8:
        calories = float(int(lines["calories"]) * rng.randint(70, 140) // 100)
        fat = calories * rng.randint(25, 55) // 900
        protein = calories * rng.randint(5, 25) // 400
        sodium = float(rng.randint(5, 900))
    added = datetime(1998, 1, 1, 5) + timedelta(days=rng.randint(0, 6500))
    return {
        "directions": [step for step in steps if step],
        "fat": fat,
        "date": added.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "categories": categories,
        "calories": calories,
        "desc": description,
        "protein": protein,
        "rating": rng.choice(RATINGS),
        "title": title,
        "ingredients": list(dict.fromkeys(ingredients)),
        "sodium": sodium,
    }


def add_flaws(rng: random.Random, recipes: list[dict]) -> list[dict]:
    """Return the recipes with the faults of the real file, in random order.

    Of 100 titles 30 end in a space and of 100 first steps 5 in white space; 30 recipes
    stand twice, 12 have no title, 16 no directions and 19 are empty objects.
    """
    for recipe in recipes:
        if rng.random() < 0.3:
            recipe["title"] += " "
        if rng.random() < 0.05:
            recipe["directions"][0] += rng.choice(["  ", "\n", " \t"])
    chosen = rng.sample(recipes, 58)
    for recipe in chosen[:12]:
        recipe["title"] = None
    for recipe in chosen[12:24]:
        recipe["directions"] = None
    for recipe in chosen[24:28]:
        recipe["directions"] = []
    recipes = recipes + chosen[28:] + [{} for _ in range(19)]
    rng.shuffle(recipes)
    return recipes


def build_json() -> bytes:
    """Return the JSON text: a list of records, one on each line."""
    rng = random.Random(SEED)
    shares = [int(dict(dish)["share"]) for dish in DISHES]
    recipes = [write_recipe(rng, d) for d in rng.choices(DISHES, shares, k=N_RECIPES)]
    records = add_flaws(rng, recipes)
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    return f"[{lines}]\n".encode()


def build() -> bytes:
    """Return the bytes of recipes.json.gz."""
    return gzip.compress(build_json(), compresslevel=9, mtime=0)


def main() -> None:
    """Write the file."""
    OUTPUT.write_bytes(build())
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
