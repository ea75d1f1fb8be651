"""Hash the 25,000 real training reviews: ours, scikit-learn's, and a stored list."""

from functools import partial

from pairs import compare, write
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from course_utils.datasets.fetch import real_path
from course_utils.datasets.reviews import read_reviews
from course_utils.text import hashed_counts, tokenize

DIMENSIONS = 2**18


def main() -> None:
    """Compare, and write the record."""
    texts, _ = read_reviews(real_path("reviews"), "train")
    hashing = partial(HashingVectorizer, n_features=DIMENSIONS, norm=None)
    same_words = {"tokenizer": tokenize, "token_pattern": None, "lowercase": False}
    pairs = [
        compare(
            "hashed_counts",
            lambda: hashed_counts(texts, DIMENSIONS, signed=True),
            name,
            lambda peer=peer: peer.fit_transform(texts),
        )
        for name, peer in {
            "HashingVectorizer": hashing(),
            "HashingVectorizer, same tokens": hashing(**same_words),
            "CountVectorizer, same tokens": CountVectorizer(**same_words),
        }.items()
    ]
    what = f"{len(texts):,} real reviews into {DIMENSIONS:,} buckets"
    write("hashing", {"what": what, "pairs": pairs})


if __name__ == "__main__":
    main()
