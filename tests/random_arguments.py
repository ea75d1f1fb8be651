"""Call every public function of the helpers with arguments drawn at random.

Most calls fail, as they should; the process must not. Prints how many were made.
"""

import contextlib
import inspect
import io
import random
import types

import numpy as np

import course_utils
from course_utils import (
    bptt,
    embeddings,
    exercises,
    generation,
    numpy_rnn,
    profiles,
    sampling,
    text,
)
from course_utils import timeseries as ts
from course_utils.datasets.glove import Vectors

# No large numbers that fit into memory: the arrays would be made.
VALUES = [
    *(None, True, 0, 1, 3, -1, 2**70, 0.5, 1.9, float("nan"), float("inf"), 1j),
    *("", "cat", "\ud83d", "a\x00b", b"", b"cat", ..., object(), len, lambda *a: a),
    *([], [1, 2], [0.5, 0.5], ["a", "b"], ["\udcff"], [[1], [1, 2]], [None], [["a"]]),
    *((), {}, {"a": 1}, set(), range(3), range(9, 2), [range(4)], iter([1, 2])),
    *(
        np.array(3),
        np.zeros(0),
        np.zeros((2, 3)),
        np.ones((2, 3, 4)),
        np.full(3, np.nan),
    ),
    *(np.array([1, 2]), np.array(["a"]), np.array([None, 1]), np.array([True, False])),
    *(np.zeros((4, 4), "float32"), np.random.default_rng(0), text.Vocabulary("ab")),
    Vectors(["a"], np.ones((1, 2), "float32"), {}),
]
MODULES = [text, embeddings, sampling, generation, numpy_rnn, bptt, ts]
MODULES += [profiles, exercises]
# They write files, set up a notebook, and are no function.
LEFT_OUT = {"start", "Hint"}


def functions() -> list:
    """Return the public functions and classes, and the methods of a vocabulary."""
    words = text.Vocabulary(["the", "cat"])
    found = [words.encode, words.decode, text.Vocabulary.by_frequency]
    for module in [*MODULES, course_utils]:
        for name, value in vars(module).items():
            ours = getattr(value, "__module__", "") == module.__name__
            kind = isinstance(value, types.FunctionType | type)
            if ours and kind and name[0] != "_" and name not in LEFT_OUT:
                found.append(value)
    return found


chance = random.Random(0)
calls = 0
for function in functions():
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    room = kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD)
    for _ in range(300):
        count = chance.randint(min(1, room), room)
        arguments = [chance.choice(VALUES) for _ in range(count)]
        calls += 1
        with (
            contextlib.suppress(Exception),
            contextlib.redirect_stdout(io.StringIO()),
            np.errstate(all="ignore"),
        ):
            function(*arguments)
print(calls)
