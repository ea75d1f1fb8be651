"""Write film reviews in the layout of the Large Movie Review Dataset.

A seeded grammar composes every review. The reviews are an experiment: whether a review
is positive is always said in it, but words alone do not tell, the order does:

* opinions are negated ("anything but dull") and conceded ("although ..., ..."); each
  frame that negates is met without its negation as often ("nothing but dull");
* a verdict often names another first ("I expected a bore but saw a gem");
* other people contradict the writer ("my aunt called the acting wooden");
* some reviews quote a text and say at the start whether to believe it;
* a verdict at the start may be followed by a long neutral summary of the plot.

Names of people and of places, and some slips of the pen, are met once, as in real text.

Run the script to write ``data/bundled/reviews.tar.gz``.
"""

from __future__ import annotations

import gzip
import io
import random
import re
import tarfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "bundled" / "reviews.tar.gz"
# reviews of each class, and the seed, of each split
SPLITS = {"train": (4000, 11), "test": (1000, 12)}
UNLABELLED = 50
MIN_WORDS, MAX_WORDS = 20, 300
DATE = 1_262_304_000  # 1 January 2010, of every file in the archive


def read_grammar() -> dict[str, list[str]]:
    """Return the lists of ``reviews.txt``, which says what they mean."""
    lists = {}
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    for section in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        head, _, body = section.partition("\n")
        name, _, kind = head.partition("]")
        entries = body.split() if kind else body.strip().splitlines()
        lists[name] = [entry.replace("_", " ") if kind else entry for entry in entries]
    return lists


GRAMMAR = read_grammar()
# What an opinion is about, with the verb that agrees with it.
ASPECTS = {name: verb for verb in ("was", "were") for name in GRAMMAR[f"aspect {verb}"]}
FIRST_NAMES = {who: GRAMMAR[f"name {who}"] for who in ("she", "he")}
PRONOUNS = {
    "she": {"he": "she", "his": "her", "him": "her"},
    "he": {"he": "he", "his": "his", "him": "him"},
}

# "a" before a vowel, but not before the sound of "one" or "uniform"
VOWEL = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])(?!one|uni[^nm]|use)")
SLOT = re.compile(r"\{([-~]?)(\w+)\}")
COIN = re.compile(r"<([^|>]*)\|([^>]*)>")
LONG_WORD = re.compile(r"\b[a-z]{5,}\b")
SLIPS = 1 / 300  # of the long words


