"""Write text with the state carried, and as the lectures do: time a token.

The weights are random: what a step costs does not depend on them.
"""

import course_utils

course_utils.start("lecture")

import keras  # noqa: E402 -- after start(), which silences its backend
import numpy as np  # noqa: E402
from pairs import compare, write  # noqa: E402

from course_utils.generation import Generator, sample  # noqa: E402
from course_utils.profiles import Settings  # noqa: E402

CHARACTERS = 59  # distinct ones in the homework's novel
WORDS = 10_000
EMBEDDING = 100
UNITS = 128
TEMPERATURES = (0.2, 0.5, 1.0, 1.2)
CHARACTERS_WRITTEN = 400  # in each timed run, as the lecture does
WORDS_WRITTEN = 100
WINDOW = Settings("char_lstm", "lecture").maxlen
PROMPT = {"characters": [1] * WINDOW, "words": [1, 2, 3]}


def character_model() -> keras.Model:
    """Build the lecture's model of characters, one-hot."""
    return keras.Sequential(
        [
            keras.Input((WINDOW, CHARACTERS)),
            keras.layers.LSTM(UNITS),
            keras.layers.Dense(CHARACTERS, activation="softmax"),
        ]
    )


def word_model() -> keras.Model:
    """Build the lecture's model of words."""
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(WORDS, EMBEDDING),
            keras.layers.LSTM(UNITS, return_sequences=True),
            keras.layers.Dense(WORDS, activation="softmax"),
        ]
    )


def character_loop(model: keras.Model, rng: np.random.Generator) -> None:
    """For each character, read the last window again from a zero state."""
    text = list(PROMPT["characters"])
    for _ in range(CHARACTERS_WRITTEN):
        window = np.eye(CHARACTERS, dtype="float32")[None, text[-WINDOW:]]
        p = model.predict(window, verbose=0)[0]
        text.append(sample(np.log(p), 1.0, rng))


def word_loop(
    model: keras.Model, rng: np.random.Generator, words: int = WORDS_WRITTEN
) -> None:
    """For each word, read the whole text again from a zero state."""
    text = list(PROMPT["words"])
    for _ in range(words):
        p = model.predict(np.array([text]), verbose=0)[0, -1]
        text.append(sample(np.log(p), 1.0, rng))


def keras_step_loop(
    model: keras.Model, stateful: keras.Model, rng: np.random.Generator
) -> None:
    """Carry the state in Keras: a stateful copy of the model reads one character."""
    stateful.set_weights(model.get_weights())
    stateful.layers[0].reset_state()
    one_hot = np.eye(CHARACTERS, dtype="float32")
    text = list(PROMPT["characters"])
    for t in range(WINDOW + CHARACTERS_WRITTEN - 1):
        p = stateful.predict_on_batch(one_hot[None, None, text[t]])[0]
        if t >= WINDOW - 1:
            text.append(sample(np.log(p), 1.0, rng))


def main() -> None:
    """Compare, and write the record."""
    rng = np.random.default_rng(0)
    characters, words = character_model(), word_model()
    stateful = keras.Sequential(
        [
            keras.Input(batch_shape=(1, 1, CHARACTERS)),
            keras.layers.LSTM(UNITS, stateful=True),
            keras.layers.Dense(CHARACTERS, activation="softmax"),
        ]
    )
    write_characters, write_words = Generator(characters), Generator(words)
    ours = f"{CHARACTERS_WRITTEN} characters, state carried"

    pairs = [
        compare(
            ours,
            lambda: write_characters.generate(
                [PROMPT["characters"]], CHARACTERS_WRITTEN
            ),
            "the window read again by predict for each",
            lambda: character_loop(characters, rng),
            repeats=3,
        ),
        compare(
            ours,
            lambda: write_characters.generate(
                [PROMPT["characters"]], CHARACTERS_WRITTEN
            ),
            "state carried by a stateful Keras model",
            lambda: keras_step_loop(characters, stateful, rng),
        ),
        compare(
            f"{CHARACTERS_WRITTEN} characters at four temperatures, side by side",
            lambda: write_characters.generate(
                [PROMPT["characters"]] * 4, CHARACTERS_WRITTEN, TEMPERATURES
            ),
            "one temperature after the other, state carried",
            lambda: [
                write_characters.generate(
                    [PROMPT["characters"]], CHARACTERS_WRITTEN, temperature
                )
                for temperature in TEMPERATURES
            ],
        ),
        compare(
            f"{WORDS_WRITTEN} words, state carried",
            lambda: write_words.generate([PROMPT["words"]], WORDS_WRITTEN),
            "the text read again by predict for each",
            lambda: word_loop(words, rng),
        ),
    ]
    what = f"LSTM({UNITS}): writing characters and words"
    write("generation", {"what": what, "pairs": pairs})


if __name__ == "__main__":
    main()
