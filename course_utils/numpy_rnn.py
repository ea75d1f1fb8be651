"""Recurrent networks in NumPy, with the weights in the layout of Keras.

Every array of a sequence is batch first, (samples, steps, features), and every vector
is a row, so a layer is ``x @ kernel + bias``. The weights of Keras's ``SimpleRNN``,
``LSTM`` and ``GRU`` go in as they come out of ``layer.get_weights()``::

    states = elman(inputs, *layer.get_weights())

A *cell* computes one step; the function without ``_cell`` runs it over all steps. The
gradients are in `bptt`.
Arrays keep their type: float64 in, float64 out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils._arguments import has_shape

Activation = Callable[[np.ndarray], np.ndarray]


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
    has_shape("inputs", inputs, (None, None, None))
    has_shape("output_bias", output_bias, (None,))
    outputs = output_bias.shape[0]
    has_shape("kernel", kernel, (None, None))
    has_shape("kernel", kernel, (inputs.shape[2], None))
    has_shape("recurrent_kernel", recurrent_kernel, (outputs, kernel.shape[1]))
    has_shape("bias", bias, (kernel.shape[1],))
    has_shape("output_kernel", output_kernel, (kernel.shape[1], outputs))
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


def _units(
    inputs: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    gates: int,
) -> int:
    """Check the shapes of a layer with so many gates; return its number of units."""
    has_shape("inputs", inputs, (None, None, None))
    has_shape("recurrent_kernel", recurrent_kernel, (None, None))
    units = recurrent_kernel.shape[0]
    has_shape("recurrent_kernel", recurrent_kernel, (units, gates * units))
    has_shape("kernel", kernel, (inputs.shape[2], gates * units))
    has_shape("bias", bias, (gates * units,))
    return units


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
    has_shape(name, given, (inputs.shape[0], size))
    return given
