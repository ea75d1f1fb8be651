"""Inputs of other shapes and kinds for the tasks of the exercises.

An entry of ``INPUTS`` yields the arguments of a task, the small ones first: an answer
must give what the course's answer gives. An entry of ``PROPERTIES`` is for answers that
are not unique, such as random ones and models: it looks at what they do.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.hints import Hint, expect
from course_utils.unseen import call, difference, expect_same, references

# What computes the truth of a check: no part of an answer.
NOT_ALLOWED = {
    ("05", "elman_states"): {"elman"},
    ("05", "backward"): {"moved_gradients", "numerical_gradient"},
    ("06", "last_state"): {"keras_state", "keras"},
    ("07", "lstm_step"): {"keras_step", "keras"},
    ("07", "gru_step"): {"keras_step", "keras"},
    ("08", "both_ways"): {"layer", "Bidirectional"},
}

Inputs = Callable[[np.random.Generator], Iterator[tuple]]
Property = Callable[[Callable, Callable, np.random.Generator], None]
INPUTS: dict[tuple[str, str], Inputs] = {}
PROPERTIES: dict[tuple[str, str], Property] = {}

WORDS = ["the", "a", "cat", "dog", "sat", "on", "mat", "rain", "and", "more", "good"]
WORDS += ["bad", "film", "end", "zoo", "apple"]


def _inputs(of: str, name: str) -> Callable[[Inputs], Inputs]:
    """Register what yields arguments of a task."""
    return lambda function: INPUTS.setdefault((of, name), function)


def _property(of: str, name: str) -> Callable[[Property], Property]:
    """Register what looks at an answer of a task."""
    return lambda function: PROPERTIES.setdefault((of, name), function)


def _words(rng: np.random.Generator, count: int) -> list[str]:
    return [str(word) for word in rng.choice(WORDS, count)]


def _index(rng: np.random.Generator, count: int) -> dict[str, int]:
    """Return indices 1, 2, … of some words, in any order."""
    words = [str(word) for word in rng.permutation(WORDS)[:count]]
    return {words[i]: int(i) + 1 for i in rng.permutation(count)}


# Lesson 01


@_inputs("01", "count_words")
def _(rng):
    for text in (
        'Why? Because! No; yes: (no) "yes" [no]',
        "3 dogs, 2nd of 10. DOG dog's",
        "a\tb\nA  b\n",
        "well-known crème brûlée, Été",
    ):
        yield (text,)


@_inputs("01", "build_index")
def _(rng):
    yield {"zoo": 1, "dog": 1, "a": 1, "cat": 2}, 9
    yield {"zoo": 3, "dog": 3, "a": 3}, 2
    yield {"only": 1}, 1
    for size in (4, 8, 12):
        counts = {word: int(rng.integers(1, 4)) for word in _index(rng, size)}
        yield counts, size - 2


@_inputs("01", "one_hot")
def _(rng):
    yield ["cat"], {"cat": 1}
    for size in (2, 5, 9):
        index = _index(rng, size)
        yield [*_words(rng, 6), *index, "unknown"], index


@_inputs("01", "gigabytes")
def _(rng):
    yield 3, 7, 11, 1
    yield 50_000, 256, 8_185
    for _ in range(3):
        yield (*(int(size) for size in rng.integers(1, 9_999, 3)), 2)


# Lesson 02


@_inputs("02", "bucket")
def _(rng):
    for word in ("cat", "The", "the", "naïve", "Дом", "x1"):
        for columns in (1, 3, 7, 1_000, 2**20):
            yield word, columns


@_inputs("02", "share_colliding")
def _(rng):
    yield ["cat"], 1
    yield [], 3
    for columns in (2, 5, 9, 16, 40):
        yield _words(rng, 12), columns


@_inputs("02", "columns_needed")
def _(rng):
    yield 1, 0.01
    yield 1_555, 0.9
    for n in rng.integers(2, 4_000, 12):
        yield int(n), float(rng.uniform(0.02, 0.95))


@_inputs("02", "hashed_bag")
def _(rng):
    yield ["cat  dog\n the"], 1, True
    for columns in (3, 10, 64):
        texts = [" ".join(_words(rng, size)) for size in (0, 1, 9, 30)]
        yield texts, columns
        yield texts, columns, True


@_inputs("02", "find")
def _(rng):
    for columns in (3, 8, 64, 2**16):
        for _ in range(3):
            texts = [" ".join(_words(rng, 6)) for _ in range(7)]
            yield " ".join(_words(rng, 3)), texts, columns


# Lesson 03


@_inputs("03", "encode")
def _(rng):
    for maxlen in (1, 2, 5, 12):
        index = {word: 2 * i for word, i in _index(rng, 7).items()}
        yield [_words(rng, size) for size in (0, 1, 3, 9)], index, maxlen


@_inputs("03", "mean_vectors")
def _(rng):
    for dim, dtype in ((1, "float64"), (3, "float32"), (5, "int64")):
        table = (rng.normal(size=(6, dim)) * 9).astype(dtype)
        x = rng.integers(0, 6, (4, 3)) * rng.integers(0, 2, (4, 3))
        yield x, table
        yield rng.integers(1, 6, (2, 7)), table
        yield np.array([[1, 0, 2], [0, 3, 0]]), table  # padding in any place


@_inputs("03", "table_gradient")
def _(rng):
    for samples, maxlen, dim, words in ((1, 1, 1, 2), (4, 2, 3, 5), (2, 6, 5, 9)):
        x = rng.integers(0, words, (samples, maxlen))
        yield x, rng.normal(size=(samples, maxlen, dim)), words
        yield x, rng.integers(-3, 4, (samples, maxlen, dim)), words


@_inputs("03", "nearest")
def _(rng):
    for dim, size, k in ((2, 4, 1), (3, 9, 5), (6, 12, 11)):
        index = _index(rng, size)
        table = rng.normal(size=(size + 3, dim)) * rng.uniform(0.1, 9, (size + 3, 1))
        table[0] = 0
        for word in list(index)[:3]:
            yield word, index, table, k


@_property("03", "build_classifier")
def _(answer, reference, rng):
    for arguments in ((7, 1, 0.02), (12, 5, 0.001)):
        x = rng.integers(0, arguments[0], (6, 5))
        x[:, -1] = 1
        y = np.array([[0], [1], [1], [0], [1], [1.0]])
        _same_model(answer, reference, arguments, x, y, rng)


# Lesson 04


@_inputs("04", "parse_line")
def _(rng):
    yield "a 1", 1
    yield "слово -1 2.5 1e-3 0\n", 4
    yield "New York City 7 8", 2
    yield "1 2 3 4", 3
    yield "", 2
    yield "x 1 2 y", 2


@_inputs("04", "fill_matrix")
def _(rng):
    for dim, size, rows in ((1, 3, 3), (4, 9, 6), (3, 8, 20)):
        index = _index(rng, size)
        known = ["other", *(word for word in index if rng.random() < 0.7)]
        yield index, {w: rng.normal(size=dim).astype("float32") for w in known}, rows


@_inputs("04", "coverage")
def _(rng):
    for dim, rows in ((1, 5), (3, 12), (2, 30)):
        matrix = rng.integers(-1, 2, (rows, dim)) * rng.integers(0, 2, (rows, 1))
        matrix = matrix.astype("float32")
        matrix[1, :2] = [1, -1][:dim]  # its sum may be 0, and it is covered
        x = rng.integers(0, rows, (4, 7)) * rng.integers(0, 2, (4, 7))
        x[0, 0] = 1
        yield x, matrix


@_inputs("04", "analogy")
def _(rng):
    for dim, size in ((2, 5), (3, 9), (5, 14)):
        index = _index(rng, size)
        matrix = rng.normal(size=(size + 1, dim)) * rng.uniform(0.01, 2, (size + 1, 1))
        matrix[0] = 0
        a, b, c, blank = list(index)[:4]
        matrix[index[blank]] = 0
        for words in ((a, b, c), (c, a, b), (b, c, a)):
            yield (*words, index, matrix.astype("float32"))


@_property("04", "build_frozen")
def _(answer, reference, rng):
    for shape in ((5, 1), (9, 6)):
        matrix = rng.normal(size=shape).astype("float32")
        model = answer(matrix.copy())
        table = np.asarray(model.get_weights()[0])
        expect(np.allclose(table, matrix), "With another matrix, the table is not it.")
        x = rng.integers(1, shape[0], (6, 4))
        y = np.array([[0], [1], [1], [0], [1], [1.0]])
        _same_model(answer, reference, (matrix,), x, y, rng)


# Lesson 05


def _weights(rng: np.random.Generator, features: int, units: int) -> tuple:
    shapes = (features, units), (units, units), (units,)
    return tuple(rng.normal(0, 0.6, shape) for shape in shapes)


SIZES = ((1, 1, 1, 1), (2, 3, 1, 4), (3, 5, 4, 2), (5, 2, 2, 3))


@_inputs("05", "elman_step")
def _(rng):
    for samples, _, features, units in SIZES:
        x, h = rng.normal(size=(samples, features)), rng.normal(size=(samples, units))
        yield x, h, _weights(rng, features, units)


@_inputs("05", "elman_states")
def _(rng):
    for samples, steps, features, units in SIZES:
        x = rng.normal(size=(samples, steps, features))
        yield x, _weights(rng, features, units)


@_inputs("05", "cross_entropy")
def _(rng):
    for samples, classes, scale in ((1, 2, 1), (4, 3, 5), (3, 6, 2_000), (6, 2, 30)):
        scores = rng.normal(0, scale, (samples, classes))
        yield scores, rng.integers(0, classes, samples)


@_inputs("05", "backward")
def _(rng):
    for _, steps, features, units in (*SIZES, (1, 7, 2, 5)):
        x, weights = rng.normal(size=(steps, features)), _weights(rng, features, units)
        states = [np.zeros(units)]
        for row in x:
            states.append(
                np.tanh(row @ weights[0] + states[-1] @ weights[1] + weights[2])
            )
        yield rng.normal(size=(steps, units)), x, np.array(states), weights


@_inputs("05", "clip_by_norm")
def _(rng):
    for shapes in (((3,),), ((2, 2), (4,), ()), ((2, 3, 2), (1,), (5, 1))):
        arrays = [np.asarray(rng.normal(0, 2, shape)) for shape in shapes]
        for limit in (0.01, 1.0, 3, 1e3):
            yield arrays, limit


# Lesson 06


@_inputs("06", "count_parameters")
def _(rng):
    for features, units in ((1, 2), (2, 1), (7, 5), (32, 32)):
        yield features, units
        yield features, units, False


@_inputs("06", "last_state")
def _(rng):
    for samples, steps, features, units in SIZES:
        x = rng.normal(size=(samples, steps, features))
        weights = list(_weights(rng, features, units))
        yield weights, x, np.ones((samples, steps), bool)
        yield weights, x, rng.random((samples, steps)) < 0.5


@_inputs("06", "make_windows")
def _(rng):
    yield np.array([3.0, 1.0]), 1
    for size, ahead, length in ((1, 1, 5), (2, 4, 9), (5, 2, 7), (3, 6, 30)):
        yield rng.normal(size=length), size, ahead


@_inputs("06", "split_windows")
def _(rng):
    for size, ahead, length, cut in ((1, 1, 6, 4), (3, 2, 20, 11), (2, 5, 30, 9)):
        yield rng.normal(size=length), size, ahead, cut


@_property("06", "build_stack")
def _(answer, reference, rng):
    for size, units in ((3, [2]), (5, [4, 4]), (4, [3, 5, 3]), (7, [2, 3, 4, 5])):
        x = rng.normal(size=(3, size, 1))
        _same_model(answer, reference, (size, units), x, rng.normal(size=(3, 1)), rng)


# Lesson 07


@_inputs("07", "half_life")
def _(rng):
    for f in (0.001, 0.1, 0.5, 0.731, 0.9, 0.999):
        yield (f,)


@_inputs("07", "lstm_step")
def _(rng):
    for samples, _, features, units in SIZES:
        shapes = (features, 4 * units), (units, 4 * units), (4 * units,)
        h, c = rng.normal(size=(2, samples, units))
        weights = [rng.normal(size=shape) for shape in shapes]
        yield rng.normal(size=(samples, features)), h, c, weights


@_inputs("07", "gru_step")
def _(rng):
    for samples, _, features, units in SIZES:
        shapes = (features, 3 * units), (units, 3 * units), (2, 3 * units)
        h = rng.normal(size=(samples, units))
        weights = [rng.normal(size=shape) for shape in shapes]
        yield rng.normal(size=(samples, features)), h, weights


@_property("07", "memory_weights")
def _(answer, reference, rng):
    import keras

    layer = keras.layers.LSTM(1)
    layer.build((None, None, 2))
    layer.set_weights(answer())
    x = np.zeros((12, 200, 2), "float32")
    x[..., 0] = rng.uniform(-1, 1, (12, 200))
    marks = rng.integers(0, 200, 12)
    x[range(12), marks, 1] = 1
    marked = np.sort(x[range(12), marks, 0])
    x[range(12), marks, 0] = marked
    end = keras.ops.convert_to_numpy(layer(x))[:, 0]
    once = keras.ops.convert_to_numpy(layer(x[range(12), marks][:, np.newaxis]))[:, 0]
    hint = "A mark at another step, in the middle of other numbers, is not remembered."
    expect(np.abs(end - once).max() < 0.02, hint)


@_property("07", "fair_model")
def _(answer, reference, rng):
    for kind, budget in (
        ("SimpleRNN", 4),
        ("SimpleRNN", 500),
        ("LSTM", 100),
        ("LSTM", 2_000),
        ("GRU", 60),
        ("GRU", 611),
        ("SimpleRNN", 1_300),
        ("GRU", 1_000),
    ):
        x = rng.normal(size=(2, 3, 2))
        arguments, y = (kind, budget), rng.normal(size=(2, 1))
        _same_model(answer, reference, arguments, x, y, rng)


# Lesson 08


@_inputs("08", "reverse_padded")
def _(rng):
    yield (np.array([[7]]),)
    for reviews, maxlen in ((1, 4), (5, 3), (4, 9)):
        batch = rng.integers(1, 50, (reviews, maxlen))
        for row, words in zip(batch, rng.integers(1, maxlen + 1, reviews), strict=True):
            row[: maxlen - words] = 0
        yield (batch,)


@_inputs("08", "merge")
def _(rng):
    for shape in ((2, 1), (3, 4, 2), (1, 5)):
        for mode in ("concat", "sum", "mul", "ave", None):
            yield rng.normal(size=shape), rng.normal(size=shape), mode


@_property("08", "both_ways")
def _(answer, reference, rng):
    import keras

    for kind, units, steps in (("SimpleRNN", 1, 2), ("GRU", 4, 3), ("LSTM", 2, 6)):
        layer = getattr(keras.layers, kind)
        pair = [layer(units, return_sequences=True) for _ in range(2)]
        x = rng.normal(size=(3, steps, 5)).astype("float32")
        for mode in ("concat", "mul", "ave"):
            function = _with_layers(answer, pair)
            expect_same(function, _with_layers(reference, pair), (x, mode))


def _with_layers(function: Callable, layers: list) -> Callable:
    """Return the function of x and the mode alone: layers are not to be copied."""

    def both_ways(x: np.ndarray, mode: str) -> Any:
        return function(*layers, x, mode)

    return both_ways


@_inputs("08", "count_parameters")
def _(rng):
    for features, units in ((1, 1), (4, 9), (64, 32)):
        for mode in ("concat", "sum", "ave", "mul"):
            yield features, units, mode


@_inputs("08", "ensemble")
def _(rng):
    for reviews, maxlen in ((1, 3), (4, 6)):
        batch = rng.integers(1, 9, (reviews, maxlen))
        batch[0, :-2] = 0
        weights = rng.uniform(0, 1, (maxlen, 1)) / 100

        def reader(x: np.ndarray, weights: np.ndarray = weights) -> np.ndarray:
            return x @ weights

        def reversed_reader(x: np.ndarray, weights: np.ndarray = weights) -> np.ndarray:
            return 0.3 + x @ weights[::-1] ** 2

        yield reader, reversed_reader, batch


# Lesson 09


@_inputs("09", "standardize")
def _(rng):
    for rows, columns, train in ((4, 1, 2), (30, 3, 20), (9, 5, 9)):
        yield rng.normal(5, 3, (rows, columns)), train


@_inputs("09", "wind_vector")
def _(rng):
    yield np.array([2.0]), np.array([45.0])
    yield rng.uniform(0, 20, 7), rng.uniform(0, 360, 7)
    yield np.array([1, 2, 3]), np.array([0, 120, 270])


@_inputs("09", "cut_windows")
def _(rng):
    sizes = (
        (10, 0, 10, 1, 1, 1),
        (25, 3, 22, 6, 2, 3),
        (40, 8, 40, 12, 5, 4),
        (30, 5, 21, 4, 7, 2),
        (15, 0, 15, 6, 1, 6),
    )
    for rows, start, stop, lookback, delay, step in sizes:
        data, targets = rng.normal(size=(rows, 3)), rng.normal(size=rows)
        yield data, targets, range(start, stop), lookback, delay, step


@_inputs("09", "naive_error")
def _(rng):
    for windows, steps, features in ((1, 1, 1), (5, 3, 4), (40, 6, 3)):
        x, y = rng.normal(size=(windows, steps, features)), rng.normal(size=windows)
        for column in range(features):
            yield x, y, column, float(rng.uniform(1, 9))


@_property("09", "build_gru")
def _(answer, reference, rng):
    for arguments in ((3, 1, 2, 0.0), (5, 4, 3, 0.0)):
        x = rng.normal(size=(6, *arguments[:2]))
        _same_model(answer, reference, arguments, x, rng.normal(size=(6, 1)), rng)
    for rate in (0.1, 0.5):
        gru = answer(4, 2, 3, rate).layers[-2]
        rates = (gru.dropout, gru.recurrent_dropout)
        expect(rates == (rate, rate), f"With rate={rate}, the dropouts are {rates}.")


# Lesson 10


@_inputs("10", "bits_per_character")
def _(rng):
    yield (np.log([0.125, 1]),)
    for shape in ((1,), (7,), (3, 4), (2, 3, 2)):
        yield (np.log(rng.uniform(0.01, 1, shape)),)


@_inputs("10", "bigram_table")
def _(rng):
    yield np.array([0, 0]), 1, 0.5
    for size, length, k in ((2, 5, 1), (3, 40, 0.1), (6, 30, 5), (4, 2, 2.5)):
        yield rng.integers(0, size, length), size, k


def _rows(rng: np.random.Generator) -> Iterator[tuple]:
    for length, steps in ((3, 1), (4, 3), (17, 5), (16, 5), (18, 4), (12, 11)):
        yield rng.integers(0, 90, length), steps


INPUTS["10", "shifted_rows"] = _rows


@_inputs("10", "at_temperature")
def _(rng):
    for shape in ((2,), (5,), (3, 4), (2, 3, 5)):
        p = rng.uniform(0.01, 1, shape)
        p /= p.sum(axis=-1, keepdims=True)
        for temperature in (0, 0.001, 0.3, 1.0, 2.5):
            yield p, temperature


@_property("10", "write")
def _(answer, reference, rng):
    for size, length in ((2, 1), (5, 12), (7, 30)):
        table = rng.dirichlet(np.ones(size), size)
        for start in range(2):
            came = answer(table, start, length, 0, np.random.default_rng(1))
            truth = reference(table, start, length, 0, np.random.default_rng(1))
            hint = (
                f"At T = 0, a table of {size} characters and start={start}: it writes"
            )
            right = np.array_equal(np.asarray(came), truth)
            expect(right, f"{hint} {list(came)[:9]} …, not {truth.tolist()[:9]} …")
    table = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.25, 0.25, 0.5]])
    kept = table.copy()
    for temperature in (0.4, 2.0):
        row = np.asarray(answer(table, 0, 6_000, temperature, rng))
        powers = table ** (1 / temperature)
        wanted = powers / powers.sum(axis=1, keepdims=True)
        counts = np.zeros((3, 3))
        np.add.at(counts, (row[:-1], row[1:]), 1)
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        hint = f"At T = {temperature}, the pairs are not as frequent as the table says."
        expect(np.abs(shares - wanted)[counts.sum(axis=1) > 500].max() < 0.08, hint)
    expect(np.array_equal(table, kept), "It changes the table. Work on a copy.")


# Lesson 11


@_inputs("11", "tokenize")
def _(rng):
    for text in (
        "Jalapeño, crème fraîche",
        "the 2nd 250g bag; 12 eggs",
        "1/2-inch 3/4cup a/2 2/ /3",
        '"Stir" (5 min.) & SERVE: 100%',
        "\n\t ",
        "half_and_half",
    ):
        yield (text,)


@_inputs("11", "shift")
def _(rng):
    for maxlen in (1, 3, 6):
        rows = [rng.integers(1, 90, size).tolist() for size in (1, 2, 3, 4, 7, 9)]
        yield rows, maxlen


@_inputs("11", "masked_loss")
def _(rng):
    for recipes, maxlen, words in ((1, 2, 2), (3, 4, 5), (5, 7, 9)):
        p = rng.dirichlet(np.ones(words), (recipes, maxlen))
        weights = (rng.random((recipes, maxlen)) < 0.6).astype("float32")
        weights[0, 0] = 1
        yield p, rng.integers(0, words, (recipes, maxlen)), weights


@_inputs("11", "perplexity")
def _(rng):
    for batches in (1, 3, 9):
        yield rng.uniform(0.5, 4, batches), rng.integers(1, 500, batches)


@_property("11", "draw_top_k")
def _(answer, reference, rng):
    for words, k in ((3, 1), (8, 1), (8, 3), (5, 9)):
        p = rng.dirichlet(np.ones(words), 40)
        kept = p.copy()
        best = np.argsort(-p, axis=1)[:, :k]
        for _ in range(5):
            drawn = np.asarray(answer(p, k, rng))
            expect(drawn.shape == (40,), f"40 rows give the shape {drawn.shape}.")
            inside = (best == drawn[:, np.newaxis]).any(axis=1).all()
            expect(
                inside, f"With {words} words and k={k}, it draws one not among the k."
            )
        expect(np.array_equal(p, kept), "It changes p. Work on a copy.")
    p = np.tile([0.05, 0.3, 0.15, 0.1, 0.4], (6_000, 1))
    shares = np.bincount(np.asarray(answer(p, 3, rng)), minlength=5) / 6_000
    wanted = np.array([0, 0.3, 0.15, 0, 0.4]) / 0.85
    expect(np.abs(shares - wanted).max() < 0.04, f"With k=3, the shares are {shares}.")


# Project 1


@_inputs("project_1", "make_series")
def _(rng):
    yield from ((1, 0), (7, 5), (400, 12))


@_inputs("project_1", "make_windows")
def _(rng):
    for length, size in ((2, 1), (6, 5), (30, 7)):
        yield rng.normal(size=length), size


@_inputs("project_1", "split_by_target")
def _(rng):
    for length, size, first in ((9, 1, 3), (30, 4, 12), (40, 6, 35)):
        times = np.arange(size, length)
        x, y = rng.normal(size=(length - size, size, 1)), rng.normal(size=length - size)
        yield x, y, times, first


@_property("project_1", "build_model")
def _(answer, reference, rng):
    for size in (1, 5, 9):
        x, y = rng.normal(size=(4, size, 1)), rng.normal(size=(4, 1))
        _same_model(answer, reference, (size,), x, y, rng)


@_inputs("project_1", "mean_squared_errors")
def _(rng):
    for n, size in ((1, 1), (2, 5), (30, 3)):
        windows, targets = rng.normal(size=(n, size, 1)), rng.normal(size=n)
        yield rng.normal(size=(n, 1)), windows, targets


# Project 2


def _prices(rng: np.random.Generator, days: int) -> np.ndarray:
    return 50 * np.exp(np.cumsum(rng.normal(0, 0.02, days)))


@_inputs("project_2", "log_returns")
def _(rng):
    for days in (2, 5, 40):
        yield (_prices(rng, days),)


@_inputs("project_2", "make_examples")
def _(rng):
    for days, lookback in ((3, 1), (9, 4), (40, 10)):
        yield _prices(rng, days), lookback


@_inputs("project_2", "prepare")
def _(rng):
    for n, lookback, train in ((3, 1, 2), (20, 4, 13), (11, 2, 5)):
        yield rng.normal(size=(n, lookback, 1)), rng.normal(2, 3, n), train


@_property("project_2", "build_model")
def _(answer, reference, rng):
    for arguments in ((1, 2), (7, 4)):
        x, y = rng.normal(size=(4, arguments[0], 1)), rng.normal(size=(4, 1))
        _same_model(answer, reference, arguments, x, y, rng)


@_property("project_2", "verdict")
def _(answer, reference, rng):
    # How many standard errors the gain is above 0, and how many days there are: only
    # who counts both standard errors and days says the same in all of them.
    for n in (6, 40, 400, 2_000):
        for wanted in (-3, 0.5, 1.3, 1.7, 1.95, 2.05, 2.4, 2.8, 6):
            today = 100 + rng.normal(0, 1, n)
            naive = rng.uniform(2, 3, n)
            gains = rng.normal(0, 0.3, n)
            gains = (gains - gains.mean()) / gains.std()
            gains = (gains + wanted / np.sqrt(n)) * min(0.3, 0.5 * np.sqrt(n) / 9)
            signs = rng.choice([-1, 1], n)
            tomorrow = today + signs * naive
            forecast = tomorrow - signs * (naive - gains)
            truth = reference(forecast, today, tomorrow)
            came = answer(forecast, today, tomorrow)
            if isinstance(came, dict) and came.get("says") != truth["says"]:
                raise Hint(
                    f"{n} days, and the mean gain is {wanted} standard errors: the "
                    f"verdict is {came.get('says')!r}. What are σ, n and the factor?"
                )
            expect(not difference(came, truth), difference(came, truth))
    few = np.full(4, 8.0)
    exact = [  # less than half, below 0.05, greater than: not where they are equal
        (few + 1, few, few + 2, "half of the naive error"),
        (few + 1, few, few + 20, "0.05"),
        (few + np.array([0, 0, 2, 2]), few, few + 8, "two standard errors"),
    ]
    for *three, limit in exact:
        says = answer(*three)["says"]
        hint = f"Where it is exactly {limit}, the verdict is {says!r}. Mind < and >."
        expect(says == reference(*three)["says"], hint)
    for share in (0.4, 0.49, 0.51, 0.6):  # of the naive error
        today, step = np.full(300, 50.0), rng.choice([-1.0, 1.0], 300)
        prices = today + (1 - share) * step, today, today + step
        says = answer(*prices)["says"]
        hint = f"An error of {share:.0%} of the naive one: the verdict is {says!r}."
        expect(says == reference(*prices)["says"], hint)
    for moves in (0.03, 0.049, 0.051, 0.1):
        today, step = np.full(300, 50.0), rng.choice([-1.0, 1.0], 300)
        prices = today + moves * rng.choice([-1.0, 1.0], 300), today, today + step
        says = answer(*prices)["says"]
        hint = (
            f"A forecast that moves by {moves} of the price: the verdict is {says!r}."
        )
        expect(says == reference(*prices)["says"], hint)


# Project 3


@_inputs("project_3", "clean")
def _(rng):
    for text in (
        "«Я — рад…»",
        "Ёлка ёлке не ЁЛКА",
        "рад;зол:рад",
        "(не) [рад] №5",
        "\n\tрад\r\n",
        "и/или",
        "e-mail 2me",
        "",
        "–",
        "Всё-таки",
    ):
        yield (text,)


@_property("project_3", "pool_folder")
def _(answer, reference, rng):
    files = {
        "a.csv": "text,positive\nМы рады!,1\nони злы,0\n",
        "b.csv": "text;positive\nмы  РАДЫ;1\nТы зол;0\nты зол;1\n",
        "c.csv": "text,positive\nони злы,1\nя весел,1\n",
        "d.csv": "text,positive\nты зол,0\nя весел,maybe\n",
        "e.txt": "text,positive\nя грустен,0\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        pool, problems = answer(folder)
        truth, told = reference(folder)
    found = difference(pool, truth)
    expect(not found, f"In another folder, {found}")
    hint = f"In another folder are {len(told)} problems, and {len(problems)} are told."
    expect(len(problems) == len(told), hint)


@_property("project_3", "split_phrases")
def _(answer, reference, rng):
    texts = [f"{word} {i}" for i in range(12) for word in WORDS]
    texts += [text.upper() + "!" for text in texts[:40]]
    for share in (0.1, 0.25, 0.5):
        train, test = answer(texts, share, 3)
        number = len({texts[i].lower().strip("!") for i in test})
        wanted = round(share * 192)
        expect(number == wanted, f"share={share} of 192: {number} test, not {wanted}.")
        every = sorted([*train, *test]) == list(range(len(texts)))
        expect(every, "Each place must stand in one of the two arrays, and once.")
    chosen = [
        frozenset(answer(texts[:50], 0.2, seed)[1].tolist()) for seed in range(12)
    ]
    expect(
        len(set(chosen)) == 12, "Twelve seeds must give twelve splits: draw at random."
    )
    order = rng.permutation(len(texts))
    _, first = answer(texts, 0.25, 7)
    _, second = answer([texts[i] for i in order], 0.25, 7)
    hint = "The same phrases in another order test others. Are they sorted before?"
    expect({texts[i] for i in first} == {texts[order[i]] for i in second}, hint)


@_inputs("project_3", "encode")
def _(rng):
    for maxlen in (1, 2, 5):
        index = {word: i + 1 for word, i in _index(rng, 8).items()}
        texts = [" ".join(_words(rng, size)).title() + "!" for size in (0, 1, 3, 8)]
        yield texts, index, maxlen


@_property("project_3", "build_model")
def _(answer, reference, rng):
    for arguments in ((5, 2), (11, 6)):
        x = rng.integers(1, arguments[0], (6, 4))
        x[:3, :2] = 0
        y = np.array([[0], [1], [1], [0], [1], [1.0]])
        _same_model(answer, reference, arguments, x, y, rng)


# Project 4


@_inputs("project_4", "clean")
def _(rng):
    yield "", 1
    yield "Ab, ab; AB.\tx\u00a0a b", 3
    yield "".join(str(c) for c in rng.choice([*"aaabbбБ!\n "], 200)), 25


@_inputs("project_4", "make_windows")
def _(rng):
    characters = sorted("абвгд xyz,")
    for length, steps in ((3, 1), (4, 3), (17, 5), (16, 5), (30, 7)):
        yield (
            "".join(str(c) for c in rng.choice(characters[3:], length)),
            characters,
            steps,
        )


@_inputs("project_4", "bigram_bits")
def _(rng):
    for size, length, k in ((2, 4, 1), (5, 60, 0.1), (9, 30, 2.5)):
        train, held_out = rng.integers(0, size, length), rng.integers(0, size, length)
        yield train, held_out, size, k
        yield train, held_out, size


@_property("project_4", "build_model")
def _(answer, reference, rng):
    for arguments in ((4, 2), (9, 6)):
        x, y = rng.integers(0, arguments[0], (2, 3, 5))
        _same_model(answer, reference, arguments, x, y, rng)


@_property("project_4", "draw")
def _(answer, reference, rng):
    for size, temperature in ((2, 1.0), (5, 0.5), (4, 3.0)):
        logits = rng.normal(0, 2, size).astype("float32")
        kept = logits.copy()
        drawn = [answer(logits, temperature, rng) for _ in range(4_000)]
        expect(np.array_equal(logits, kept), "It changes the logits. Work on a copy.")
        powers = np.exp(logits.astype("float64") / temperature)
        shares = np.bincount(np.array(drawn, int), minlength=size) / 4_000
        hint = (
            f"{size} characters at T = {temperature}: the shares are {shares.round(2)}."
        )
        expect(np.abs(shares - powers / powers.sum()).max() < 0.04, hint)


def _same_model(
    answer: Callable,
    reference: Callable,
    arguments: tuple,
    x: np.ndarray,
    y: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Expect two models that compute, train and measure the same.

    Raises:
        Hint: for the first of these that differs: shapes, what is trained, outputs with
            the same weights, outputs in training, optimizer, loss, metrics.
    """
    import keras

    here = f"With other sizes, {call(answer, arguments)}:"
    model, truth = answer(*arguments), reference(*arguments)
    expect(isinstance(model, keras.Model), f"{here} that is no model.")
    shapes = [[tuple(w.shape) for w in each.weights] for each in (model, truth)]
    hint = f"{here} the weights have the shapes {shapes[0]}. Are arguments used?"
    expect(shapes[0] == shapes[1], hint)
    trained = [len(each.trainable_weights) for each in (model, truth)]
    expect(
        trained[0] == trained[1], f"{here} {trained[0]} arrays of weights are trained."
    )
    hint = f"{here} its input is {model.input_shape}, not {truth.input_shape}."
    expect(model.input_shape == truth.input_shape, hint)
    weights = [rng.normal(0, 0.7, w.shape) for w in truth.weights]
    model.set_weights(weights)
    truth.set_weights(weights)
    ours, theirs = (np.asarray(each(x)) for each in (model, truth))
    hint = f"{here} with the same weights, it answers otherwise. Is a layer another?"
    expect(ours.shape == theirs.shape and np.allclose(ours, theirs, atol=1e-4), hint)
    ours, theirs = (np.asarray(each(x, training=True)) for each in (model, truth))
    hint = f"{here} while it trains, it answers otherwise. What was not asked for?"
    expect(np.allclose(ours, theirs, atol=1e-4), hint)
    expect(model.compiled, f"{here} it is not compiled.")
    for name in ("learning_rate", "clipnorm", "clipvalue"):
        values = [getattr(each.optimizer, name, None) for each in (model, truth)]
        one, other = (0.0 if value is None else float(value) for value in values)
        hint = f"{here} the optimizer's {name} is {one:g}, not {other:g}."
        expect(np.isclose(one, other), hint)
    kinds = [type(each.optimizer).__name__ for each in (model, truth)]
    expect(kinds[0] == kinds[1], f"{here} the optimizer is {kinds[0]}, not {kinds[1]}.")
    predicted = truth(x)
    losses = [float(each.compute_loss(x, y, predicted)) for each in (model, truth)]
    expect(np.isclose(losses[0], losses[1], rtol=1e-3), f"{here} the loss is another.")
    measured = []
    for each in (model, truth):
        each.reset_metrics()
        values = each.compute_metrics(x, y, predicted)
        measured.append([float(v) for name, v in values.items() if name != "loss"])
    hint = f"{here} the metric is another than the one that is asked for."
    near = [any(np.isclose(v, w, rtol=1e-3) for w in measured[0]) for v in measured[1]]
    expect(all(near), hint)


def compare(of: str, function: Callable) -> None:
    """Compare a student's function with the course's on inputs of other shapes.

    Raises:
        Hint: for the first input for which they differ.
    """
    key = (of, function.__name__)
    called = _names_used(function.__code__) & NOT_ALLOWED.get(key, set())
    if called:
        name = min(called)
        raise Hint(f"It uses {name}, which knows the result. Compute it yourself.")
    reference = references(of)[function.__name__]
    rng = np.random.default_rng(0)
    if key in PROPERTIES:
        PROPERTIES[key](function, reference, rng)
    for arguments in INPUTS[key](rng) if key in INPUTS else ():
        expect_same(function, reference, arguments)


def _names_used(code: Any) -> set[str]:
    inner = (part for part in code.co_consts if hasattr(part, "co_names"))
    return set(code.co_names).union(*map(_names_used, inner))
