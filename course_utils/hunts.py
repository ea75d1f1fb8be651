"""Bug hunts: programs that run, look plausible, and are wrong in a few places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from course_utils.exercises import Hint, in_place_of
from course_utils.unseen import expect_same, faulty, references

__all__ = ["hunt"]


class Fault(NamedTuple):
    """A fault of a program.

    Attributes:
        name: the function that is wrong.
        inputs: yields arguments, on some of which right and wrong differ.
        effect: a number that the fault changes, of the function.
        said: what the number is, a sentence with {before} and {now}.
        hints: three, from where to look to what to write.
    """

    name: str
    inputs: Callable[[np.random.Generator], Iterator[tuple]]
    effect: Callable[[Callable], float]
    said: str
    hints: tuple[str, str, str]


def hunt(number: int, *functions: Callable, hint: int = 0) -> None:
    """Say which faults are repaired, with the effect of each, and how many are left.

    Args:
        number: of the hunt.
        functions: those of the notebook that may be wrong.
        hint: 0 for none, 1 to 3 for a hint to the first fault that is left.

    Raises:
        ValueError: if there is no such hunt, or hint is not 0 to 3.
        Hint: if faults are left.
    """
    if number not in HUNTS:
        raise ValueError(f"number must be one of {[*HUNTS]}, got {number}")
    if hint not in range(4):
        raise ValueError(f"hint must be 0, 1, 2 or 3, got {hint}")
    yours = {function.__name__: function for function in functions}
    left = []
    for fault in HUNTS[number]:
        try:
            print(repaired(number, fault, yours[fault.name]))
        except Hint:
            left.append(fault)
    if left:
        count = len(HUNTS[number])
        more = " For a hint to one of them, write hint=1, 2 or 3." if not hint else ""
        if hint:
            more = f" Hint {hint}: {left[0].hints[hint - 1]}"
        raise Hint(f"{len(left)} of {count} faults are left.{more}")
    print("No fault is left.")


def repaired(number: int, fault: Fault, function: Callable) -> str:
    """Return a sentence on the effect of a repair.

    Raises:
        Hint: if the function is not what it should be.
    """
    of = f"hunt_{number}"
    right = references(of)
    others = {name: right[name] for name in right if name != fault.name}
    with in_place_of(function.__globals__, others):
        for arguments in fault.inputs(np.random.default_rng(0)):
            expect_same(function, right[fault.name], arguments)
        now = fault.effect(function)
    before = fault.effect(faulty(of)[fault.name])
    said = fault.said.format(before=f"{before:.3g}", now=f"{now:.3g}")
    return f"Repaired, {fault.name}: {said}"


def _texts(rng: np.random.Generator, count: int) -> list[str]:
    words = ["Good", "film", "bad", "the", "end", "not", "it's", "a", "fine", "plot"]
    signs = ["", "", ",", "!", "."]
    return [
        " ".join(
            str(rng.choice(words)) + str(rng.choice(signs))
            for _ in range(int(rng.integers(0, 9)))
        )
        for _ in range(count)
    ]


def _each_text(rng):
    for text in [*_texts(rng, 9), 'A "b" (c)? 2nd café']:
        yield (text,)


def _indexed(rng):
    index = {"film": 2, "good": 1, "the": 3, "end": 4}
    for maxlen in (1, 3, 9):
        yield _texts(rng, 6), index, maxlen


def _shares(rng):
    for maxlen, num_words in ((1, 3), (6, 5), (4, 9)):
        x = rng.integers(0, num_words, (5, maxlen))
        x[0] = 0
        yield x, num_words


def _series(rng):
    for length, first in ((9, 4), (30, 22)):
        yield rng.normal(2, 3, length), first


def _windows(rng):
    for length, size in ((4, 1), (12, 5), (30, 29)):
        yield rng.normal(size=length), size


def _splits(rng):
    for n, first in ((8, 7), (30, 20)):
        yield rng.normal(size=(n, 3, 1)), rng.normal(size=n), np.arange(4, n + 4), first


def _elman(rng):
    for n, steps, features, units in ((1, 1, 1, 2), (3, 5, 2, 4)):
        shapes: list[tuple] = [
            (n, steps, features),
            (features, units),
            (units, units),
            (units,),
        ]
        x, *weights = (rng.normal(size=shape) for shape in shapes)
        yield x, weights


def _tables(rng):
    for rows, columns, train in ((9, 2, 5), (30, 4, 20)):
        yield rng.normal(3, 2, (rows, columns)), train


def _forecasts(rng):
    for rows, column, lookback, delay in ((9, 0, 3, 1), (20, 2, 1, 4), (30, 1, 6, 5)):
        yield rng.normal(size=(rows, 3)), column, lookback, delay


def _lstm(rng):
    for n, features, units in ((1, 1, 1), (4, 3, 2)):
        shapes: list[tuple[int, ...]] = [(n, features), (n, units), (n, units)]
        shapes += [(features, 4 * units)]
        shapes += [(units, 4 * units), (4 * units,)]
        yield tuple(rng.normal(size=shape) for shape in shapes)


def _naive(rng):
    for n, steps, features in ((1, 2, 1), (20, 5, 3)):
        x, y = rng.normal(size=(n, steps, features)), rng.normal(size=n)
        yield x, y, features - 1, rng.uniform(1, 9, features)


def _pieces(rng):
    for length, steps in ((5, 2), (13, 4), (12, 4), (21, 5)):
        yield rng.integers(0, 50, length), steps


def _reading(rng):
    for rows, steps, units in ((1, 3, 2), (4, 5, 3)):
        weights = rng.normal(size=(6, units)), rng.normal(size=(units, units))
        yield rng.integers(0, 6, (rows, steps)), (*weights, rng.normal(size=units))


def _surprises(rng):
    for shape in ((1, 1), (3, 4)):
        yield rng.dirichlet(np.ones(5), shape), rng.integers(0, 5, shape)


def _logits(rng):
    for shape in ((3,), (4, 6)):
        for temperature in (0.2, 1.0, 3.0):
            yield rng.normal(0, 3, shape), temperature


def _state_before(read: Callable) -> float:
    """Return how much the end of the first row matters for the second one."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(6, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
    first, second = (read(np.array([[1, last], [2, 3]]), weights) for last in (1, 4))
    return float(np.abs(first[1] - second[1]).max())


