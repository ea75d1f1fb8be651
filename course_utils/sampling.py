"""Temperature and sampling: a token drawn from the scores of a network.

The formula is ``p ** (1 / T)``, normalized. It is computed in float64, from logarithms
and from the largest one down: so no sum is refused by NumPy, and at no temperature do
all powers round to 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_utils._arguments import numbers, shown, whole_number


def reweight(probabilities: np.ndarray, temperature: float | np.ndarray) -> np.ndarray:
    """Make a distribution bolder or more careful: p ** (1 / T), normalized.

    T below 1 favours what is probable already, T above 1 evens out. As T goes to 0, all
    probability goes to the most probable class.

    Args:
        probabilities: (…, classes), each row at least 0 with a sum above 0.
        temperature: T > 0, one for all or one for each row.

    Returns:
        float64, the shape of ``probabilities``.

    Raises:
        ValueError: if a number is NaN, negative or infinite, a row has no class or no
            probability, or a temperature is not positive.
    """
    p = _rows("probabilities", probabilities)
    t = _positive(temperature, p.shape[:-1])
    if not (np.isfinite(p).all() and (p >= 0).all() and p.sum(axis=-1).all()):
        raise ValueError(
            "probabilities must be finite, at least 0, and above 0 for some class, "
            f"got {shown(p)}"
        )
    with np.errstate(divide="ignore"):  # log(0) = -inf, and exp(-inf) = 0 again
        scores = np.log(p)
    powers = _powers(scores, scores.max(axis=-1, keepdims=True), t)
    return powers / powers.sum(axis=-1, keepdims=True)


def sample(
    logits: np.ndarray,
    temperature: float | np.ndarray,
    rng: np.random.Generator,
    top_k: int | None = None,
    top_p: float | None = None,
) -> np.ndarray:
    """Draw a class from each row of logits, which are log probabilities up to a sum.

    All is computed in float64. ``top_k=1`` is the greedy choice.

    Args:
        logits: (…, classes); -inf forbids a class.
        temperature: T > 0, one for all or one for each row; see ``reweight``.
        rng: gives one number to each row.
        top_k: draw among the k most probable classes only (Fan et al., 2018). Among
            equals, the first are kept.
        top_p: draw among the fewest classes that together have at least this
            probability (nucleus sampling, Holtzman et al., 2020), after ``top_k``.

    Returns:
        integers, (…).

    Raises:
        ValueError: if a logit is NaN or +inf, a row is empty or forbids every class, a
            temperature or ``top_k`` is not positive, or ``top_p`` not in (0, 1]; or if
            probabilities came in place of logits.
    """
    scores = _rows("logits", logits)
    if not isinstance(rng, np.random.Generator | np.random.RandomState):
        raise ValueError(
            f"rng must be as np.random.default_rng(0) makes it, got {shown(rng)}"
        )
    # Logits have a negative number nearly always, so the sum is rarely asked for.
    several = scores.shape[-1] > 1
    if several and scores.min() >= 0 and np.allclose(scores.sum(axis=-1), 1, atol=1e-3):
        raise ValueError(
            "logits must be log probabilities up to a sum, got probabilities, as "
            "softmax gives them: take np.log of them first"
        )
    return _draw(
        scores, _positive(temperature, scores.shape[:-1]), rng, *_limits(top_k, top_p)
    )


def _rows(name: str, values: np.ndarray) -> np.ndarray:
    """Return numbers for each class, in float64, (…, classes)."""
    array = np.asarray(numbers(name, values), dtype="float64")
    if not array.ndim or not array.size:
        raise ValueError(f"{name} must hold a class, got the shape {array.shape}")
    return array


def _positive(
    temperature: float | Sequence[float] | np.ndarray, rows: tuple[int, ...]
) -> np.ndarray:
    """Return temperatures that are positive numbers, or say what is wrong."""
    t = np.asarray(numbers("temperature", temperature), dtype="float64")
    if not ((t > 0) & (t < np.inf)).all():  # NaN is neither
        raise ValueError(
            f"temperature must be a positive number, got {shown(temperature)}; for the "
            "greedy choice, draw with top_k=1"
        )
    if t.ndim and t.shape != rows:
        raise ValueError(
            f"temperature must be one number, or have the shape {rows}, one for each "
            f"row, got the shape {t.shape}"
        )
    return t


def _limits(top_k: int | None, top_p: float | None) -> tuple[int | None, float | None]:
    """Return the choice among classes, once it is sure that it leaves one."""
    if top_k is not None:
        top_k = whole_number("top_k", top_k, 1)
    if top_p is not None and not (
        isinstance(top_p, int | float | np.number) and 0 < top_p <= 1
    ):
        raise ValueError(f"top_p must be above 0 and at most 1, got {shown(top_p)}")
    return top_k, top_p


def _powers(scores: np.ndarray, best: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return exp((scores - best) / T): nothing overflows, and the best gets 1."""
    with np.errstate(over="ignore"):  # to -inf, whose power is 0
        return np.exp((scores - best) / t[..., np.newaxis])


def _draw(
    logits: np.ndarray,
    t: np.ndarray,
    rng: np.random.Generator,
    top_k: int | None,
    top_p: float | None,
) -> np.ndarray:
    """Do the work of ``sample``, with arguments that are as they should be."""
    scores = np.asarray(logits, dtype="float64")
    best = scores.max(axis=-1, keepdims=True)  # NaN if any is
    if not np.isfinite(best).all():
        raise ValueError(
            "logits must be numbers or -inf, with a number in each row, got "
            f"{shown(scores)}"
        )
    powers = _powers(scores, best, t)
    if top_k is not None or top_p is not None:
        order = np.argsort(-scores, axis=-1, kind="stable")
        powers = _keep_probable(powers, order, top_k, top_p)
    cumulative = powers.cumsum(axis=-1)
    # In (0, total]: never a class of probability 0, and never past the last one.
    drawn = (1 - rng.random(best.shape)) * cumulative[..., -1:]
    return (cumulative < drawn).sum(axis=-1)


def _keep_probable(
    powers: np.ndarray, order: np.ndarray, top_k: int | None, top_p: float | None
) -> np.ndarray:
    """Set all but the most probable classes of each row to 0.

    ``order`` has the classes of each row, the most probable first.
    """
    ranked = np.take_along_axis(powers, order, axis=-1)
    if top_k is not None:
        ranked[..., top_k:] = 0
    if top_p is not None:
        # A class stays if those before it do not reach top_p.
        before = ranked.cumsum(axis=-1) - ranked
        ranked[before >= top_p * ranked.sum(axis=-1, keepdims=True)] = 0
    kept = np.empty_like(powers)
    np.put_along_axis(kept, order, ranked, axis=-1)
    return kept
