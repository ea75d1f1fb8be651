"""Recurrent networks in NumPy, with the weights in the layout of Keras.

Every array of a sequence is batch first, (samples, steps, features), and every vector
is a row, so a layer is ``x @ kernel + bias``. The weights of Keras's ``SimpleRNN``,
``LSTM`` and ``GRU`` go in as they come out of ``layer.get_weights()``::

    states = elman(inputs, *layer.get_weights())

A *cell* computes one step; the function without ``_cell`` runs it over all steps.
Arrays keep their type: float64 in, float64 out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course_utils._arguments import numbers, shown

Activation = Callable[[np.ndarray], np.ndarray]


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


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)), without overflow for large negative numbers."""
    return 0.5 * (1 + np.tanh(np.multiply(0.5, x)))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn scores into probabilities along the last axis."""
    logits = np.asarray(logits)
    # The largest score becomes 0, so that exp cannot overflow.
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def elman_cell(
    x: np.ndarray,
    state: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    activation: Activation = np.tanh,
) -> np.ndarray:
    """One step of an Elman network (1990), which is Keras's SimpleRNN.

    Args:
        x: (samples, features).
        state: (samples, units), of the step before.
        kernel: (features, units).
        recurrent_kernel: (units, units).
        bias: (units,).
        activation: applied to each number.

    Returns:
        the next state, (samples, units).
    """
    return activation(x @ kernel + state @ recurrent_kernel + bias)


def elman(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    initial_state: np.ndarray | None = None,
    activation: Activation = np.tanh,
) -> np.ndarray:
    """Run an Elman network over a sequence: h_t = f(x_t U + h_{t-1} W + b).

    Args:
        inputs: (samples, steps, features).
        kernel: U, (features, units).
        recurrent_kernel: W, (units, units).
        bias: b, (units,).
        initial_state: (samples, units); default zeros.
        activation: f.

    Returns:
        the states of all steps, (samples, steps, units); the last is ``[:, -1]``.

    Raises:
        ValueError: if a shape does not fit.
    """
    units = _units(inputs, kernel, recurrent_kernel, bias, gates=1)
    state = _initial(inputs, units, initial_state)
    states = []
    for t in range(inputs.shape[1]):
        state = elman_cell(
            inputs[:, t], state, kernel, recurrent_kernel, bias, activation
        )
        states.append(state)
    return np.stack(states, axis=1)


def jordan_cell(
    x: np.ndarray,
    output: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    output_kernel: np.ndarray,
    output_bias: np.ndarray,
    activation: Activation = np.tanh,
    output_activation: Activation = np.tanh,
) -> tuple[np.ndarray, np.ndarray]:
    """One step of a Jordan network (1986): the output comes back, not the state.

    Args:
        x: (samples, features).
        output: (samples, outputs), of the step before.
        kernel: (features, units).
        recurrent_kernel: (outputs, units).
        bias: (units,).
        output_kernel: (units, outputs).
        output_bias: (outputs,).
        activation: of the state.
        output_activation: of the output.

    Returns:
        the state (samples, units) and the output (samples, outputs).
    """
    state = activation(x @ kernel + output @ recurrent_kernel + bias)
    return state, output_activation(state @ output_kernel + output_bias)


def jordan(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    output_kernel: np.ndarray,
    output_bias: np.ndarray,
    initial_output: np.ndarray | None = None,
    activation: Activation = np.tanh,
    output_activation: Activation = np.tanh,
) -> tuple[np.ndarray, np.ndarray]:
    """Run a Jordan network over a sequence.

    h_t = f(x_t U + y_{t-1} W + b), y_t = g(h_t V + c).

    Args:
        inputs: (samples, steps, features).
        kernel: U, (features, units).
        recurrent_kernel: W, (outputs, units).
        bias: b, (units,).
        output_kernel: V, (units, outputs).
        output_bias: c, (outputs,).
        initial_output: (samples, outputs); default zeros.
        activation: f.
        output_activation: g.

    Returns:
        all states (samples, steps, units) and outputs (samples, steps, outputs).

    Raises:
        ValueError: if a shape does not fit.
    """
    _expect("inputs", inputs, (None, None, None))
    _expect("output_bias", output_bias, (None,))
    outputs = output_bias.shape[0]
    _expect("kernel", kernel, (None, None))
    _expect("kernel", kernel, (inputs.shape[2], None))
    _expect("recurrent_kernel", recurrent_kernel, (outputs, kernel.shape[1]))
    _expect("bias", bias, (kernel.shape[1],))
    _expect("output_kernel", output_kernel, (kernel.shape[1], outputs))
    output = _initial(inputs, outputs, initial_output, "initial_output")
    steps = []
    for t in range(inputs.shape[1]):
        state, output = jordan_cell(
            inputs[:, t],
            output,
            kernel,
            recurrent_kernel,
            bias,
            output_kernel,
            output_bias,
            activation,
            output_activation,
        )
        steps.append((state, output))
    states, outputs = zip(*steps, strict=True)
    return np.stack(states, axis=1), np.stack(outputs, axis=1)


def lstm_cell(
    x: np.ndarray,
    state: np.ndarray,
    carry: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """One step of an LSTM (Hochreiter and Schmidhuber, 1997; forget gate 2000).

    The columns of the weights stand in the order of Keras: input gate i, forget gate
    f, candidate g, output gate o. No peephole: the output gate does not see the carry.

    Args:
        x: (samples, features).
        state: h, (samples, units), of the step before.
        carry: c, (samples, units), of the step before.
        kernel: (features, 4 * units).
        recurrent_kernel: (units, 4 * units).
        bias: (4 * units,).

    Returns:
        the next state and the next carry, both (samples, units).
    """
    gates = x @ kernel + state @ recurrent_kernel + bias
    i, f, g, o = np.split(gates, 4, axis=-1)
    carry = sigmoid(f) * carry + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(carry), carry


def lstm(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    initial_state: np.ndarray | None = None,
    initial_carry: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Run an LSTM over a sequence; see ``lstm_cell``.

    Args:
        inputs: (samples, steps, features).
        kernel: (features, 4 * units), in the order i, f, g, o.
        recurrent_kernel: (units, 4 * units).
        bias: (4 * units,).
        initial_state: (samples, units); default zeros.
        initial_carry: (samples, units); default zeros.

    Returns:
        all states and all carries, both (samples, steps, units).

    Raises:
        ValueError: if a shape does not fit.
    """
    units = _units(inputs, kernel, recurrent_kernel, bias, gates=4)
    state = _initial(inputs, units, initial_state)
    carry = _initial(inputs, units, initial_carry, "initial_carry")
    steps = []
    for t in range(inputs.shape[1]):
        state, carry = lstm_cell(
            inputs[:, t], state, carry, kernel, recurrent_kernel, bias
        )
        steps.append((state, carry))
    states, carries = zip(*steps, strict=True)
    return np.stack(states, axis=1), np.stack(carries, axis=1)


