"""The questions of the lessons: every number in a reply is computed here."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import mmh3
import numpy as np

from course_utils._arguments import shown


class Choice(NamedTuple):
    """A choice of a question.

    Attributes:
        text: what the student reads.
        idea: computes what it would give, a number.
    """

    text: str
    idea: Callable[[], float]


class Question(NamedTuple):
    """A question whose choices can be computed.

    Attributes:
        text: the question.
        quantity: what is computed, as "The share of zeros".
        right: the letter of the right choice.
        why: a sentence that is shown with the right answer.
        choices: a, b, c, in this order.
    """

    text: str
    quantity: str
    right: str
    why: str
    choices: tuple[Choice, ...]

    def reply(self, letter: str) -> str:
        """Return what a choice is answered with: its number, and the right one.

        Raises:
            ValueError: if there is no such choice.
        """
        letters = "abcdef"[: len(self.choices)]
        if letter not in tuple(letters):
            known = ", ".join(letters)
            raise ValueError(f"the letter must be one of {known}, got {shown(letter)}")
        ideas = dict(zip(letters, self.choices, strict=True))
        truth = _number(ideas[self.right].idea())
        if letter == self.right:
            return f"Yes. {self.quantity}: {truth}. {self.why}"
        idea = _number(ideas[letter].idea())
        return f"No. {self.quantity} would then be {idea}, and is {truth}. Try again."


def _number(value: float) -> str:
    """Return a number as one would write it: no more than four digits that count."""
    value = float(value)
    if value == round(value) and abs(value) < 1e15:
        return f"{round(value):,}"
    return f"{value:,.4g}"


MAT = "The cat sat on the mat"


def _pairs() -> list[tuple[str, str]]:
    words = MAT.split()
    return list(itertools.pairwise(words))


def _share(n: int, m: int, power: int) -> float:
    return 1 - (1 - 1 / m) ** power


def _states(scale: float, steps: int = 20) -> np.ndarray:
    """Return states of a loop whose weights are uniform, in [0, scale)."""
    rng = np.random.default_rng(0)
    kernel, recurrent = rng.random((32, 64)) * scale, rng.random((64, 64)) * scale
    h, states = np.zeros(64), []
    for x in rng.random((steps, 32)):
        h = np.tanh(x @ kernel + h @ recurrent)
        states.append(h)
    return np.array(states)


def _norm_after(scale: float, steps: int) -> float:
    return scale**steps


def _wave_error(of: str) -> float:
    """Return the squared error of a naive forecast of the noisy wave."""
    t = np.arange(50_000)
    x = np.sin(0.02 * t) + 2 * np.random.default_rng(0).random(len(t))
    windows = np.lib.stride_tricks.sliding_window_view(x, 5)
    seen, target = windows[:, :4], windows[:, 4]
    guesses = {"last": seen[:, -1], "mean": seen.mean(axis=1)}
    guesses["middle"] = (seen.max(axis=1) + seen.min(axis=1)) / 2
    return float(np.mean((guesses[of] - target) ** 2))


def _row_gradient(how: str) -> float:
    """Return the gradient of row 7, which three positions look up."""
    x, gradients = np.array([7, 7, 7]), np.array([1.0, 2.0, 6.0])
    row = np.zeros(9)
    if how == "last":
        row[x] += gradients  # adds once
    else:
        np.add.at(row, x, gradients)
    return float(row[7] / (3 if how == "mean" else 1))


def _gradient_means(sizes: tuple[int, ...], weighted: bool) -> float:
    """Return the mean of the ranks' means of the numbers 1, 2, …."""
    numbers = np.arange(1, sum(sizes) + 1)
    means = [part.mean() for part in np.split(numbers, np.cumsum(sizes)[:-1])]
    return float(np.average(means, weights=sizes if weighted else None))


