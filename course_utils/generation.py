"""Text from a trained network, one token after another, its state carried.

A Keras model that reads the whole text again for each new token does the same work
over and over. ``Generator`` keeps the state instead, so a token costs one step,
however long the text is::

    generator = Generator(model)
    generator.generate([[5, 12, 7]], length=400, temperature=0.5, seed=0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from course_utils._arguments import has_shape, numbers, shown, whole_number
from course_utils.numpy_rnn import Activation, elman_cell, gru_cell, sigmoid
from course_utils.sampling import _draw, _limits, _positive

# A layer's arrays from one step to the next: (state,) or (state, carry).
State = tuple[np.ndarray, ...]

_ACTIVATIONS: dict[str, Activation] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
}
# Layers that do something in training only.
_PASSED_OVER = {
    "InputLayer",
    "Identity",
    "Dropout",
    "SpatialDropout1D",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "ActivityRegularization",
}


class Generator:
    """Writes on from prompts with a Keras model, its state carried from step to step.

    The model is a chain: token indices, as integers for an ``Embedding`` or one-hot,
    into one or more ``SimpleRNN``, ``LSTM`` or ``GRU`` layers, into one ``Dense`` layer
    with a logit or a probability for each token; its softmax may be a layer of its own.
    It gives what the model itself would give on the whole text so far, to rounding:
    with ``mask_zero=True``, it too passes over token 0. The weights are copied, so make
    a new generator after more training.
    """

    def __init__(self, model: Any):
        """Copy the weights of a Keras model.

        Raises:
            ValueError: if the model is not such a chain; the message names the layer.
        """
        layers = [x for x in _chain(model) if _kind(x) not in _PASSED_OVER]
        activations = {"linear", "softmax"}
        if layers and _is_softmax(layers[-1]):  # ``sample`` does it
            layers, activations = layers[:-1], {"linear"}
        kinds = [_kind(layer) for layer in layers]
        if kinds[-1:] == ["TimeDistributed"]:  # Dense does so by itself
            layers[-1] = layers[-1].layer
            kinds[-1] = _kind(layers[-1])
        embedded = kinds[:1] == ["Embedding"]
        recurrent = layers[embedded:-1]
        if kinds[-1:] != ["Dense"] or not recurrent:
            raise ValueError(
                "model must be an Embedding or one-hot input, recurrent layers and a "
                f"Dense layer, got {', '.join(kinds[:9]) or 'no layers'}"
            )
        self._cells = [_cell(layer) for layer in recurrent]
        self._dense = _weights(layers[-1], 2, {"activation": activations})
        self.tokens = layers[-1].units
        # The embedding, or the kernel of one-hot.
        first = _copy(layers[0], 1 if embedded else None)[0]
        read = len(first)
        if read != self.tokens:
            raise ValueError(
                f"model must read as many tokens as it writes, got {read} and "
                f"{self.tokens}"
            )
        # What the first cell is given for each token.
        self._inputs = first if embedded else np.eye(self.tokens, dtype="float32")
        self._passes_over_0 = embedded and layers[0].mask_zero

    def logits(self, prompts: Sequence[Sequence[int]]) -> np.ndarray:
        """Return the logits of the token after each prompt, (prompts, tokens).

        Args:
            prompts: sequences of indices, not padded; their lengths may differ.

        Raises:
            ValueError: if a prompt is empty, or an index is not a token of the model.
        """
        return self.scores(self.read(prompts))

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        length: int,
        temperature: float | Sequence[float] = 1.0,
        seed: int = 0,
        stop: int | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
    ) -> np.ndarray:
        """Write on from each prompt.

        Args:
            prompts: sequences of indices, not padded; their lengths may differ.
            length: how many tokens to write for each.
            temperature: one for all, or one for each prompt; see ``sample``.
            seed: the same seed and prompts give the same tokens.
            stop: a token that ends a text; the rest of its row is filled with it.
            top_k: see ``sample``.
            top_p: see ``sample``.

        Returns:
            integers, (prompts, length), without the prompts.

        Raises:
            ValueError: see ``logits`` and ``sample``; or if ``length`` or ``seed`` is
                negative, or ``stop`` is not a token of the model.
        """
        length = whole_number("length", length, 0)
        if stop is not None:
            stop = whole_number("stop", stop, 0, self.tokens)
        rng = np.random.default_rng(whole_number("seed", seed, 0))
        limits = _limits(top_k, top_p)
        states = self.read(prompts)
        rows = len(states[0][0])
        degrees = _positive(temperature, (rows,))
        written = np.full((rows, length), -1 if stop is None else stop)
        writing = np.full(rows, True)
        for t in range(length):
            tokens = _draw(self.scores(states), degrees, rng, *limits)
            written[writing, t] = tokens[writing]
            if stop is not None:
                writing &= tokens != stop
                if not writing.any():
                    break
            states = self._step(tokens, states)
        return written

    def read(self, prompts: Sequence[Sequence[int]]) -> list[State]:
        """Read prompts from a zero state; return the state after each, to write on.

        A way of writing of one's own asks ``scores`` for the logits of the next token,
        chooses, and lets ``step`` read its choice.

        Args:
            prompts: sequences of indices, not padded; their lengths may differ.

        Returns:
            for each recurrent layer its arrays, (prompts, units).

        Raises:
            ValueError: see ``logits``.
        """
        try:
            rows = [np.asarray(prompt) for prompt in prompts]
        except (TypeError, ValueError):  # no sequence, or one of sequences
            raise ValueError(
                f"prompts must be sequences of integers, got {shown(prompts)}"
            ) from None
        for row in rows:
            if row.ndim != 1 or not row.size or row.dtype.kind not in "iu":
                raise ValueError(
                    "prompts must be sequences of at least one integer, got "
                    f"{row.dtype} of the shape {row.shape}"
                )
            if not 0 <= row.min() <= row.max() < self.tokens:
                raise ValueError(
                    f"prompts must hold indices from 0 to {self.tokens - 1}, got "
                    f"{row.min()} to {row.max()}"
                )
        if not rows:
            raise ValueError("prompts must hold at least one prompt, got none")
        lengths = np.array([len(row) for row in rows])
        states = [cell.first(len(rows)) for cell in self._cells]
        for t in range(lengths.max()):
            reading = np.flatnonzero(lengths > t)
            tokens = np.array([rows[i][t] for i in reading])
            if len(reading) == len(rows):
                states = self._step(tokens, states)
                continue
            here = [tuple(array[reading] for array in state) for state in states]
            for state, new in zip(states, self._step(tokens, here), strict=True):
                for array, part in zip(state, new, strict=True):
                    array[reading] = part
        return states

    def scores(self, states: list[State]) -> np.ndarray:
        """Return the logits of the token after each text that was read."""
        kernel, bias = self._dense
        return states[-1][0] @ kernel + bias

    def step(
        self,
        tokens: Sequence[int] | np.ndarray,
        states: list[State],
        texts: Sequence[int] | np.ndarray | None = None,
    ) -> list[State]:
        """Read one more token of each text; the old states stay as they are.

        Args:
            tokens: (rows,), the next token of each text.
            states: as ``read`` and ``step`` return them.
            texts: (rows,), the text of the states that each token goes on from, as a
                beam search has them; ``None`` for one token of each text.

        Raises:
            ValueError: if there are more or fewer tokens than texts, or no such text
                or token.
        """
        tokens = numbers("tokens", tokens, whole=True)
        rows = len(states[0][0])
        if texts is not None:
            texts = numbers("texts", texts, whole=True)
            has_shape("texts", texts, (None,))
            if texts.size and not 0 <= texts.min() <= texts.max() < rows:
                raise ValueError(
                    f"texts must be from 0 to {rows - 1}, got {shown(texts)}"
                )
            states = [tuple(array[texts] for array in state) for state in states]
            rows = len(texts)
        has_shape("tokens", tokens, (rows,))
        if tokens.size and not 0 <= tokens.min() <= tokens.max() < self.tokens:
            raise ValueError(
                f"tokens must be from 0 to {self.tokens - 1}, got {shown(tokens)}"
            )
        return self._step(tokens, states)

    def _step(self, tokens: np.ndarray, states: list[State]) -> list[State]:
        """Read one token of each row."""
        x, new = self._inputs[tokens], []
        for cell, state in zip(self._cells, states, strict=True):
            new.append(cell.step(x, state))
            x = new[-1][0]
        if self._passes_over_0:
            zero = (tokens == 0)[:, np.newaxis]
            new = [
                tuple(np.where(zero, a, b) for a, b in zip(*pair, strict=True))
                for pair in zip(states, new, strict=True)
            ]
        return new


class _Cell(NamedTuple):
    """A recurrent layer as one step."""

    step: Callable[[np.ndarray, State], State]
    units: int
    arrays: int  # in its state

    def first(self, rows: int) -> State:
        """Return the state before the first token."""
        return tuple(
            np.zeros((rows, self.units), "float32") for _ in range(self.arrays)
        )


def _chain(model: Any) -> list[Any]:
    """Return the layers of a model that calls one after the other, and nothing else."""
    import keras  # here, for what draws and reweights needs no Keras

    if not isinstance(model, keras.Model):
        raise ValueError(f"model must be a model of Keras, got {shown(model)}")
    if model.layers and not model.built:
        raise ValueError(
            f"model must know its input: begin {model.name} with keras.Input, or call "
            "it once"
        )
    if isinstance(model, keras.Sequential):
        return model.layers
    if _is_chain(model):
        return model.operations  # the layers, and a sum or a slice between them
    raise ValueError(
        "model must be a keras.Sequential, or layers called one after the other, got "
        f"{type(model).__name__} {model.name}, which is put together in another way"
    )


def _is_chain(model: Any) -> bool:
    """Say whether a functional model gives each operation what the last one gave."""
    try:
        operations = model.operations
        pairs = [(a.output, b.input) for a, b in pairwise(operations)]
        ends = operations[-1].output
    except (AttributeError, ValueError):  # a class of one's own, or a layer used twice
        return False
    # A layer with return_state=True gives a list; the first is what it answers.
    pairs.append((ends, model.outputs[0]))
    return len(model.outputs) == 1 and all(
        after is (before[0] if isinstance(before, list) else before)
        for before, after in pairs
    )


def _kind(layer: Any) -> str:
    """Return the name of a layer's class, if it is one of Keras."""
    import keras

    name = type(layer).__name__
    same = getattr(keras.layers, name, None) is type(layer)
    return name if same else f"{name}, which is no layer of Keras"


