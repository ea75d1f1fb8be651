"""Recipes from a seeded grammar, in the format of full_format_recipes.json.

``recipes.txt`` holds the grammar: foods, tools, wordings and dishes. A dish has titles
and steps. The slots of its title are the foods that its steps must use; what the steps
use makes the list of ingredients, and says whether the dish is vegan.

- ``a / b`` is a list to draw from. Words follow Zipf's law: those of a list of foods
  that stand first are common. Wordings are drawn evenly.
- ``{herb}`` is a food, a tool or a wording; ``{herb2}`` is another one of the kind.
  Foods and tools keep their value in a recipe. ``olive oil = oil``: the name at first,
  and the name from then on. ``{herb.done}`` is what the grammar says of the food.
- ``[a|b|]`` is one of several wordings, the last one here being none.
- ``@the``, ``@a`` and the article of ``+herb`` are left out by those writers who write
  "Heat oil in skillet" and not "Heat the oil in a skillet".
- ``<8-12>`` is a whole number from 8 to 12, ``<20-40>`` one of 20, 25, …, 40, and
  ``<8-12 minutes>`` a time, in one of three forms.
- ``#`` before an amount: for names in the plural only.

`add_flaws` then puts in what is wrong with the real file.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from reviews import mistype  # the generator beside this script

OUTPUT = Path(__file__).resolve().parent.parent / "bundled" / "recipes.json.gz"
SEED = 11  # as in reviews.py
N_RECIPES = 2000
NOTES = 0.5  # of the recipes end with a note

RATINGS = [0.0, 1.25, 1.875, 2.5, 3.125, 3.75, 4.375, 4.375, 3.75, 5.0]
SLIPS = 1 / 300  # of the long words of the directions
CHOICE = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+?)(\d?)(?:\.(\w+))?\}|\+(\w+?)(\d?)\b")
NUMBER = re.compile(r"(\w+ )?<(\d+)-(\d+)( minutes| hours| days)?>")
BEFORE_NOUN = re.compile(r"-| (\{(chocolate|berry|fruit|nut|syrup)\} )?[A-Z]")
ARTICLE = re.compile(r"@(the|a) ")
VOWEL = re.compile(r"\b([Aa]) (?=[aeiouAEIOU]|8|11|18)(?!one|uni[^nm]|use)")
PLURAL_OF_ONE = re.compile(
    r"(?<![\d/-])\b1 (bunch|cup|day|hour|inch|log|minute|month|ounce|pint|pound|second|"
    r"sheet|slice|sprig|tablespoon|teaspoon|week)e?s\b"
)
SENTENCE = re.compile(r"(^|[.:] )(\(?[a-z])")
PLURALS = {"erries": "erry", "oes": "o", "shes": "sh", "ches": "ch", "s": ""}
SMALL_WORDS = ("and", "with", "of", "de", "in", "on", "la")


class Thing(NamedTuple):
    """A food or a tool: its names, and what the grammar says of it."""

    name: str
    short: str
    tags: set[str]
    says: dict[str, str]


Lines = list[tuple[str, str]]


def read_grammar() -> tuple[dict[str, list[Thing]], dict[str, list[str]], list[Lines]]:
    """Return the foods and tools by their kind, the wordings, and the dishes."""
    things: dict[str, list[Thing]] = {}
    words: dict[str, list[str]] = {}
    dishes: list[Lines] = []
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    for block in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("]\n")
        lines = [tuple(x.split(": ", 1)) for x in body.splitlines() if ": " in x]
        lines = [line for line in lines if line[0][0] != "#"]
        kind, _, rest = head.partition(" ")
        if kind == "words":
            words |= {name: listed.split(" / ") for name, listed in lines}
        elif kind == "dish":
            dishes.append([("share", rest), *lines])
        else:
            name, _, tags = rest.partition(": ")
            things[name] = read_things(dict(lines), {kind, *tags.split()})
    return things, words, dishes


def read_things(says: dict[str, str], tags: set[str]) -> list[Thing]:
    """Return the foods or tools of one kind, in the order of the grammar."""
    found = []
    for entry in says.pop("list").split(" / "):
        names, *more = entry.split("; ")
        name, _, short = names.partition(" = ")
        own = dict(line.split(": ", 1) for line in more)
        own_tags = set(own.pop("tags", "").split())
        found.append(Thing(name, short or name, tags | own_tags, says | own))
    return found


THINGS, WORDS, DISHES = read_grammar()


def by_zipf(rng: random.Random, choices: list) -> object:
    """Draw so that the n-th of a list is about n times as rare as the first."""
    return choices[int(len(choices) ** rng.random()) - 1]


def last_word(name: str) -> str:
    """Return what a name names, in the singular: "red onions" are onions."""
    return name.split()[-1].lower().rstrip("s")


class Cook:
    """Writes one recipe; remembers its foods, its tools and its style."""

    def __init__(self, rng: random.Random, dish: Lines) -> None:
        self.rng = rng
        self.dish = dict(dish)
        self.steps = [text.split(" / ") for head, text in dish if head == "step"]
        picks = self.dish.get("pick", "").split(", ")
        self.kinds = dict(pick.split("=") for pick in picks if pick)
        self.articles = rng.random() < 0.5
        self.oven = rng.choice(self.dish.get("oven", "350 / 375 / 400").split(" / "))
        self.picked: dict[str, Thing] = {}
        self.told: dict[str, None] = {}  # slots of the directions, in their order

    def thing(self, slot: str, kind: str) -> Thing:
        """Return the food or tool of a slot; draw it where the slot is new."""
        if slot not in self.picked:
            kinds = self.kinds.get(kind, kind).split("|")
            taken = {last_word(thing.name) for thing in self.picked.values()}
            for _ in range(20):
                thing = by_zipf(self.rng, THINGS[self.rng.choice(kinds)])
                if last_word(thing.name) not in taken:
                    break
            self.picked[slot] = thing
        return self.picked[slot]

    def is_thing(self, kind: str) -> bool:
        """Say whether a slot of this kind holds a food or a tool."""
        return kind in THINGS or kind in self.kinds

    def fill(self, slot: re.Match[str]) -> str:
        """Return what stands for a slot in the directions."""
        article = slot[4] is not None
        kind, number, asked = (
            (slot[4], slot[5], None) if article else slot.group(1, 2, 3)
        )
        if kind == "oven":
            return "@the oven" if article else self.oven
        if not self.is_thing(kind):
            return self.expand(self.rng.choice(WORDS[kind]))
        name = kind + number
        thing = self.thing(name, kind)
        if asked:
            return self.expand(self.rng.choice(thing.says[asked].split(" / ")))
        first = name not in self.told
        self.told[name] = None
        text = thing.name if first else thing.short
        if not article:
            return text
        return f"@a {text}" if first and "tool" in thing.tags else f"@the {text}"

    def expand(self, template: str) -> str:
        """Choose wordings, from the inside out, and then fill slots from the left."""
        while "[" in template:
            template = CHOICE.sub(lambda m: self.rng.choice(m[1].split("|")), template)
        return SLOT.sub(self.fill, template)

    def number(self, found: re.Match[str]) -> str:
        """Return a number or a time; every second time is a round one."""
        before, unit = found[1] or "", found[4] or ""
        low, high = int(found[2]), int(found[3])
        step = 5 if low >= 10 and low % 5 == high % 5 == 0 else 1
        value = self.rng.randrange(low, high + 1, step)
        if unit and before.strip() not in ("about", "least", "last", "to", "every"):
            form = self.rng.random()
            if form < 0.3:
                return f"{before}about {value}{unit}"
            if form < 0.55 and value < high:
                return f"{before}{value} to {value + step}{unit}"
        return f"{before}{value}{unit}"

    def finish(self, text: str) -> str:
        """Draw the numbers, write or leave out the articles, mend the spaces."""
        text = ARTICLE.sub(r"\1 " if self.articles else "", text)
        text = " ".join(NUMBER.sub(self.number, text).split())
        text = re.sub(r" ([.,;:])", r"\1", text).replace(",.", ".")
        text = PLURAL_OF_ONE.sub(r"1 \1", text)
        return VOWEL.sub(r"\1n ", text)

    def title(self) -> tuple[str, set[str]]:
        """Return a title, and its slots that hold a food."""
        needed = set(filter(None, self.dish.get("needs", "").split(", ")))

        def name(slot: re.Match[str]) -> str:
            kind = slot[1]
            if not self.is_thing(kind):
                return SLOT.sub(name, self.rng.choice(WORDS[kind]))
            needed.add(kind + slot[2])
            thing = self.thing(kind + slot[2], kind)
            named = self.rng.choice([thing.name, thing.short])
            return (
                singular(named) if BEFORE_NOUN.match(slot.string, slot.end()) else named
            )

        template = self.rng.choice(self.dish["titles"].split(" / "))
        return in_title_case(SLOT.sub(name, template)), needed

    def directions(self, needed: set[str]) -> list[str]:
        """Return the steps.

        Most wordings are drawn from those that use what the title still promises. Of
        two that do not, the one with fewer new foods is the better one: a cook uses up
        what stands on the table.
        """
        self.told = {}
        written = []
        for wordings in self.steps:
            due = [w for w in wordings if self.foods(w) & needed - set(self.told)]
            if due and self.rng.random() < 0.8:
                best = self.rng.choice(due)
            else:
                pair = self.rng.sample(wordings, min(2, len(wordings)))
                best = min(pair, key=lambda w: len(self.foods(w) - set(self.told)))
            written.append(sentence(self.finish(self.expand(best))))
        if self.rng.random() < NOTES:
            written.append(sentence(self.finish(self.expand("{note}"))))
        return [mistype(step, self.rng, SLIPS) for step in written]

    def foods(self, wording: str) -> set[str]:
        """Return the slots of a wording that hold foods or tools."""
        slots = {f"{m[1] or m[4]}{m[2] or m[5] or ''}" for m in SLOT.finditer(wording)}
        return {slot for slot in slots if self.is_thing(slot.rstrip("2"))}

    def is_sound(self, needed: set[str]) -> bool:
        """Say whether the title's foods are used, and no two foods share a name."""
        names = [self.picked[slot].short for slot in self.told]
        return needed <= set(self.told) and len(set(names)) == len(names)

    def ingredients(self) -> list[str]:
        """Return a line for each food that the directions use."""
        foods = [self.picked[name] for name in self.told]
        return [self.amount(food) for food in foods if "tool" not in food.tags]

    def amount(self, food: Thing) -> str:
        """Return how much of a food is needed."""
        plural = food.name.endswith("s") and not food.name.endswith(("ss", "us"))
        amounts = food.says["amount"].split(" / ")
        amounts = [a for a in amounts if plural or a[0] != "#"] or amounts
        text = self.rng.choice(amounts).lstrip("#").replace("{x}", food.name)
        text = re.sub(r"\{x\.(\w+)\}", lambda m: food.says[m[1]], text)
        return self.finish(self.expand(text))

    def categories(self, text: str) -> list[str]:
        """Return some categories of the dish, and what is true of its foods."""
        listed = self.dish["categories"].split(" / ")
        chosen = self.rng.sample(listed, self.rng.randint(2, min(4, len(listed))))
        tags = set().union(*(self.picked[name].tags for name in self.told))

        def without(*kinds: str, words: str) -> bool:
            named = any(word.lower() in text.lower() for word in WORDS[words])
            return not (named or tags & set(kinds))

        vegetarian = without("meat", "fish", words="flesh")
        vegan = vegetarian and without("dairy", "egg", "honey", words="animal")
        true = {"Vegetarian": vegetarian, "Vegan": vegan}
        true["Wheat/Gluten-Free"] = without("gluten", words="wheat")
        return chosen + [
            name for name, holds in true.items() if holds and self.rng.random() < 0.7
        ]


