"""Backpropagation through time in NumPy, and the check of a gradient by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course_utils._arguments import has_shape, numbers, shown
from course_utils.numpy_rnn import _initial, _units, elman, softmax


class ManyToOne(NamedTuple):
    """The weights of an Elman network that reads a sequence and answers once.

    Also holds their gradients, in the same places.

    Attributes:
        kernel: (features, units), from the input to the state.
        recurrent_kernel: (units, units), from the state to the next state.
        bias: (units,), of the state.
        output_kernel: (units, classes), from the last state to the output.
        output_bias: (classes,), of the output.
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray
    output_kernel: np.ndarray
    output_bias: np.ndarray


class ElmanGradients(NamedTuple):
    """The gradients of a loss with respect to all that goes into ``elman``."""

    inputs: np.ndarray
    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray
    initial_state: np.ndarray


def elman_gradients(
    d_states: np.ndarray,
    inputs: np.ndarray,
    states: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    initial_state: np.ndarray | None = None,
) -> ElmanGradients:
    """Backpropagate through time (Werbos, 1990): from the states to the weights.

    Args:
        d_states: (samples, steps, units), the gradient of the loss that reaches each
            state from outside: from an output, not from the next step.
        inputs: (samples, steps, features), as they went into ``elman``.
        states: (samples, steps, units), as ``elman`` gave them, with tanh.
        kernel: (features, units).
        recurrent_kernel: (units, units).
        initial_state: (samples, units); default zeros.

    Returns:
        the gradients, summed over samples and steps for the weights.

    Raises:
        ValueError: if a shape does not fit.
    """
    has_shape("states", states, (None, None, None))
    sums = np.empty(states.shape[2:])  # as a bias would have them
    units = _units(inputs, kernel, recurrent_kernel, sums, gates=1)
    has_shape("states", states, (*inputs.shape[:2], units))
    has_shape("d_states", d_states, states.shape)
    first = _initial(inputs, units, initial_state)
    d_sums = np.empty_like(states)  # with respect to what goes into tanh
    d_state = np.zeros_like(first)
    for t in reversed(range(inputs.shape[1])):
        d_state = d_state + d_states[:, t]
        d_sums[:, t] = d_state * (1 - states[:, t] ** 2)
        d_state = d_sums[:, t] @ recurrent_kernel.T
    before = np.concatenate([first[:, np.newaxis], states[:, :-1]], axis=1)
    # One product for all samples and steps: (samples * steps, …).
    rows = d_sums.reshape(-1, units)
    return ElmanGradients(
        inputs=d_sums @ kernel.T,
        kernel=inputs.reshape(-1, inputs.shape[2]).T @ rows,
        recurrent_kernel=before.reshape(-1, units).T @ rows,
        bias=rows.sum(axis=0),
        initial_state=d_state,
    )


def many_to_one(
    inputs: np.ndarray, lengths: np.ndarray, weights: ManyToOne
) -> np.ndarray:
    """Read sequences of different lengths; answer after the last step of each.

    Args:
        inputs: (samples, steps, features); what stands after a sequence's length is
            padding, and has no influence.
        lengths: (samples,), the number of steps of each, from 1 to ``steps``.
        weights: of the network.

    Returns:
        the scores (samples, classes), before softmax.

    Raises:
        ValueError: if a shape or a length does not fit.
    """
    lengths = _lengths(inputs, lengths)
    _many_to_one(inputs, weights)
    states = elman(inputs, weights.kernel, weights.recurrent_kernel, weights.bias)
    last = states[np.arange(len(inputs)), lengths - 1]
    return last @ weights.output_kernel + weights.output_bias


def many_to_one_gradients(
    inputs: np.ndarray, lengths: np.ndarray, labels: np.ndarray, weights: ManyToOne
) -> tuple[float, ManyToOne]:
    """Return the cross-entropy of a batch and its gradient for every weight.

    All sequences take a step together, and each leaves when it ends.

    Args:
        inputs: (samples, steps, features).
        lengths: (samples,), the number of steps of each.
        labels: (samples,), the right class of each, 0 … classes - 1.
        weights: of the network.

    Returns:
        the sum of -ln p(right class) over the samples, in nats, and its gradients.

    Raises:
        ValueError: if a shape, a length or a label does not fit.
    """
    lengths = _lengths(inputs, lengths)
    _many_to_one(inputs, weights)
    samples, classes = len(inputs), len(weights.output_bias)
    labels = _integers("labels", labels, samples)
    if not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(
            f"labels must be from 0 to {classes - 1}, got "
            f"{labels.min()} to {labels.max()}"
        )
    # Longest first: then those that still read at step t are the first rows.
    order = np.argsort(-lengths)
    lengths, labels = lengths[order], labels[order]
    x = np.swapaxes(inputs, 0, 1)[: lengths[0], order]  # (steps, samples, features)
    reading = [np.count_nonzero(lengths > t) for t in range(len(x))]

    # What depends on the inputs alone is one product for all steps.
    states = x @ weights.kernel
    states += weights.bias
    np.tanh(states[0], out=states[0])
    for t in range(1, len(x)):
        state = states[t, : reading[t]]
        state += states[t - 1, : reading[t]] @ weights.recurrent_kernel
        np.tanh(state, out=state)

    rows = np.arange(samples)
    last = states[lengths - 1, rows]
    scores = last @ weights.output_kernel + weights.output_bias
    scores -= scores.max(axis=1, keepdims=True)  # so that exp cannot overflow
    # -ln p = ln(sum of exp) - score: finite also where p is rounded to 0.
    loss = (np.log(np.exp(scores).sum(axis=1)) - scores[rows, labels]).sum()
    d_scores = softmax(scores)
    d_scores[rows, labels] -= 1

    # The row of a sequence waits in d_state until its last step is reached. Step by
    # step, all arrays are small: large ones would cost more than the arithmetic.
    d_state = d_scores @ weights.output_kernel.T
    d_kernel, d_recurrent_kernel, d_bias = map(np.zeros_like, weights[:3])
    for t in reversed(range(len(x))):
        state = states[t, : reading[t]]
        d_sum = (1 - state * state) * d_state[: reading[t]]
        d_kernel += x[t, : reading[t]].T @ d_sum
        d_bias += d_sum.sum(axis=0)
        if t:
            d_recurrent_kernel += states[t - 1, : reading[t]].T @ d_sum
            d_state[: reading[t]] = d_sum @ weights.recurrent_kernel.T
    return loss, ManyToOne(
        kernel=d_kernel,
        recurrent_kernel=d_recurrent_kernel,
        bias=d_bias,
        output_kernel=last.T @ d_scores,
        output_bias=d_scores.sum(axis=0),
    )