def _is_softmax(layer: Any) -> bool:
    """Say whether a layer turns logits into probabilities, and does nothing else."""
    kind = _kind(layer)
    if kind == "Activation":
        return _name(layer.activation) == "softmax"
    return kind == "Softmax" and layer.axis == -1


def _name(activation: Any) -> str:
    """Return the name of an activation of Keras, or what else it is."""
    import keras

    name = getattr(activation, "__name__", "")
    same = activation is getattr(keras.activations, name, None)
    return name if same else shown(activation)


def _cell(layer: Any) -> _Cell:
    """Copy a recurrent layer of Keras."""
    kind = _kind(layer)
    if kind == "SimpleRNN":
        kernel, recurrent, bias = _weights(layer, 3, {"activation": set(_ACTIVATIONS)})
        activation = _ACTIVATIONS[layer.activation.__name__]
        return _Cell(
            lambda x, state: (
                elman_cell(x, state[0], kernel, recurrent, bias, activation),
            ),
            layer.units,
            arrays=1,
        )
    gates = {"activation": {"tanh"}, "recurrent_activation": {"sigmoid"}}
    if kind == "LSTM":
        weights = _weights(layer, 3, gates)
        return _Cell(lambda x, state: _lstm(x, *state, *weights), layer.units, arrays=2)
    if kind == "GRU":
        weights = _weights(layer, 3, gates)
        return _Cell(
            lambda x, state: (gru_cell(x, *state, *weights),), layer.units, arrays=1
        )
    raise ValueError(
        f"model must be made of SimpleRNN, LSTM and GRU layers, got {kind} "
        f"({layer.name})"
    )