def gru_cell(
    x: np.ndarray,
    state: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
) -> np.ndarray:
    """One step of a GRU (Cho et al., 2014).

    The columns of the weights stand in the order of Keras: update gate z, reset gate r,
    candidate g. The new state is z * state + (1 - z) * candidate. The shape of the bias
    tells which of two forms is meant:

    - (2, 3 * units): Keras's default, ``reset_after=True``. The reset gate multiplies
      ``state @ recurrent_kernel + bias[1]``.
    - (3 * units,): ``reset_after=False``, the form of the paper. The reset gate
      multiplies the state before the product.

    Args:
        x: (samples, features).
        state: (samples, units), of the step before.
        kernel: (features, 3 * units).
        recurrent_kernel: (units, 3 * units).
        bias: (2, 3 * units) or (3 * units,).

    Returns:
        the next state, (samples, units).
    """
    reset_after = np.ndim(bias) == 2
    x_z, x_r, x_g = np.split(x @ kernel + (bias[0] if reset_after else bias), 3, -1)
    if reset_after:
        h_z, h_r, h_g = np.split(state @ recurrent_kernel + bias[1], 3, axis=-1)
        candidate = np.tanh(x_g + sigmoid(x_r + h_r) * h_g)
    else:
        w_z, w_r, w_g = np.split(recurrent_kernel, 3, axis=-1)
        h_z, h_r = state @ w_z, state @ w_r
        candidate = np.tanh(x_g + (sigmoid(x_r + h_r) * state) @ w_g)
    z = sigmoid(x_z + h_z)
    return z * state + (1 - z) * candidate


