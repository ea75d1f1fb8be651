"""Kneser–Ney counts: the most that counting can say about the next token.

The tokens are characters or words, as integers. A model looks at the few tokens before
a place, its *context*. The counts of a long context are small. So each of them gives a
little, the *discount*, to the next shorter context. A shorter context counts something
else (Kneser and Ney, 1995): not how often a token came after it, but behind how many
*different* tokens both stood together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_utils._arguments import numbers, shown, whole_number

DISCOUNTS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


class KneserNey:
    """Interpolated Kneser–Ney counts of a text, for contexts of every length at once.

    To count is to sort: a novel of 700,000 characters, with up to 8 before each, takes
    a second or two.
    """

    def __init__(self, ids: np.ndarray, vocabulary: int, longest: int):
        """Count.

        Args:
            ids: (tokens,), the text to learn from, with values in 0 … vocabulary - 1.
                Put several texts one behind the other, with a token between them.
            vocabulary: how many different tokens there may be.
            longest: the most tokens of a context; the text has more.

        Raises:
            ValueError: if the text is too short, or a number is out of range.
        """
        self.vocabulary = whole_number("vocabulary", vocabulary, 1, 2**31)
        self.longest = whole_number("longest", longest, 0)
        ids = self._checked(ids)
        if len(ids) <= self.longest:
            raise ValueError(
                f"ids must hold more than longest = {self.longest} tokens, got "
                f"{len(ids)}"
            )
        # A gram is a context and the token after it. The grams of a size are numbered
        # in the order of their keys: number of the context * vocabulary + token.
        self._keys: list[np.ndarray] = []
        self._often: list[_Counts] = []  # how often a gram came
        self._kinds: list[_Counts] = []  # behind how many different tokens
        grams = np.zeros(len(ids) + 1, "int64")  # before size 0: one empty context
        for size in range(self.longest + 1):
            keys, first, number, often = np.unique(
                grams[:-1] * self.vocabulary + ids[size:],
                return_index=True,
                return_inverse=True,
                return_counts=True,
            )
            if size:  # the end of each gram stood behind one more token
                kinds = np.bincount(grams[first + 1], minlength=len(self._keys[-1]))
                self._kinds.append(self._summed(size - 1, kinds))
            self._keys.append(keys)
            self._often.append(self._summed(size, often))
            grams = number

    def probabilities(self, ids: np.ndarray, discount: float) -> np.ndarray:
        """Return what the counts give each token of a text, before it is read.

        Args:
            ids: (tokens,), any text of the same tokens.
            discount: above 0 and at most 1; see ``tune``.

        Returns:
            float64, (longest + 1, tokens): row n has the probabilities after the n
            tokens before, or after all there are, near the beginning.
        """
        ids, discount = self._checked(ids), _share("discount", discount)
        p = np.empty((self.longest + 1, len(ids)))
        shorter = np.full(len(ids), 1 / self.vocabulary)
        gram = np.zeros(len(ids) + 1, "int64")
        for size in range(self.longest + 1):
            context = gram[:-1]
            gram = self._find(size, context, ids[size:])
            p[size, :size] = p[size - 1, :size]
            p[size, size:] = self._often[size].mix(context, gram, shorter, discount)
            if size < self.longest:
                shorter = self._kinds[size].mix(context, gram, shorter, discount)[1:]
        return p

    def after(self, context: Sequence[int], discount: float) -> np.ndarray:
        """Return the probability of every token after a context, (vocabulary,).

        Args:
            context: the tokens before; the last ``longest`` of them count.
            discount: above 0 and at most 1.
        """
        ids, discount = self._checked(context), _share("discount", discount)
        ids = ids[max(0, len(ids) - self.longest) :]
        tokens = np.arange(self.vocabulary)
        p = np.full(self.vocabulary, 1 / self.vocabulary)
        for size in range(len(ids) + 1):
            number = np.zeros(self.vocabulary, "int64")
            for shorter, token in enumerate(ids[len(ids) - size :]):
                number = self._find(shorter, number, token)
            gram = self._find(size, number, tokens)
            counts = self._often if size == len(ids) else self._kinds
            p = counts[size].mix(number, gram, p, discount)
        return p

    def _summed(self, size: int, grams: np.ndarray) -> _Counts:
        """Sum up what was counted for each gram of a size, by its context."""
        context = self._keys[size] // self.vocabulary
        contexts = len(self._keys[size - 1]) if size else 1
        totals = np.bincount(context, grams, contexts)
        return _Counts(grams, totals, np.bincount(context, grams > 0, contexts))

    def _find(self, size: int, context: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """Return the numbers of grams by their contexts and last tokens, -1 if new."""
        keys = self._keys[size]
        wanted = context * self.vocabulary + tokens
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where((context >= 0) & (keys[place] == wanted), place, -1)

    def _checked(self, ids: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return one text of tokens that there may be."""
        ids = numbers("ids", ids, whole=True).astype("int64")
        if ids.ndim != 1:
            raise ValueError(f"ids must be one text, got the shape {ids.shape}")
        if len(ids) and not 0 <= ids.min() <= ids.max() < self.vocabulary:
            raise ValueError(
                f"ids must be in 0 … {self.vocabulary - 1}, got {ids.min()} to "
                f"{ids.max()}"
            )
        return ids


def tune(
    ids: np.ndarray,
    vocabulary: int,
    longest: int,
    discounts: Sequence[float] = DISCOUNTS,
    share: float = 0.1,
) -> tuple[float, int]:
    """Choose the discount and the length of the context within the training text.

    Args:
        ids: (tokens,), the training text. Its last part chooses; the counts are made
            on the rest.
        vocabulary: how many different tokens there may be.
        longest: the most tokens of a context.
        discounts: those to choose from.
        share: how large the last part is.

    Returns:
        discount, and tokens of the context, at which the last part is least surprising.
    """
    cut = round(len(ids) * (1 - _share("share", share)))
    counts = KneserNey(ids[:cut], vocabulary, longest)
    bits = [
        -np.log2(counts.probabilities(ids[cut:], discount)).mean(axis=1)
        for discount in discounts
    ]
    row, size = divmod(int(np.argmin(bits)), longest + 1)
    return discounts[row], size


def _share(name: str, value: float) -> float:
    """Return a number above 0 and at most 1, or say that it is not."""
    if not isinstance(value, int | float | np.number) or not 0 < value <= 1:
        raise ValueError(f"{name} must be above 0 and at most 1, got {shown(value)}")
    return float(value)


class _Counts(NamedTuple):
    """What is counted for grams of one size."""

    grams: np.ndarray  # of each gram
    totals: np.ndarray  # of each context: the sum of its grams
    kinds: np.ndarray  # of each context: how many of them are not 0

    def mix(
        self,
        context: np.ndarray,
        gram: np.ndarray,
        shorter: np.ndarray,
        discount: float,
    ) -> np.ndarray:
        """Return probabilities: what the counts say, and what shorter contexts say.

        ``context`` and ``gram`` are numbers, -1 for what was never seen.
        """
        total = np.where(context < 0, 0, self.totals[context])
        kept = np.where(gram < 0, 0, np.maximum(self.grams[gram] - discount, 0))
        given = discount * self.kinds[context] * shorter
        return np.where(total > 0, (kept + given) / np.maximum(total, 1), shorter)