def _lstm(
    x: np.ndarray,
    state: np.ndarray,
    carry: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
) -> State:
    """Do as ``lstm_cell`` does, in two thirds of the time for a single text.

    On so few numbers the calls cost more than the arithmetic, so there are few.
    """
    units = carry.shape[1]
    sums = x @ kernel
    sums += state @ recurrent_kernel
    sums += bias
    candidate = np.tanh(sums[:, 2 * units : 3 * units])
    gates = sigmoid(sums)
    carry = gates[:, units : 2 * units] * carry + gates[:, :units] * candidate
    return gates[:, 3 * units :] * np.tanh(carry), carry


def _weights(layer: Any, count: int, allowed: dict[str, set[str]]) -> list[np.ndarray]:
    """Copy the weights of a layer that does nothing that a step here does not do."""
    for name, names in allowed.items():
        got = _name(getattr(layer, name))
        if got not in names:
            raise ValueError(
                f"{name} of the layer {layer.name} must be {' or '.join(sorted(names))}"
                f", got {got}"
            )
    if getattr(layer, "go_backwards", False):
        raise ValueError(
            f"the layer {layer.name} must read forwards: text that is not yet written "
            "cannot be read from its end"
        )
    if getattr(layer, "zero_output_for_mask", False):
        raise ValueError(f"the layer {layer.name} must keep its output at a mask")
    weights = _copy(layer, count if layer.use_bias else count - 1)
    if not layer.use_bias:
        columns = weights[0].shape[1]
        two = getattr(layer, "reset_after", False)  # of a GRU: see gru_cell
        weights.append(np.zeros((2, columns) if two else columns, "float32"))
    return weights


def _copy(layer: Any, count: int | None) -> list[np.ndarray]:
    """Copy the weights of a layer that has so many arrays; ``None`` for any number."""
    weights = layer.get_weights()
    if count not in (None, len(weights)):  # it was quantized, or has LoRA
        raise ValueError(
            f"the layer {layer.name} must have {count} arrays of weights, as when it "
            f"was made, got {len(weights)}"
        )
    return weights