def numerical_gradient(
    loss: Callable[[], float], weight: np.ndarray, step: float = 1e-3
) -> np.ndarray:
    """Estimate a gradient from values of the loss alone, one number at a time.

    The five-point rule, (8 (L(+e) - L(-e)) - (L(+2e) - L(-2e))) / 12e, whose error
    falls with the fourth power of the step e (Abramowitz and Stegun, 25.3.6).

    Args:
        loss: computes the loss from the weights as they are now.
        weight: float64; it is changed in place, and left as it was, also where
            ``loss`` fails or is interrupted.
        step: e, how far a number is moved.

    Returns:
        the gradient, in the shape of ``weight``.

    Raises:
        ValueError: if ``weight`` is no float64 array, ``step`` no positive number, or a
            loss no number.
    """
    if not isinstance(weight, np.ndarray) or weight.dtype != np.float64:
        got = getattr(weight, "dtype", shown(weight))
        raise ValueError(f"weight must be a float64 array, got {got}")
    if not isinstance(step, int | float | np.number) or not 0 < step < np.inf:
        raise ValueError(f"step must be a positive number, got {shown(step)}")
    gradient = np.zeros_like(weight)
    for place in np.ndindex(weight.shape):
        kept = weight[place]
        values = {}
        try:
            for shift in (-2, -1, 1, 2):
                weight[place] = kept + shift * step
                values[shift] = _number(loss())
        finally:
            weight[place] = kept
        near, far = values[1] - values[-1], values[2] - values[-2]
        gradient[place] = (8 * near - far) / (12 * step)
    return gradient


def relative_error(gradient: np.ndarray, estimate: np.ndarray) -> float:
    """Return the largest |a - b| / max(|a|, |b|) among the numbers of two arrays.

    Where both are zero, the error is 0. NaN or infinity in either has no right
    derivative beside it: the error is infinite.

    Raises:
        ValueError: if the shapes differ, or an array holds no numbers.
    """
    gradient = numbers("gradient", gradient)
    estimate = numbers("estimate", estimate)
    has_shape("estimate", estimate, gradient.shape)
    if not (np.isfinite(gradient).all() and np.isfinite(estimate).all()):
        return float("inf")
    size = np.maximum(np.abs(gradient), np.abs(estimate))
    difference = np.abs(gradient - estimate)
    errors = np.divide(difference, size, out=np.zeros_like(size), where=size > 0)
    return float(errors.max(initial=0.0))


def _number(loss: float) -> float:
    """Return a loss, once it is sure that it is one number."""
    try:
        return float(loss)
    except (TypeError, ValueError):
        raise ValueError(
            f"loss must return one number, got {shown(loss)}; does it end with return?"
        ) from None


def _lengths(inputs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Check the lengths of a batch of at least one sequence; return them as array."""
    has_shape("inputs", inputs, (None, None, None))
    samples, steps, _ = inputs.shape
    if not samples:
        raise ValueError(f"inputs must have at least one sample, got {inputs.shape}")
    lengths = _integers("lengths", lengths, samples)
    if not 1 <= lengths.min() <= lengths.max() <= steps:
        raise ValueError(
            f"lengths must be from 1 to {steps}, the steps of inputs, got "
            f"{lengths.min()} to {lengths.max()}"
        )
    return lengths


def _integers(name: str, values: np.ndarray, samples: int) -> np.ndarray:
    """Return one integer for each sample, as an array; a list will do."""
    values = numbers(name, values, whole=True)
    has_shape(name, values, (samples,))
    return values


def _many_to_one(inputs: np.ndarray, weights: ManyToOne) -> None:
    """Check the shapes of a network that answers once."""
    if not isinstance(weights, ManyToOne):
        raise ValueError(f"weights must be a ManyToOne, got {shown(weights)}")
    units = _units(inputs, *weights[:3], gates=1)
    has_shape("output_bias", weights.output_bias, (None,))
    has_shape("output_kernel", weights.output_kernel, (units, len(weights.output_bias)))