BANK: dict[str, tuple[Question, ...]] = {
    "00": (
        Question(
            "A recurrent layer reads 3 numbers at each step and has 4 units. How many "
            "parameters has it?",
            "The number of parameters",
            "b",
            "A kernel of 3 × 4, a recurrent kernel of 4 × 4 and a bias of 4.",
            (
                Choice("Each input meets each unit: 3 × 4.", lambda: 3 * 4),
                Choice(
                    "Inputs and states meet each unit, which has a bias: 3 × 4 + 4 × "
                    "4 + 4.",
                    lambda: 3 * 4 + 4 * 4 + 4,
                ),
                Choice(
                    "As many for each of the 5 steps of a sample.",
                    lambda: 5 * (3 * 4 + 4 * 4 + 4),
                ),
            ),
        ),
        Question(
            "The same layer gets 10 units. What happens to its number of parameters?",
            "The number of parameters",
            "c",
            "The recurrent kernel grows with the square of the units.",
            (
                Choice(
                    "It grows by 10 - 4 for each input: 32 + 3 × 6.",
                    lambda: 32 + 3 * (10 - 4),
                ),
                Choice("It grows in proportion: 32 × 10 / 4.", lambda: 32 * 10 / 4),
                Choice(
                    "The kernels are 3 × 10 and 10 × 10, the bias is 10.",
                    lambda: 3 * 10 + 10 * 10 + 10,
                ),
            ),
        ),
        Question(
            "The series is $x_t = \\sin(0.02\\,t) + 2u_t$, with $u_t$ uniform "
            "between 0 and "
            "1. What is the best forecast where the sine is 0?",
            "The mean squared error of this forecast",
            "a",
            "The mean of $2u_t$ is 1. No forecast can have a smaller squared error.",
            (
                Choice("1, the mean of the noise.", lambda: 4 / 12),
                Choice("0, the wave itself.", lambda: 4 / 12 + 1),
                Choice(
                    "1.5: the noise adds more than the wave.", lambda: 4 / 12 + 0.5**2
                ),
            ),
        ),
        Question(
            "How long is one period of the wave, in steps?",
            "The period",
            "c",
            "The angle 0.02 t grows by 2π in 2π / 0.02 steps.",
            (
                Choice("1 / 0.02", lambda: 1 / 0.02),
                Choice("360 / 0.02, as an angle has 360 degrees", lambda: 360 / 0.02),
                Choice("2π / 0.02", lambda: 2 * math.pi / 0.02),
            ),
        ),
        Question(
            "A layer with 4 units reads an array of shape (2, 5, 3): 2 samples of 5 "
            "steps "
            "with 3 numbers. How many numbers does it give, by default?",
            "The count of the numbers",
            "b",
            "One state for each sample, the last one.",
            (
                Choice("A state for each step: (2, 5, 4).", lambda: 2 * 5 * 4),
                Choice("A state for each sample: (2, 4).", lambda: 2 * 4),
                Choice("As many as it reads: (2, 5, 3).", lambda: 2 * 5 * 3),
            ),
        ),
        Question(
            "The noise $2u_t$ lies between 0 and 2. What is its standard deviation?",
            "The standard deviation of 2u",
            "a",
            "A uniform number between 0 and 1 has the variance 1/12; twice as much "
            "noise "
            "has four times the variance.",
            (
                Choice("$2 / \\sqrt{12}$", lambda: 2 / math.sqrt(12)),
                Choice("1, half of the range", lambda: 1),
                Choice("2/12, twice the variance of $u$", lambda: 2 / 12),
            ),
        ),
    ),
    "01": (
        Question(
            f"How many words has the vocabulary of “{MAT}”, in lower case?",
            "The number of distinct words",
            "b",
            "'The' and 'the' become one word.",
            (
                Choice(
                    "One for each distinct word, and one for each pair.",
                    lambda: len({*MAT.lower().split()}) + len(_pairs()),
                ),
                Choice(
                    "One for each distinct word.", lambda: len({*MAT.lower().split()})
                ),
                Choice(
                    "One for each distinct word, and 'The' is another than 'the'.",
                    lambda: len({*MAT.split()}),
                ),
            ),
        ),
        Question(
            "A bag of all words and pairs of neighbours of this sentence, in lower "
            "case: "
            "how many items does it hold?",
            "The number of items",
            "a",
            "A bag counts each item, a set holds it once: 6 words and 5 pairs.",
            (
                Choice("6 words and 5 pairs.", lambda: 6 + len(_pairs())),
                Choice(
                    "Each distinct item once.",
                    lambda: (
                        len({*MAT.lower().split()})
                        + len({(a.lower(), b.lower()) for a, b in _pairs()})
                    ),
                ),
                Choice("6 words and 6 pairs.", lambda: 6 + 6),
            ),
        ),
        Question(
            "25,000 reviews, 500 words each, 10,000 columns, 4 bytes a number. How "
            "many "
            "gigabytes take their one-hot vectors?",
            "The gigabytes",
            "c",
            "Every number needs its bytes, also a zero.",
            (
                Choice("Only the ones need memory.", lambda: 25_000 * 500 * 4 / 1e9),
                Choice(
                    "One row a review: 25,000 × 10,000.",
                    lambda: 25_000 * 10_000 * 4 / 1e9,
                ),
                Choice(
                    "25,000 × 500 × 10,000 × 4 bytes.",
                    lambda: 25_000 * 500 * 10_000 * 4 / 1e9,
                ),
            ),
        ),
        Question(
            "Which share of a one-hot array of 10,000 columns is zeros, without "
            "padding?",
            "The share of zeros",
            "a",
            "Each row holds a single 1.",
            (
                Choice("All but one number of each row.", lambda: 1 - 1 / 10_000),
                Choice("Half: a bit is 0 or 1.", lambda: 0.5),
                Choice("All but one number of each column.", lambda: 1 - 1 / 500),
            ),
        ),
        Question(
            "A word stands in all of 1,000 reviews. What is its weight "
            "$1 + \\ln\\frac{1 + n}{1 + \\mathrm{df}}$?",
            "The weight idf",
            "b",
            "The logarithm of 1 is 0, and 1 stays: the word keeps a small weight.",
            (
                Choice("0: it says nothing.", lambda: 0),
                Choice("1 + ln 1", lambda: 1 + math.log(1_001 / 1_001)),
                Choice("1 + ln 1,001: it is frequent.", lambda: 1 + math.log(1_001)),
            ),
        ),
        Question(
            "By Zipf's law, the most frequent word occurs 60,000 times. How often "
            "does the "
            "word of rank 100 occur?",
            "The count of rank 100",
            "c",
            "The count is about proportional to 1 / rank.",
            (
                Choice("100 less.", lambda: 60_000 - 100),
                Choice("60,000 / ln 100", lambda: 60_000 / math.log(100)),
                Choice("60,000 / 100", lambda: 60_000 / 100),
            ),
        ),
    ),
    "02": (
        Question(
            "100 distinct words fall into 1,000 buckets. Which share of them is "
            "expected "
            "to collide?",
            "The share that collides",
            "b",
            "Each word asks whether one of the 99 others has its bucket.",
            (
                Choice("100 / 1,000: so many are taken.", lambda: 100 / 1_000),
                Choice("$1 - (1 - 1/1000)^{99}$", lambda: _share(100, 1_000, 99)),
                Choice(
                    "The probability that any two collide.",
                    lambda: 1 - math.prod(1 - i / 1_000 for i in range(100)),
                ),
            ),
        ),
        Question(
            "40 words, 1,000 buckets: how likely is it that at least two collide?",
            "The probability of a collision",
            "c",
            "There are 780 pairs of words: this is the question of shared birthdays.",
            (
                Choice("40 / 1,000", lambda: 40 / 1_000),
                Choice(
                    "As for one word: $1 - (1 - 1/1000)^{39}$",
                    lambda: _share(40, 1_000, 39),
                ),
                Choice(
                    "$1 - \\prod_i (1 - i/1000)$",
                    lambda: 1 - math.prod(1 - i / 1_000 for i in range(40)),
                ),
            ),
        ),
        Question(
            "In which of 1,000 columns is the word “the”, by the rule of the lesson?",
            "The column",
            "a",
            "The hash is negative: its absolute value has another remainder.",
            (
                Choice("abs(hash) modulo 1,000", lambda: abs(mmh3.hash("the")) % 1_000),
                Choice("hash modulo 1,000", lambda: mmh3.hash("the") % 1_000),
                Choice(
                    "1 + abs(hash) modulo 1,000, as 0 is padding",
                    lambda: 1 + abs(mmh3.hash("the")) % 1_000,
                ),
            ),
        ),
        Question(
            "Two texts of 300 words each share no word. With 100 buckets and *no* "
            "signs, "
            "what is their dot product, on average?",
            "The mean dot product",
            "b",
            "Each of 300 × 300 pairs meets with probability 1/100, and adds 1.",
            (
                Choice("0: they share no word.", lambda: 0),
                Choice("300 × 300 / 100", lambda: 300 * 300 / 100),
                Choice("300 / 100 words meet.", lambda: 300 / 100),
            ),
        ),
        Question(
            "The same texts *with* signs: how large is the standard deviation of the "
            "dot "
            "product over hash functions, about?",
            "The standard deviation",
            "c",
            "About 900 meetings count +1 or -1: their sum spreads as the square root.",
            (
                Choice("0: signs cancel collisions.", lambda: 0),
                Choice("900: each meeting adds its sign.", lambda: 900),
                Choice("$\\sqrt{900}$", lambda: math.sqrt(300 * 300 / 100)),
            ),
        ),
        Question(
            "A vocabulary of 3,800 words: how many buckets make the share of colliding "
            "words at most 10 %, as a power of two?",
            "The buckets",
            "a",
            "The space must be far larger than the number of words.",
            (
                Choice(
                    "The first $m$ with $1 - (1 - 1/m)^{3799} \\le 0.1$",
                    lambda: next(
                        2**i for i in range(40) if _share(3_800, 2**i, 3_799) <= 0.1
                    ),
                ),
                Choice(
                    "As many as words: the next power of two.",
                    lambda: 2 ** math.ceil(math.log2(3_800)),
                ),
                Choice(
                    "Ten times as many as words would do: 32,768 is near.",
                    lambda: 2 ** round(math.log2(10 * 3_800)),
                ),
            ),
        ),
    ),
    "03": (
        Question(
            "10,000 words, 8 numbers each: how many parameters has the `Embedding` "
            "layer?",
            "The parameters",
            "b",
            "It is a table with a row for each word, and nothing else.",
            (
                Choice(
                    "One row for each of 20 positions, too.", lambda: 20 * 10_000 * 8
                ),
                Choice("10,000 × 8", lambda: 10_000 * 8),
                Choice("10,000 × 8, and 8 biases", lambda: 10_000 * 8 + 8),
            ),
        ),
        Question(
            "The look-up of 20 words gives 20 × 8 numbers. `Flatten` and `Dense(1)` "
            "follow. "
            "How many parameters has the `Dense` layer?",
            "The parameters",
            "a",
            "Each of the 160 numbers has a weight, and there is one bias.",
            (
                Choice("20 × 8 + 1", lambda: 20 * 8 + 1),
                Choice("8 + 1: the positions share weights.", lambda: 8 + 1),
                Choice("20 × 8", lambda: 20 * 8),
            ),
        ),
        Question(
            "A look-up could be a product of a one-hot matrix (640 × 10,000) with "
            "the table "
            "(10,000 × 8). How many multiplications does the look-up save?",
            "The multiplications saved",
            "c",
            "A look-up multiplies nothing: it copies rows.",
            (
                Choice("All but those with a 1.", lambda: 640 * (10_000 - 1) * 8),
                Choice("One row for each word: 10,000 × 8.", lambda: 10_000 * 8),
                Choice("640 × 10,000 × 8", lambda: 640 * 10_000 * 8),
            ),
        ),
        Question(
            "In a batch, the word 7 stands at three positions, with the gradients 1, 2 "
            "and 6. What is the gradient of its row (of one number)?",
            "The gradient",
            "a",
            "Each position adds its gradient.",
            (
                Choice("The sum.", lambda: _row_gradient("sum")),
                Choice("The mean.", lambda: _row_gradient("mean")),
                Choice("`table[x] += g`: the last one.", lambda: _row_gradient("last")),
            ),
        ),
        Question(
            "The vectors $u = (3, 4)$ and $v = (6, 8)$: what is their cosine?",
            "The cosine",
            "b",
            "The cosine does not know the lengths: both point in one direction.",
            (
                Choice("Their product: 3 × 6 + 4 × 8.", lambda: 3 * 6 + 4 * 8),
                Choice(
                    "The product by both lengths.",
                    lambda: (3 * 6 + 4 * 8) / (math.hypot(3, 4) * math.hypot(6, 8)),
                ),
                Choice("The distance of the two.", lambda: math.hypot(3, 4)),
            ),
        ),
        Question(
            "“Cut the review after 20 words”: `pad_sequences` with `maxlen=20` meets a "
            "review of 230 words. What is the position (from 0) of the first word "
            "kept?",
            "The position of the first word kept",
            "c",
            '`truncating="pre"` is the default: the beginning is cut, the last words '
            "stay.",
            (
                Choice("0: the first 20 words are kept.", lambda: 0),
                Choice("20: it begins after 20 words.", lambda: 20),
                Choice("230 - 20: the last 20 words are kept.", lambda: 230 - 20),
            ),
        ),
    ),
    "04": (
        Question(
            "An `Embedding` of 10,000 words and 100 numbers is frozen. `Flatten` of "
            "100 "
            "words, `Dense(32)`, `Dense(1)` follow. How many weights are trained?",
            "The trained weights",
            "b",
            "The table is frozen; 100 × 100 numbers meet 32 units.",
            (
                Choice(
                    "Those of the table, too.",
                    lambda: 10_000 * 100 + 10_000 * 32 + 32 + 32 + 1,
                ),
                Choice("10,000 × 32 + 32 + 32 + 1", lambda: 10_000 * 32 + 32 + 32 + 1),
                Choice("100 × 32 + 32 + 32 + 1", lambda: 100 * 32 + 32 + 32 + 1),
            ),
        ),
        Question(
            "A text has 9 words that are no padding; 5 of them have a vector. Of its 4 "
            "distinct words, 2 have one. How much of the running text is covered?",
            "The covered share of the running text",
            "a",
            "In the running text, a word counts each time it stands there.",
            (
                Choice("5 / 9", lambda: 5 / 9),
                Choice("2 / 4", lambda: 2 / 4),
                Choice("5 / 12, with three paddings", lambda: 5 / 12),
            ),
        ),
        Question(
            "200 validation reviews are judged, 110 right. How large is one standard "
            "error "
            "of the accuracy?",
            "The standard error",
            "c",
            "$\\sqrt{p(1 - p)/n}$: 0.55 and 0.52 on 200 reviews differ by less than "
            "one.",
            (
                Choice("0.55 / 200", lambda: 0.55 / 200),
                Choice("$\\sqrt{0.55 \\cdot 0.45}$", lambda: math.sqrt(0.55 * 0.45)),
                Choice(
                    "$\\sqrt{0.55 \\cdot 0.45 / 200}$",
                    lambda: math.sqrt(0.55 * 0.45 / 200),
                ),
            ),
        ),
        Question(
            "A file holds 400,000 vectors of 100 numbers as `float32`. How many "
            "megabytes "
            "are they in memory?",
            "The megabytes",
            "b",
            "4 bytes a number.",
            (
                Choice("400,000 × 100 / 10⁶", lambda: 400_000 * 100 / 1e6),
                Choice("400,000 × 100 × 4 / 10⁶", lambda: 400_000 * 100 * 4 / 1e6),
                Choice(
                    "400,000 × 100 × 8 / 10⁶: Python's numbers have 64 bits.",
                    lambda: 400_000 * 100 * 8 / 1e6,
                ),
            ),
        ),
        Question(
            "man = (1, 0), king = (1, 1), woman = (0, 1): what is the second number of "
            "king - man + woman, before any scaling?",
            "The second number",
            "a",
            "1 - 0 + 1: the royal part is added to that of woman.",
            (
                Choice("king - man + woman", lambda: 1 - 0 + 1),
                Choice("man - king + woman", lambda: 0 - 1 + 1),
                Choice("(king + woman) / 2, without man", lambda: (1 + 1) / 2),
            ),
        ),
        Question(
            "Half of the words of a text have no vector, so their rows are zeros. All "
            "other vectors are (2, 2). What is the mean over all positions, each "
            "number?",
            "A number of the mean",
            "c",
            "Zero rows count in the mean: they pull it to 0.",
            (
                Choice("2: zeros do not count.", lambda: 2),
                Choice("0: one missing word is enough.", lambda: 0),
                Choice("1: they count as positions.", lambda: float(np.mean([2, 0]))),
            ),
        ),
    ),
    "05": (
        Question(
            "Weights uniform in [0, 1), 32 inputs, 64 units, tanh: what does the "
            "smallest "
            "state of the second step look like?",
            "The smallest state of step 2",
            "a",
            "All weights are positive: the sums are so large that tanh is 1 "
            "everywhere.",
            (
                Choice("1, to four digits", lambda: _states(1.0)[1].min()),
                Choice(
                    "As with weights of a hundredth of this size.",
                    lambda: _states(0.01)[1].min(),
                ),
                Choice("0.5, the mean of the weights", lambda: 0.5),
            ),
        ),
        Question(
            "Which factor does tanh give to the gradient where its state is 0.9?",
            "The factor",
            "b",
            "The derivative of tanh, from its own result, is 1 - h².",
            (
                Choice("1 - 0.9", lambda: 1 - 0.9),
                Choice("1 - 0.9²", lambda: 1 - 0.9**2),
                Choice(
                    "1 - tanh²(0.9): the state goes in again",
                    lambda: 1 - math.tanh(0.9) ** 2,
                ),
            ),
        ),
        Question(
            "$W$ is $((0, 1), (0, 0))$, the gradient at the sum is (1, 0), a row. "
            "What is the "
            "second number of what goes one step back?",
            "The second number",
            "c",
            "Forward it is $h W$, so back it is $d\\,W^\\top$.",
            (
                Choice(
                    "$d\\,W$, as forward", lambda: (np.eye(1, 2) @ np.eye(2, k=1))[0, 1]
                ),
                Choice(
                    "$d\\,(W + W^\\top)/2$",
                    lambda: (np.eye(1, 2) @ (np.eye(2, k=1) + np.eye(2, k=-1)) / 2)[
                        0, 1
                    ],
                ),
                Choice(
                    "$d\\,W^\\top$", lambda: (np.eye(1, 2) @ np.eye(2, k=1).T)[0, 1]
                ),
            ),
        ),
        Question(
            "Each step back multiplies a gradient by 0.8. How much of it is left "
            "after 20 "
            "steps?",
            "What is left",
            "b",
            "A product: it shrinks with a power of the number of steps.",
            (
                Choice("0.8 / 20", lambda: 0.8 / 20),
                Choice("0.8²⁰", lambda: _norm_after(0.8, 20)),
                Choice("1 - 20 × 0.2, at least 0", lambda: max(0, 1 - 20 * 0.2)),
            ),
        ),
        Question(
            "The gradient (3, 4) is clipped by norm with the limit 1. What is its "
            "first "
            "number then?",
            "The first number",
            "a",
            "Its norm is 5, so both numbers are divided by 5: the direction stays.",
            (
                Choice("3 / 5", lambda: 3 / math.hypot(3, 4)),
                Choice("1: it is cut", lambda: np.clip(3, -1, 1)),
                Choice("3 / (3 + 4)", lambda: 3 / (3 + 4)),
            ),
        ),
        Question(
            "The right class has the probability 0.2. What is the loss, in nats?",
            "The loss",
            "c",
            "It is -ln 0.2; in bits it would be larger.",
            (
                Choice("1 - 0.2", lambda: 1 - 0.2),
                Choice("-log₂ 0.2", lambda: -math.log2(0.2)),
                Choice("-ln 0.2", lambda: -math.log(0.2)),
            ),
        ),
    ),
    "06": (
        Question(
            "`Embedding(10000, 32)` and `SimpleRNN(32)` read reviews of 500 words. "
            "How many "
            "parameters have both?",
            "The parameters",
            "b",
            "All steps share the weights: the length does not count.",
            (
                Choice(
                    "320,000 and 2,080 for each of 500 steps.",
                    lambda: 320_000 + 500 * (2 * 32 * 32 + 32),
                ),
                Choice("320,000 + 2,080", lambda: 320_000 + 2 * 32 * 32 + 32),
                Choice("320,000 + 1,056", lambda: 320_000 + 32 * 32 + 32),
            ),
        ),
        Question(
            "A series of 1,000 values, windows of 4, the target is the next value. "
            "How many "
            "windows have a real target?",
            "The windows",
            "a",
            "The first target is value 4, the last one is value 999.",
            (
                Choice("1,000 - 4", lambda: 1_000 - 4),
                Choice("1,000 - 4 + 1", lambda: 1_000 - 4 + 1),
                Choice("1,000: the last value is repeated.", lambda: 1_000),
            ),
        ),
        Question(
            "Windows of shape (800, 1, 4) go into `SimpleRNN(32)`. How often does the "
            "recurrent kernel meet a state that is not zero?",
            "The number of such steps",
            "c",
            "There is one step, and the state before it is zero: nothing recurs.",
            (
                Choice("4 times: there are four values.", lambda: 4),
                Choice("3 times: from the second value on.", lambda: 3),
                Choice("Never.", lambda: 1 - 1),
            ),
        ),
        Question(
            "Which naive forecast of the noisy wave has the smallest squared error, "
            "from "
            "four values?",
            "Its mean squared error",
            "b",
            "For uniform noise, the middle between the extremes says more than the "
            "mean.",
            (
                Choice("The last value.", lambda: _wave_error("last")),
                Choice(
                    "The middle of the largest and the smallest.",
                    lambda: _wave_error("middle"),
                ),
                Choice("The mean of the four.", lambda: _wave_error("mean")),
            ),
        ),
        Question(
            "No forecast of $\\sin(0.02\\,t) + 2u_t$ has a mean squared error below "
            "which "
            "number?",
            "The limit",
            "a",
            "It is the variance of $2u_t$: $2^2/12$.",
            (
                Choice("$2^2 / 12$", lambda: 2**2 / 12),
                Choice("$1/12$", lambda: 1 / 12),
                Choice("0: a large network finds it.", lambda: 0),
            ),
        ),
        Question(
            "A stack: `SimpleRNN(16)` reads what `SimpleRNN(32)` gives at every "
            "step. How "
            "many parameters has the upper layer?",
            "The parameters",
            "c",
            "It reads 32 numbers at each step: 32 × 16 + 16 × 16 + 16.",
            (
                Choice("16 × 16 + 16 × 16 + 16", lambda: 16 * 16 + 16 * 16 + 16),
                Choice("1 × 16 + 16 × 16 + 16, one feature", lambda: 16 + 16 * 16 + 16),
                Choice("32 × 16 + 16 × 16 + 16", lambda: 32 * 16 + 16 * 16 + 16),
            ),
        ),
    ),
    "12": (
        Question(
            "Two ranks have 2 and 6 rows of a batch; each sends the mean of its "
            "rows. The "
            "numbers are 1 to 8. What is the plain mean of the two?",
            "The result",
            "b",
            "The mean of means is the mean of all only for parts of the same size.",
            (
                Choice("That of all rows.", lambda: _gradient_means((2, 6), True)),
                Choice(
                    "A number that counts the small part too much.",
                    lambda: _gradient_means((2, 6), False),
                ),
                Choice(
                    "As with parts of 1 and 7.", lambda: _gradient_means((1, 7), False)
                ),
            ),
        ),
        Question(
            "The batch becomes 4 times as large. By which factor does the random "
            "error of "
            "its gradient shrink?",
            "The factor",
            "a",
            "It falls with the square root of the batch.",
            (
                Choice("2", lambda: math.sqrt(4)),
                Choice("4", lambda: 4),
                Choice("16", lambda: 4**2),
            ),
        ),
        Question(
            "1,000 rows, and 2 ranks that each take 32 rows of a batch. How many "
            "steps has "
            "an epoch, without the rest?",
            "The steps",
            "c",
            "The effective batch is 64.",
            (
                Choice("1,000 / 32", lambda: 1_000 // 32),
                Choice("2 × 1,000 / 32", lambda: 2 * 1_000 // 32),
                Choice("1,000 / (2 × 32)", lambda: 1_000 // 64),
            ),
        ),
        Question(
            "One process does 10 steps a second, two ranks do 15 of the same steps. "
            "What is "
            "the speed-up?",
            "The speed-up",
            "b",
            "15 / 10; the efficiency, by two ranks, is 0.75.",
            (
                Choice("2: there are two ranks.", lambda: 2),
                Choice("15 / 10", lambda: 15 / 10),
                Choice("15 / 10 / 2", lambda: 15 / 10 / 2),
            ),
        ),
        Question(
            "The all-reduce stands in the loop over 50 time steps, and another one "
            "follows "
            "the loop. How often do the ranks meet in a training step?",
            "The meetings",
            "a",
            "One in the loop is one at every time step.",
            (
                Choice("50 + 1", lambda: 50 + 1),
                Choice("2", lambda: 2),
                Choice("1", lambda: 1),
            ),
        ),
        Question(
            "A rank dies in the middle of epoch 7; a checkpoint is written after each "
            "epoch. How many epochs of work are kept?",
            "The epochs kept",
            "c",
            "The last whole epoch is 6: half an epoch is lost.",
            (
                Choice("None: the run fails as a whole.", lambda: 0),
                Choice("6.5: the other rank has its half.", lambda: 6.5),
                Choice("6", lambda: 7 - 1),
            ),
        ),
    ),
}