def _no_window_knows(make_windows: Callable) -> float:
    windows, targets, *_ = make_windows(np.arange(30.0), 5)
    return float((windows[:, :, 0] == targets[:, np.newaxis]).any(axis=1).mean())


def _rows_to_target(make_windows: Callable) -> float:
    rows = np.arange(40.0)[:, np.newaxis]
    windows, targets = make_windows(rows, 0, 6, 4)
    return float((targets - windows[:, -1, 0]).mean())


SERIES = np.concatenate([np.zeros(8), np.ones(8), 9 * np.ones(4)])

HUNTS: dict[int, tuple[Fault, ...]] = {
    1: (
        Fault(
            "tokenize",
            _each_text,
            lambda f: len(set(f("Good! good, good. Good"))),
            "Good! good, good. were {before} words, and are {now}.",
            (
                "Print the words of one review. Are they words?",
                "Is 'film.' another word than 'film'?",
                "split() cuts at white space only. A pattern finds runs of letters.",
            ),
        ),
        Fault(
            "make_index",
            lambda rng: ((_texts(rng, 7), _texts(rng, 7), n) for n in (3, 6, 30)),
            lambda f: len(f(["a b"], ["b c d e"], 99)) - 2,
            "words that stand in the test alone had {before} indices, and have {now}.",
            (
                "What may a program know before it is tested?",
                "Which texts choose the words of the vocabulary?",
                "Count the words of `train` alone.",
            ),
        ),
        Fault(
            "encode",
            _indexed,
            lambda f: float((f(["zebra yak emu"], {"the": 1}, 3) == 1).sum()),
            "of three unknown words, {before} became the most frequent one, now {now}.",
            (
                "What happens to a word that is not in the index?",
                "Which word has the index 1?",
                "Leave unknown words out: `if word in index`, before you cut.",
            ),
        ),
        Fault(
            "word_shares",
            _shares,
            lambda f: float(f(np.array([[0, 0, 0, 1]]), 2)[0, 1]),
            "the only word of a review had the share {before}, and has {now}.",
            (
                "A short review and a long one: what do their vectors add up to?",
                "Which column counts what is no word?",
                "Set column 0 of the counts to 0, then divide by the words left.",
            ),
        ),
    ),
    2: (
        Fault(
            "standardize",
            _series,
            lambda f: float(f(SERIES, 16)[:16].mean()),
            "the mean of the training part was {before}, and is {now}.",
            (
                "Which values may the scale depend on?",
                "The argument first_test is not used.",
                "Take mean and std of series[:first_test].",
            ),
        ),
        Fault(
            "make_windows",
            _windows,
            _no_window_knows,
            "the share of windows that hold their own target was {before}, now {now}.",
            (
                "Print the first window and its target for a series 0, 1, 2, …",
                "What is the last value of a window?",
                "The window ends one step before its target: np.arange(-size, 0).",
            ),
        ),
        Fault(
            "split",
            _splits,
            lambda f: float(
                f(np.zeros((40, 1, 1)), np.arange(40), np.arange(40), 30)[1].max()
            ),
            "the latest target that trains was step {before}, and is step {now} of 29.",
            (
                "Does every training target come before every test target?",
                "What does the order of the windows mean, and who changes it?",
                "steps < first_test says which ones train. No permutation.",
            ),
        ),
        Fault(
            "last_state",
            _elman,
            lambda f: float(
                f(
                    np.ones((1, 2, 1)),
                    (np.eye(1, 2), np.eye(2, k=1), np.zeros(2)),
                )[0, 1]
            ),
            "with W from unit 0 to unit 1, unit 1 was {before}, and is {now}.",
            (
                "Compare the loop with its formula, sign by sign.",
                "The states are rows. On which side does W stand, and how?",
                "It is h @ W, without the transpose.",
            ),
        ),
    ),
    3: (
        Fault(
            "standardize",
            _tables,
            lambda f: float(f(SERIES[:, np.newaxis], 16)[0][:16].mean()),
            "the mean of the training rows was {before}, and is {now}.",
            (
                "Which rows may the scale depend on?",
                "The argument train_rows is not used.",
                "Take mean and std of values[:train_rows], axis 0.",
            ),
        ),
        Fault(
            "make_windows",
            _forecasts,
            _rows_to_target,
            "asked for 4, the target stood {before} rows after its window, now {now}.",
            (
                "How far is it from the last row of a window to its target?",
                "Try data whose values are their own row numbers.",
                "The last row that a window shows is `now`: nothing is added to it.",
            ),
        ),
        Fault(
            "lstm_step",
            _lstm,
            lambda f: float(
                f(
                    np.zeros((1, 1)),
                    np.zeros((1, 1)),
                    np.ones((1, 1)),
                    np.zeros((1, 4)),
                    np.zeros((1, 4)),
                    np.array([-9.0, 9, 0, 9]),
                )[1][0, 0]
            ),
            "with f open and i shut, a carry of 1 became {before}, and becomes {now}.",
            (
                "Open one gate by its bias, shut the others. What stays?",
                "Which gate keeps the carry, and which one writes?",
                "It is sigmoid(f) * c + sigmoid(i) * np.tanh(k).",
            ),
        ),
        Fault(
            "naive_error",
            _naive,
            lambda f: f(
                np.arange(6.0).reshape(1, 6, 1), np.array([6.0]), 0, np.ones(1)
            ),
            "for 0 to 5 and the target 6, the error was {before}, and is {now} °C.",
            (
                "A rival that is too weak flatters the network.",
                "Which row of the window is now?",
                "The oldest row stands first: take x[:, -1, column].",
            ),
        ),
    ),
    4: (
        Fault(
            "pieces",
            _pieces,
            lambda f: float(
                (np.diff([a.ravel() for a in f(np.arange(13), 4)], axis=0) != 1).sum()
            ),
            "of 12 targets, {before} were not the next character, now {now}.",
            (
                "Look at the last target of each row.",
                "np.roll brings the first character of a row to its end.",
                "Shift the text by one, then cut: indices[1 : used + 1].",
            ),
        ),
        Fault(
            "read",
            _reading,
            _state_before,
            "an earlier row moved the next states by {before}, now by {now}.",
            (
                "What does the network know at the beginning of a row?",
                "Where is h set to 0, and how often?",
                "Set h before the loop over rows, not in it.",
            ),
        ),
        Fault(
            "bits_per_character",
            _surprises,
            lambda f: f(np.full((1, 1, 8), 1 / 8), np.zeros((1, 1), int)),
            "one of 8 equal characters had {before} bits, and has {now}.",
            (
                "How many bits does one of 8 equally likely characters have?",
                "In which unit does np.log measure?",
                "Use np.log2.",
            ),
        ),
        Fault(
            "softmax",
            _logits,
            lambda f: float(f(np.array([2.0, 0.0]), 0.2)[0]),
            "at T = 0.2, the likelier of two had the probability {before}, now {now}.",
            (
                "Compare the probabilities at two temperatures.",
                "What does a division of all probabilities by T change, after a sum?",
                "Divide the logits by T, before the exponential.",
            ),
        ),
    ),
}
