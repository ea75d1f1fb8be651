"""The strongest simple rivals that we know, beside which the networks stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

STRENGTHS = (1, 10, 100)  # C of the regression; the held-out texts choose


def fit_counter(
    tokens: Sequence[list[str]],
    labels: np.ndarray,
    held_out: Sequence[list[str]],
    held_out_labels: np.ndarray,
    longest: int = 2,
) -> Pipeline:
    """Fit a logistic regression on runs of words, weighted by TF-IDF.

    It knows the order of words inside a run, and nothing of the order of the runs.

    Args:
        tokens: the words of each text.
        labels: 0 or 1, (texts,).
        held_out: the words of the texts that choose the strength of the penalty.
        held_out_labels: theirs.
        longest: words of the longest run that is counted.

    Returns:
        a pipeline of scikit-learn; ``predict_proba`` takes lists of words.
    """
    vectorizer = TfidfVectorizer(
        tokenizer=list,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, longest),
        min_df=2,
        sublinear_tf=True,
    )
    x, x_held_out = vectorizer.fit_transform(tokens), vectorizer.transform(held_out)
    fits = [
        LogisticRegression(C=strength, solver="liblinear").fit(x, labels)
        for strength in STRENGTHS
    ]
    best = max(fits, key=lambda fitted: fitted.score(x_held_out, held_out_labels))
    return make_pipeline(vectorizer, best)
