"""Short phrases with a good or bad meaning, in three languages: phrases.csv.

Each phrase comes from a pattern such as "{s} {v} not at all {a}", a person, and a
hand-written pair of opposite adjectives in the form that agrees with the person.
Each pattern gives as many good as bad phrases, so the words alone say little: what
counts is whether a negation or a contrast turns the adjective round.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path

OUTPUT = Path(__file__).resolve().parent.parent / "bundled" / "phrases.csv"
SEED = 4

# For each group of patterns: does the phrase mean the contrary of its first adjective,
# and how many phrases of each label does a pattern give to training and to the test.
# Plain sentences are in the lead, 5 to 3: without it a network learns the phrases by
# heart and no rule.
GROUPS = {
    "bare": (False, 4, 0),
    "bare turned": (True, 4, 0),
    "plain": (False, 5, 1),
    "turned": (True, 3, 1),
    "contrast": (True, 3, 1),
    "return": (False, 3, 1),
}

# A person is (subject, verb now, verb then, pairs of a good and a bad adjective). A
# pattern holds {s} subject, {v} verb now, {p} verb then, {a} the first adjective and
# {b} its opposite.
EN_PAIRS = [("glad", "upset"), ("calm", "angry")]
ENGLISH = {
    "persons": [
        ("i", "am", "was", EN_PAIRS),
        ("we", "are", "were", EN_PAIRS),
        ("she", "is", "was", EN_PAIRS),
    ],
    "bare": ["{a}", "very {a}"],
    "bare turned": ["not {a}", "not at all {a}"],
    "plain": [
        "{s} {v} {a}",
        "{s} {v} very {a}",
        "now {s} {v} {a}",
        "today {s} {v} very {a}",
        "yesterday {s} {p} {a}",
        "earlier {s} {p} very {a}",
    ],
    "turned": [
        "{s} {v} not {a}",
        "{s} {v} not at all {a}",
        "now {s} {v} not {a}",
        "today {s} {v} not at all {a}",
        "yesterday {s} {p} not {a}",
        "earlier {s} {p} not at all {a}",
    ],
    "contrast": [
        "not {a} but {b}",
        "earlier {s} {p} {a} but now {s} {v} {b}",
        "yesterday {s} {p} {a} but today {s} {v} not",
    ],
    "return": ["yesterday {s} {p} not {a} but today {s} {v}"],
}
RUSSIAN = {
    "persons": [
        ("я", "", "был", [("рад", "расстроен"), ("спокоен", "зол")]),
        ("она", "", "была", [("рада", "расстроена"), ("спокойна", "зла")]),
        ("мы", "", "были", [("рады", "расстроены"), ("спокойны", "злы")]),
    ],
    "bare": ["{a}", "очень {a}"],
    "bare turned": ["не {a}", "совсем не {a}"],
    "plain": [
        "{s} {a}",
        "{s} очень {a}",
        "сейчас {s} {a}",
        "сегодня {s} очень {a}",
        "вчера {s} {p} {a}",
        "раньше {s} {p} очень {a}",
    ],
    "turned": [
        "{s} не {a}",
        "{s} совсем не {a}",
        "сейчас {s} не {a}",
        "сегодня {s} совсем не {a}",
        "вчера {s} не {p} {a}",
        "раньше {s} совсем не {p} {a}",
    ],
    "contrast": [
        "не {a} а {b}",
        "раньше {s} {p} {a} но сейчас {s} {b}",
        "вчера {s} {p} {a} а сегодня {s} не {a}",
    ],
    "return": ["вчера {s} не {p} {a} а сегодня {s} {a}"],
}
BULGARIAN = {
    "persons": [
        ("аз", "съм", "бях", [("щастлив", "тъжен"), ("спокоен", "ядосан")]),
        ("тя", "е", "беше", [("щастлива", "тъжна"), ("спокойна", "ядосана")]),
        ("ние", "сме", "бяхме", [("щастливи", "тъжни"), ("спокойни", "ядосани")]),
    ],
    "bare": ["{a}", "много {a}"],
    "bare turned": ["не {a}", "изобщо не {a}"],
    "plain": [
        "{s} {v} {a}",
        "{s} {v} много {a}",
        "сега {s} {v} {a}",
        "днес {s} {v} много {a}",
        "вчера {s} {p} {a}",
        "преди {s} {p} много {a}",
    ],
    "turned": [
        "{s} не {v} {a}",
        "{s} изобщо не {v} {a}",
        "сега {s} не {v} {a}",
        "днес {s} изобщо не {v} {a}",
        "вчера {s} не {p} {a}",
        "преди {s} изобщо не {p} {a}",
    ],
    "contrast": [
        "не {a} а {b}",
        "преди {s} {p} {a} но сега {v} {b}",
        "вчера {s} {p} {a} а днес не {v}",
    ],
    "return": ["вчера {s} не {p} {a} а днес {v}"],
}
LANGUAGES = {"en": ENGLISH, "ru": RUSSIAN, "bg": BULGARIAN}
Split = dict[str, list[tuple[str, bool]]]


def phrases_of(pattern: str, turned: bool, persons: list) -> dict[str, bool]:
    """Return every phrase that one pattern makes, and whether it is positive."""
    phrases = {}
    for subject, now, then, pairs in persons:
        for good, bad in pairs:
            for a, b, positive in ((good, bad, not turned), (bad, good, turned)):
                text = pattern.format(s=subject, v=now, p=then, a=a, b=b)
                phrases[" ".join(text.split())] = positive
    return phrases


def draw(rng: random.Random, language: dict) -> Split:
    """Draw training and test phrases: from each pattern as many good as bad ones."""
    split: Split = {"train": [], "test": []}
    for group, (turned, n_train, n_test) in GROUPS.items():
        for pattern in language[group]:
            phrases = phrases_of(pattern, turned, language["persons"])
            for label in (True, False):
                pool = [(text, y) for text, y in phrases.items() if y is label]
                rng.shuffle(pool)
                split["test"] += pool[:n_test]
                split["train"] += pool[n_test : n_test + n_train]
    return split


def is_fair(split: Split) -> bool:
    """Tell whether training shows every word of the test with both labels, twice."""
    seen = Counter((word, y) for text, y in split["train"] for word in text.split())
    words = {word for text, _ in split["test"] for word in text.split()}
    return all(seen[word, y] >= 2 for word in words for y in (True, False))


def build() -> bytes:
    """Return the bytes of phrases.csv: UTF-8, one header line, LF line ends."""
    rng = random.Random(SEED)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["language", "split", "text", "positive"])
    for name, language in LANGUAGES.items():
        split = draw(rng, language)
        while not is_fair(split):
            split = draw(rng, language)
        for part, phrases in split.items():
            rng.shuffle(phrases)
            writer.writerows([name, part, text, int(y)] for text, y in phrases)
    return file.getvalue().encode()


def main() -> None:
    """Write the file."""
    OUTPUT.write_bytes(build())
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
