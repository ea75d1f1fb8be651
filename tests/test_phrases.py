"""The bundled phrases as an experiment, and the reader of labelled phrases."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from conftest import BUNDLED, load_generator
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from course_utils.datasets.files import DataError
from course_utils.datasets.phrases import read_phrases

FILE = BUNDLED / "phrases.csv"
LANGUAGES = ["en", "ru", "bg"]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file and gives its path."""

    def write(content: str | bytes):
        path = tmp_path / "own.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_regenerating_gives_the_bundled_bytes():
    assert load_generator("phrases").build() == FILE.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sizes_and_balance(language):
    train = read_phrases(FILE, language, "train")
    test = read_phrases(FILE, language, "test")
    assert len(train.texts) >= 58
    assert len(test.texts) >= 20
    for part in (train, test):
        assert part.labels.dtype == np.int8
        assert part.labels.shape == (len(part.texts),)
        assert part.labels.mean() == 0.5
    assert not set(train.texts) & set(test.texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_plain_and_every_test_word_is_known(language):
    train = read_phrases(FILE, language, "train").texts
    test = read_phrases(FILE, language, "test").texts
    for text in train + test:
        assert text == text.lower()
        assert all(word.isalpha() for word in text.split(" "))
    known = {word for text in train for word in text.split()}
    assert {word for text in test for word in text.split()} <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bag_of_words_does_not_solve_it(language):
    train = read_phrases(FILE, language, "train")
    test = read_phrases(FILE, language, "test")
    counts = CountVectorizer(token_pattern=r"\S+").fit(train.texts)
    model = LogisticRegression(max_iter=5000)
    model.fit(counts.transform(train.texts), train.labels)
    assert model.score(counts.transform(train.texts), train.labels) < 0.7
    assert model.score(counts.transform(test.texts), test.labels) < 0.65


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_words_in_another_order_can_mean_the_contrary(language):
    phrases = read_phrases(FILE, language)
    bags = Counter()
    for text, label in zip(phrases.texts, phrases.labels, strict=True):
        bags[tuple(sorted(text.split())), int(label)] += 1
    assert sum((bag, 0) in bags and (bag, 1) in bags for bag, _ in bags) >= 4


@pytest.mark.parametrize(
    ("pronoun", "forms"),
    [
        ("она", {"рада", "расстроена", "спокойна", "зла"}),
        ("мы", {"рады", "расстроены", "спокойны", "злы"}),
        ("тя", {"щастлива", "тъжна", "спокойна", "ядосана"}),
        ("ние", {"щастливи", "тъжни", "спокойни", "ядосани"}),
    ],
)
def test_adjectives_agree_with_the_person(pronoun, forms):
    texts = [t.split() for t in read_phrases(FILE).texts if pronoun in t.split()]
    assert texts
    assert all(forms & set(words) for words in texts)


def test_languages_and_splits_together_are_the_whole_file():
    parts = [
        read_phrases(FILE, language, split).texts
        for language in LANGUAGES
        for split in ("train", "test")
    ]
    # A few short phrases are the same in Russian and Bulgarian.
    assert {text for part in parts for text in part} == set(read_phrases(FILE).texts)
    assert 0 <= sum(map(len, parts)) - len(read_phrases(FILE).texts) < 10


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_separators_line_ends_and_bom(written, separator, end, bom):
    rows = ["Positive|Text", "1|всё  хорошо ", "0|всё плохо", "", "1|да"]
    phrases = read_phrases(written(bom + end.join(rows).replace("|", separator)))
    assert phrases.texts == ["всё хорошо", "всё плохо", "да"]
    assert phrases.labels.tolist() == [1, 0, 1]


@pytest.mark.parametrize("label", ["1", "true", "TRUE", "Yes", "да", "Да"])
def test_positive_labels(written, label):
    assert read_phrases(written(f"text,positive\nfine,{label}\n")).labels.tolist() == [
        1
    ]


@pytest.mark.parametrize("label", ["0", "false", "False", "no", "нет", "не"])
def test_negative_labels(written, label):
    assert read_phrases(written(f"text,positive\npoor,{label}\n")).labels.tolist() == [
        0
    ]


def test_quoted_text_and_a_repeated_phrase(written):
    path = written('text,positive\n"well, well",1\n"well, well",1\n')
    assert read_phrases(path).texts == ["well, well"]


@given(
    st.dictionaries(
        st.text("абв xyz,;", min_size=1)
        .map(lambda text: " ".join(text.split()))
        .filter(bool),
        st.booleans(),
        min_size=1,
    )
)
def test_what_is_written_is_read(tmp_path_factory, phrases):
    path = tmp_path_factory.mktemp("phrases") / "own.csv"
    rows = [f'"{text}",{int(label)}' for text, label in phrases.items()]
    path.write_text("\n".join(["text,positive", *rows]), encoding="utf-8")
    read = read_phrases(path)
    assert read.texts == list(phrases)
    assert read.labels.tolist() == [int(label) for label in phrases.values()]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,positive\nfine,1\nodd,maybe\n", r"line 3: the label 'maybe'"),
        ("text,positive\nfine,\n", r"line 2: the label ''"),
        ("text,label\nfine,1\n", r"no column positive; .*text, label"),
        ("fine,1\npoor,0\n", "no column positive and no column text"),
        ("text,positive\n  ,1\n", "line 2: the text is empty"),
        ("text,positive\nso so,1\nso  so,0\n", "line 3: 'so so' stood above"),
        ("text,positive\nwell, well,1\n", "line 2: 2 fields were expected"),
        ("text,positive\nfine\n", "line 2: 2 fields were expected, but there are 1"),
        ('text,positive\n"fine,1\n', "not a row of a CSV file"),
        ("text,positive\n", "holds no such phrase"),
        ("", "is empty"),
        ("\n \n", "holds no text"),
        ("text,positive\nхорошо,1\n".encode("cp1251"), "not encoded in utf-8"),
        ("text,positive\nfine,1\n".encode("utf-16"), "looks like utf-16"),
        ("text,positive\nfi\0ne,1\n", "is not a text file, or is damaged"),
        ("text,text,positive\nfine,good,1\n", "has several columns text"),
        ("text,positive\nfine," + "b" * 100_000, "line 2: the label 'bbb"),
        ("text,positive\n" + "b" * 200_000 + ",1", "line 2: not a row of a CSV"),
        ("b" * 100_000 + "\nfine,1\n", "no column positive and no column text"),
        ("<html><body>text,positive</body>", "is a web page"),
        ("version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ],
    ids=[
        *("unknown label", "no label", "other names", "no names", "no text"),
        *("two labels", "comma", "one field", "quote", "names only", "empty", "blank"),
        *("cp1251", "utf-16", "zero byte", "column twice", "long label", "long text"),
        *("long name", "web page", "pointer"),
    ],
)
def test_bad_files_give_one_clear_error(written, content, message):
    path = written(content)
    with pytest.raises(DataError, match=message) as caught:
        read_phrases(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "encoding=" not in str(caught.value)  # the reader has no such argument
    assert len(str(caught.value)) < 500


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(DataError, match="There is no file"):
        read_phrases(tmp_path / "none.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_phrases(tmp_path)


def test_unknown_language_or_split():
    with pytest.raises(ValueError, match="language must be one of bg, en, ru"):
        read_phrases(FILE, language="fr")
    with pytest.raises(ValueError, match="split must be one of test, train"):
        read_phrases(FILE, split="validation")


def test_column_that_is_asked_for_must_exist(written):
    with pytest.raises(DataError, match="no column language"):
        read_phrases(written("text,positive\nfine,1\n"), language="en")
