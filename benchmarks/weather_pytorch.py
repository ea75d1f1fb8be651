"""Train the lecture's GRU on the weather: time our way against PyTorch's."""

import weather_gru  # starts the course
from pairs import compare, write
from torch_peer import Peer


def main() -> None:
    """Compare, and write the record."""
    windows = list(zip(*weather_gru.windows(), strict=True))
    with Peer({"windows": windows}) as peer:
        plain = weather_gru.keras_run(dropout=0.0, jit_compile=True)
        ours = weather_gru.keras_run(jit_compile=True)
        cells = "a loop over PyTorch's GRUCell"
        pairs = [
            compare(weather_gru.PLAIN, plain, "PyTorch's GRU", peer.run("GRU")),
            compare(weather_gru.OURS, ours, cells, peer.run("GRUCell")),
        ]
    write("weather_pytorch", {"what": weather_gru.WHAT, "pairs": pairs}, "torch")


if __name__ == "__main__":
    main()