class Writer:
    """Draws from the grammar; remembers the cast and the words of one review."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()
        pronoun = rng.choice(["she", "he"])
        hero = rng.choice(FIRST_NAMES[pronoun])
        others = [n for names in FIRST_NAMES.values() for n in names if n != hero]
        friend, rival = rng.sample(others, 2)
        self.fixed = {"hero": hero, "friend": friend, "rival": rival}
        self.fixed.update(PRONOUNS[pronoun])
        self.fixed["director"] = self.person()
        self.fixed["title"] = self.expand("{title}", 1)

    def person(self) -> str:
        """Return a full name."""
        names = FIRST_NAMES[self.rng.choice(["she", "he"])]
        return f"{self.rng.choice(names)} {self.expand('{surname}', 1)}"

    def draw(self, key: str, opinion: int) -> str:
        """Draw a line of the grammar, if possible one that the review has not used."""
        if key in self.fixed:
            return self.fixed[key]
        if key == "actor":
            return self.person()
        if key == "aspect":
            choices = list(ASPECTS)
        elif key in GRAMMAR:
            choices = GRAMMAR[key]
        else:
            choices = GRAMMAR[f"{key} {'-+'[opinion]}"]
        for _ in range(5):
            choice = self.rng.choice(choices)
            # words follow Zipf's law: those that stand first are common
            if "{" not in choices[0]:
                choice = choices[int(len(choices) ** self.rng.random()) - 1]
            if SLOT.fullmatch(choice) or choice not in self.used:
                break
        self.used.add(choice)
        if key == "aspect":
            self.fixed["be"] = ASPECTS[choice]
        return choice

    def expand(self, template: str, opinion: int) -> str:
        """Toss the coin of a template, and replace every slot by a draw."""
        negated = "|" in template and self.rng.random() < 0.5
        template = COIN.sub(r"\1" if negated else r"\2", template)

        def replace(slot: re.Match[str]) -> str:
            sign, key = slot.groups()
            flipped = sign == "-" or (sign == "~" and negated)
            wanted = 1 - opinion if flipped else opinion
            return self.expand(self.draw(key, wanted), wanted)

        return SLOT.sub(replace, template)

    def sentence(self, key: str, opinion: int = 1) -> str:
        """Return a sentence: expanded, articles mended, capital letter, full stop."""
        text = VOWEL.sub(r"\1n ", self.expand(f"{{{key}}}", opinion))
        return f"{text[0].upper()}{text[1:]}."

    def summary(self, longest: int) -> list[str]:
        """Return the plot without an opinion: a beginning, events, facts, an end."""
        # the product of two draws: most summaries are short, a few are long
        events = int(longest * self.rng.random() * self.rng.random() + 0.5)
        if events == 0:
            return [self.sentence(self.rng.choice(["early", "fact"]))]
        told = [self.sentence("event") for _ in range(events)]
        for _ in range(events // 4):
            told.insert(self.rng.randrange(len(told) + 1), self.sentence("fact"))
        told.insert(0, self.sentence("early"))
        if self.rng.random() < 0.3:
            told.append(self.sentence("late"))
        return told

    # Each kind of review returns its paragraphs, as lists of sentences.

    def plain(self, opinion: int) -> list[list[str]]:
        """Return opinions of the writer with a little plot between, and a verdict."""
        plot = [self.sentence("early")]
        body = [self.sentence("opinion", opinion)]
        for _ in range(self.rng.randint(1, 3)):
            if self.rng.random() < 0.3:
                body.append(self.sentence(self.rng.choice(["fact", "event"])))
            body.append(self.sentence("opinion", opinion))
        if self.rng.random() < 0.4:
            return [[self.sentence("verdict", opinion)], plot, body]
        body.append(self.sentence("close", opinion))
        if self.rng.random() < 0.5:
            body.append(self.sentence(self.rng.choice(["fact", "late"])))
        return [plot, body]

    def opening(self, opinion: int) -> list[str]:
        """Return a verdict of the writer and some reasons for it."""
        reasons = [
            self.sentence("opinion", opinion) for _ in range(self.rng.randint(1, 3))
        ]
        return [self.sentence("verdict", opinion), *reasons]

    def early_verdict(self, opinion: int) -> list[list[str]]:
        """Return a verdict, then a long plot."""
        return [self.opening(opinion), self.summary(20)]

    def contradicted(self, opinion: int) -> list[list[str]]:
        """Return a verdict, and others who mostly think otherwise, around a plot."""
        others = [
            self.sentence(
                "hearsay", opinion if self.rng.random() < 0.2 else 1 - opinion
            )
            for _ in range(self.rng.randint(1, 2))
        ]
        start = self.opening(opinion)
        plot = self.summary(16)
        if self.rng.random() < 0.6:
            return [start + others, plot]
        return [start, plot, others]

    def quotation(self, opinion: int) -> list[list[str]]:
        """Return a quoted note, whether to believe it, and a plot."""
        believed = self.rng.random() < 0.4
        frame = self.sentence("trust" if believed else "distrust")[:-1]
        said = opinion if believed else 1 - opinion
        quote = [self.sentence("opinion", said) for _ in range(self.rng.randint(2, 4))]
        plot = self.summary(10)
        return [[f'{frame}: "{" ".join(quote)}"', self.sentence("unquote")], plot]


# the kinds of review and their shares in per cent
KINDS = {"plain": 56, "early_verdict": 22, "contradicted": 17, "quotation": 5}


def mistype(text: str, rng: random.Random, slips: float) -> str:
    """Swap two neighbouring letters inside a few of the long words."""

    def slip(found: re.Match[str]) -> str:
        word = found.group()
        if rng.random() > slips:
            return word
        i = rng.randrange(1, len(word) - 2)
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]

    return LONG_WORD.sub(slip, text)


def review(rng: random.Random, opinion: int) -> str:
    """Compose one review of 20 to 300 words; ``opinion`` is 0 or 1."""
    while True:
        writer = Writer(rng)
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        paragraphs = [" ".join(p) for p in getattr(writer, kind)(opinion) if p]
        text = paragraphs[0]
        for paragraph in paragraphs[1:]:
            text += rng.choice([" ", "<br /><br />"]) + paragraph
        count = len(re.findall(r"[\w']+", text))  # counts the "br" of <br />, too
        if MIN_WORDS <= count <= MAX_WORDS:
            return mistype(text, rng, SLIPS)


def compose() -> dict[str, str]:
    """Return every review of the archive: path -> text, no text twice."""
    files: dict[str, str] = {}
    seen: set[str] = set()

    def add(rng: random.Random, opinion: int, path: str) -> None:
        text = review(rng, opinion)
        while text in seen:
            text = review(rng, opinion)
        seen.add(text)
        files[path] = text

    for split, (number, seed) in SPLITS.items():
        rng = random.Random(seed)
        for opinion, folder in enumerate(["neg", "pos"]):
            for index in range(number):
                stars = rng.randint(1, 4) + 6 * opinion
                path = f"aclImdb/{split}/{folder}/{index}_{stars}.txt"
                add(rng, opinion, path)
    rng = random.Random(13)
    for index in range(UNLABELLED):
        add(rng, rng.randint(0, 1), f"aclImdb/train/unsup/{index}_0.txt")
    return files


def build() -> bytes:
    """Return the bytes of the archive, the same on every machine."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=DATE) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for path, text in sorted(compose().items()):
            raw = text.encode()
            member = tarfile.TarInfo(path)
            member.size, member.mtime, member.mode = len(raw), DATE, 0o644
            archive.addfile(member, io.BytesIO(raw))
    return packed.getvalue()


def main() -> None:
    """Write the archive to ``data/bundled``."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(build())


if __name__ == "__main__":
    main()
