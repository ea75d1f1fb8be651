"""Train the lecture's readers of film reviews: time our way against PyTorch's."""

import imdb  # starts the course
from pairs import compare, write
from torch_peer import Peer


def main() -> None:
    """Compare, and write the record."""
    rows, labels = imdb.read()
    full, like = imdb.padded(rows, labels), imdb.by_length(rows, labels)
    with Peer({"padded": full, "by length": like}) as peer:
        compiled = {
            name: imdb.keras_run(name, full, jit_compile=True)
            for name in ("LSTM", "SimpleRNN", "Bidirectional(LSTM)")
        }
        short = imdb.keras_run("LSTM", like, jit_compile=True)
        ours = "LSTM, jit_compile, batches by length"
        lstm, by_length = "PyTorch's LSTM", "PyTorch's LSTM, batches by length"
        rivals = [
            ("LSTM, jit_compile", compiled["LSTM"], lstm, "LSTM"),
            (ours, short, lstm, "LSTM"),
            (ours, short, by_length, "LSTM, by length"),
            (ours, short, f"{by_length}, packed", "LSTM, packed"),
            (
                "SimpleRNN, jit_compile",
                compiled["SimpleRNN"],
                "PyTorch's RNN",
                "RNN",
            ),
            (
                "Bidirectional(LSTM), jit_compile",
                compiled["Bidirectional(LSTM)"],
                "PyTorch's LSTM, bidirectional",
                "LSTM, bidirectional",
            ),
        ]
        pairs = [compare(*rival, peer.run(name)) for *rival, name in rivals]
    write("imdb_pytorch", {"what": imdb.what(like), "pairs": pairs}, "torch")


if __name__ == "__main__":
    main()
