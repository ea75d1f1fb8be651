"""What data exists: the bundled file, the real one, its address, hash and licence."""

from __future__ import annotations

from typing import NamedTuple


class RealFile(NamedTuple):
    """One file of real data, as it is published or as a user may have it.

    Attributes:
        name: its name in the data folder.
        urls: where it can be had, the best address first; none if only by hand.
        hash: "sha256:…" or "md5:…"; ``None`` if none was published.
        size: its length in bytes, if known.
        text: the hash is that of the text without BOM and with LF line ends, because
            the site serves the same text in several forms.
    """

    name: str
    urls: tuple[str, ...] = ()
    hash: str | None = None
    size: int | None = None
    text: bool = False


class Dataset(NamedTuple):
    """A role that data plays in the lessons, in both profiles.

    Attributes:
        title: what the real data is called.
        bundled: the file under ``data/bundled`` that the quick profile reads.
        bundled_title: what the bundled data is.
        page: where a person finds the real data and its terms.
        licence: the terms of the real data.
        real: the forms of the real file that are accepted; the first one found is
            used, and the first with an address is the one that is downloaded.
            None at all: the bundled data serves both profiles.
    """

    title: str
    bundled: str
    bundled_title: str
    page: str = ""
    licence: str = "CC BY 4.0"
    real: tuple[RealFile, ...] = ()


_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
_GLOVE_ZIP_HASH = "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb"
_NOVEL_HASH = "86dab871eec9c0cef97f4cb6313f86c6cc48f6f7809534e65cd3f1c1d486d247"
_RECIPES_HASH = "268811bcb6bc65621b29b8f0745e1ff51c04a222eb3c72bd055b030c1741d3bc"

DATASETS: dict[str, Dataset] = {
    "reviews": Dataset(
        title="Large Movie Review Dataset v1.0",
        page="https://ai.stanford.edu/~amaas/data/sentiment/",
        licence="free for research; cite Maas et al., 2011",
        bundled="reviews.tar.gz",
        bundled_title="film reviews composed for the course",
        real=(
            RealFile(
                "aclImdb_v1.tar.gz",
                urls=(
                    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
                ),
                hash="md5:7c2ac02c03563afcf9b574c7e56c153a",
                size=84_125_825,
            ),
            # The same 50,000 labelled reviews, without the unlabelled ones.
            RealFile("aclImdb_labelled.tar.gz"),
        ),
    ),
    "vectors": Dataset(
        title="GloVe 6B word vectors",
        page="https://nlp.stanford.edu/projects/glove/",
        licence="PDDL 1.0 (public domain)",
        bundled="vectors.50d.txt.gz",
        bundled_title="word vectors trained for the course, 50 dimensions",
        real=(
            RealFile(
                "glove.6B.zip",
                urls=(
                    "https://nlp.stanford.edu/data/glove.6B.zip",
                    "https://downloads.cs.stanford.edu/nlp/data/glove.6B.zip",
                ),
                hash=f"sha256:{_GLOVE_ZIP_HASH}",
                size=862_182_613,
            ),
            RealFile("glove.6B.100d.txt"),
            RealFile("glove.6B.50d.top50k.txt"),
        ),
    ),
    "weather": Dataset(
        title="Jena weather station, Max Planck Institute for Biogeochemistry",
        page="https://www.bgc-jena.mpg.de/wetter/",
        licence="free use; cite the station",
        bundled="weather.csv.zip",
        bundled_title="a weather station simulated for the course",
        real=(
            # No hash was ever published; the reader checks columns and rows.
            RealFile(
                "jena_climate_2009_2016.csv.zip",
                urls=(f"{_KERAS}/jena_climate_2009_2016.csv.zip",),
            ),
            RealFile("jena_climate_2009_2016.csv"),
            RealFile("jena_climate_2020.csv"),
        ),
    ),
    "novel": Dataset(
        title="Jane Austen, Pride and Prejudice (Project Gutenberg 1342)",
        page="https://www.gutenberg.org/ebooks/1342",
        licence="public domain; Project Gutenberg licence",
        bundled="prose_en.txt",
        bundled_title="stories written for the course, in English",
        real=(
            RealFile(
                "pride_and_prejudice_1342-0.txt",
                urls=("https://www.gutenberg.org/files/1342/1342-0.txt",),
                hash=f"sha256:{_NOVEL_HASH}",
                text=True,
            ),
        ),
    ),
    "philosophy": Dataset(
        title="Friedrich Nietzsche, Beyond Good and Evil",
        page="https://www.gutenberg.org/ebooks/4363",
        licence="public domain",
        bundled="prose_en.txt",
        bundled_title="stories written for the course, in English",
        real=(
            # Copies of this text differ in length, and none has a published hash.
            RealFile(
                "nietzsche.txt",
                urls=("https://s3.amazonaws.com/text-datasets/nietzsche.txt",),
                text=True,
            ),
        ),
    ),
    "russian_prose": Dataset(
        title="Stories written for the course, in Russian",
        bundled="prose_ru.txt",
        bundled_title="stories written for the course, in Russian",
    ),
    "recipes": Dataset(
        title="Epicurious recipes",
        page="https://www.kaggle.com/datasets/hugodarwood/epirecipes",
        licence="see the page; it needs an account",
        bundled="recipes.json.gz",
        bundled_title="recipes composed for the course",
        real=(
            RealFile(
                "full_format_recipes.json",
                hash=f"sha256:{_RECIPES_HASH}",
                size=35_249_903,
            ),
        ),
    ),
    "phrases": Dataset(
        title="Short phrases in English, Russian and Bulgarian",
        bundled="phrases.csv",
        bundled_title="short phrases written for the course",
    ),
    "prices": Dataset(
        title="Daily prices of a simulated share",
        bundled="prices.csv",
        bundled_title="a share simulated for the course",
    ),
}
