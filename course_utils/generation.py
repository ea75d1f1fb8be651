"""Text from a trained network, one token after another: temperature, sampling, state.

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

from course_utils._arguments import numbers, shown, whole_number
from course_utils.numpy_rnn import Activation, elman_cell, gru_cell, sigmoid

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
        return self._logits(self._read(prompts))

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
        states = self._read(prompts)
        rows = len(states[0][0])
        degrees = _positive(temperature, (rows,))
        written = np.full((rows, length), -1 if stop is None else stop)
        writing = np.full(rows, True)
        for t in range(length):
            tokens = _draw(self._logits(states), degrees, rng, *limits)
            written[writing, t] = tokens[writing]
            if stop is not None:
                writing &= tokens != stop
                if not writing.any():
                    break
            states = self._step(tokens, states)
        return written

    def _read(self, prompts: Sequence[Sequence[int]]) -> list[State]:
        """Read the prompts from a zero state."""
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

    def _logits(self, states: list[State]) -> np.ndarray:
        """Return the logits of the next token, (rows, tokens)."""
        kernel, bias = self._dense
        return states[-1][0] @ kernel + bias


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