def gru(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    initial_state: np.ndarray | None = None,
) -> np.ndarray:
    """Run a GRU over a sequence; see ``gru_cell``.

    Args:
        inputs: (samples, steps, features).
        kernel: (features, 3 * units), in the order z, r, g.
        recurrent_kernel: (units, 3 * units).
        bias: (2, 3 * units) for ``reset_after=True``, else (3 * units,).
        initial_state: (samples, units); default zeros.

    Returns:
        the states of all steps, (samples, steps, units).

    Raises:
        ValueError: if a shape does not fit.
    """
    two = getattr(bias, "shape", ())[:-1] == (2,)  # see gru_cell
    units = _units(inputs, kernel, recurrent_kernel, bias[0] if two else bias, gates=3)
    state = _initial(inputs, units, initial_state)
    states = []
    for t in range(inputs.shape[1]):
        state = gru_cell(inputs[:, t], state, kernel, recurrent_kernel, bias)
        states.append(state)
    return np.stack(states, axis=1)


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
    _expect("states", states, (None, None, None))
    sums = np.empty(states.shape[2:])  # as a bias would have them
    units = _units(inputs, kernel, recurrent_kernel, sums, gates=1)
    _expect("states", states, (*inputs.shape[:2], units))
    _expect("d_states", d_states, states.shape)
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
    _expect("estimate", estimate, gradient.shape)
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


def _units(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    gates: int,
) -> int:
    """Check the shapes of a layer with so many gates; return its number of units."""
    _expect("inputs", inputs, (None, None, None))
    _expect("recurrent_kernel", recurrent_kernel, (None, None))
    units = recurrent_kernel.shape[0]
    _expect("recurrent_kernel", recurrent_kernel, (units, gates * units))
    _expect("kernel", kernel, (inputs.shape[2], gates * units))
    _expect("bias", bias, (gates * units,))
    return units


def _lengths(inputs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Check the lengths of a batch of at least one sequence; return them as array."""
    _expect("inputs", inputs, (None, None, None))
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
    _expect(name, values, (samples,))
    return values


def _many_to_one(inputs: np.ndarray, weights: ManyToOne) -> None:
    """Check the shapes of a network that answers once."""
    if not isinstance(weights, ManyToOne):
        raise ValueError(f"weights must be a ManyToOne, got {shown(weights)}")
    units = _units(inputs, *weights[:3], gates=1)
    _expect("output_bias", weights.output_bias, (None,))
    _expect("output_kernel", weights.output_kernel, (units, len(weights.output_bias)))


def _initial(
    inputs: np.ndarray,
    size: int,
    given: np.ndarray | None,
    name: str = "initial_state",
) -> np.ndarray:
    """Return the state before the first step: as given, or zeros."""
    if inputs.shape[1] == 0:
        raise ValueError(f"inputs must have at least one step, got {inputs.shape}")
    if given is None:
        return np.zeros((inputs.shape[0], size), np.result_type(inputs, np.float32))
    _expect(name, given, (inputs.shape[0], size))
    return given


def _expect(name: str, array: np.ndarray, shape: tuple[int | None, ...]) -> None:
    """Compare a shape; ``None`` stands for any number."""
    got = getattr(array, "shape", None)
    if got is None:
        raise ValueError(f"{name} must be an array, got {shown(array)}")
    fits = len(got) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, got, strict=False)
    )
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} must have the shape ({wanted}), got {got}")
