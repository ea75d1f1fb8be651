"""What data exists: the bundled file, the real one, its address, hash and licence."""

from __future__ import annotations

from typing import NamedTuple


class RealFile(NamedTuple):
    """One file of real data, as it is published or as a user may have it.

    A file is known by its hash, by its size, or, where copies differ, by a least size
    and phrases that all of them hold.

    Attributes:
        name: its name in the data folder.
        urls: where it can be had, the best address first; none if only by hand.
        size: its length in bytes, if all copies have the same.
        sha256: its hash, if one is known.
        text: the hash is that of the text without BOM and with LF line ends, because
            the site serves the same text in several forms.
        least: the least length in bytes that a whole copy has.
        holds: what stands at its beginning and at its end, in lower case.
    """

    name: str
    urls: tuple[str, ...] = ()
    size: int | None = None
    sha256: str | None = None
    text: bool = False
    least: int = 1
    holds: tuple[bytes, ...] = ()


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


_SHA256 = {
    "reviews": "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    "labelled": "e8891964c5ac63acc2a0e1a5509fe4f6731307e4601c4aa4aff4bbfe9d72cac5",
    "glove.6B.zip": "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
    "glove.6B.100d": "95dde4dfd627ab26608d33e76d1195ec059734bd29089ea52cadb08d07c64544",
    "glove.6B.50d": "bfb17077baf5c48d34e51441fe1bdbdbb6c90892ecb42eefa10f6c0e4d8b77e0",
    "jena_2020": "99873581d497815b5e3de159b41993f6d78cc17b4181824646f4a1e7868790d7",
    "novel": "86dab871eec9c0cef97f4cb6313f86c6cc48f6f7809534e65cd3f1c1d486d247",
    "recipes": "268811bcb6bc65621b29b8f0745e1ff51c04a222eb3c72bd055b030c1741d3bc",
}

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
                size=84_125_825,
                sha256=_SHA256["reviews"],
            ),
            # The same 50,000 labelled reviews, without the unlabelled ones.
            RealFile(
                "aclImdb_labelled.tar.gz",
                size=29_542_770,
                sha256=_SHA256["labelled"],
            ),
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
                size=862_182_613,
                sha256=_SHA256["glove.6B.zip"],
            ),
            RealFile(
                "glove.6B.100d.txt",
                size=347_116_733,
                sha256=_SHA256["glove.6B.100d"],
            ),
            RealFile(
                "glove.6B.50d.top50k.txt",
                size=19_116_682,
                sha256=_SHA256["glove.6B.50d"],
            ),
        ),
    ),
    "weather": Dataset(
        title="Jena weather station, Max Planck Institute for Biogeochemistry",
        page="https://www.bgc-jena.mpg.de/wetter/",
        licence="free use; cite the station",
        bundled="weather.csv.zip",
        bundled_title="a weather station simulated for the course",
        real=(
            # No hash was ever published. TensorFlow's tutorial prints the length.
            RealFile(
                "jena_climate_2009_2016.csv.zip",
                urls=(
                    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
                    "jena_climate_2009_2016.csv.zip",
                ),
                size=13_568_290,
            ),
            # Unpacked, its lines may end in one character or in two.
            RealFile(
                "jena_climate_2009_2016.csv",
                least=42_000_000,
                holds=(b"date time", b"01.01.2017 00:00:00"),
            ),
            RealFile(
                "jena_climate_2020.csv",
                size=5_271_581,
                sha256=_SHA256["jena_2020"],
            ),
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
                sha256=_SHA256["novel"],
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
            # Copies of this text differ in punctuation, capitals and line ends; most
            # have 600,893 bytes.
            RealFile(
                "nietzsche.txt",
                urls=("https://s3.amazonaws.com/text-datasets/nietzsche.txt",),
                least=570_000,
                holds=(b"supposing that truth is", b"indications of sinfulness"),
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
                size=35_249_903,
                sha256=_SHA256["recipes"],
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