def in_title_case(text: str) -> str:
    """Write every word with a capital, but for the small ones."""
    words = text.replace("-", "- ").split(" ")
    words = [w if w in SMALL_WORDS else w[:1].upper() + w[1:] for w in words]
    return " ".join(words).replace("- ", "-")


def singular(name: str) -> str:
    """Return a name as it stands before another noun: apples, but apple cake."""
    if name.endswith(("ss", "us", "is", "molasses")):
        return name
    for ending, one in PLURALS.items():
        if name.endswith(ending):
            return name.removesuffix(ending) + one
    return name


def sentence(text: str) -> str:
    """Begin every sentence with a capital, and end with a full stop."""
    text = SENTENCE.sub(lambda m: m[1] + m[2].upper(), text)
    return text if text.endswith((".", ".)")) else text + "."


def write_recipe(rng: random.Random, dish: Lines) -> dict:
    """Write one recipe for a dish, with the keys of the real file."""
    while True:  # until the directions use what the title promises
        cook = Cook(rng, dish)
        title, needed = cook.title()
        steps = cook.directions(needed)
        if cook.is_sound(needed):
            break
    ingredients = cook.ingredients()
    description = None
    if rng.random() < 0.4:
        description = sentence(cook.finish(cook.expand("{desc}")))
    calories = fat = protein = sodium = None
    if rng.random() < 0.8:
        calories = float(int(cook.dish["calories"]) * rng.randint(70, 140) // 100)
        fat = calories * rng.randint(25, 55) // 900
        protein = calories * rng.randint(5, 25) // 400
        sodium = float(rng.randint(5, 900))
    added = datetime(1998, 1, 1, 5) + timedelta(days=rng.randint(0, 6500))
    return {
        "directions": steps,
        "fat": fat,
        "date": added.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "categories": cook.categories(" ".join([*steps, *ingredients])),
        "calories": calories,
        "desc": description,
        "protein": protein,
        "rating": rng.choice(RATINGS),
        "title": title,
        "ingredients": ingredients,
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
