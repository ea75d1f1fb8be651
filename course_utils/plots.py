"""What lessons draw: training curves with labelled axes, diagrams of networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

# Of the circles of a diagram: inputs, states, layers between; others are white.
_FILL = {"x": "C8", "h": "C7", "z": "C9"}


def training_curves(
    history: Mapping[str, Sequence[float]],
    metrics: Mapping[str, str],
    title: str,
    epochs: Sequence[float] | None = None,
) -> Figure:
    """Draw each metric on the training and on the validation data, epoch by epoch.

    Args:
        history: ``History.history`` of ``model.fit``: metric -> one value an epoch;
            validation metrics begin with ``val_``.
        metrics: which of them to draw, and the label of each axis with its unit, for
            example ``{"loss": "loss, nats", "accuracy": "accuracy"}``.
        title: the finding, as a sentence.
        epochs: the epoch of each value; default 1, 2, 3, …

    Returns:
        a figure with one panel a metric, side by side.
    """
    figure, panels = plt.subplots(1, len(metrics), figsize=(9, 3.2), squeeze=False)
    for panel, (metric, label) in zip(panels[0], metrics.items(), strict=True):
        x = epochs or range(1, len(history[metric]) + 1)
        panel.plot(x, history[metric], "C0o--", markersize=4, label="training")
        if f"val_{metric}" in history:
            panel.plot(x, history[f"val_{metric}"], "C1s-", label="validation")
        panel.set(xlabel="epoch", ylabel=label)
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.grid(alpha=0.4)
    panels[0][0].legend()
    figure.suptitle(title)
    return figure


def diagram(
    panel: Axes,
    nodes: Mapping[str, tuple[float, float]],
    arrows: Iterable[tuple[str, str]],
    title: str,
    back: Iterable[tuple[str, str]] = (),
) -> None:
    """Draw a network: circles with names, and arrows between them.

    Args:
        panel: is drawn into.
        nodes: the name of each circle, in LaTeX, and its column and row. The first
            letter of the name gives the colour.
        arrows: from which circle to which; to itself, it becomes a loop above it.
        title: of the panel.
        back: the same, for arrows that are curved, dashed and orange.
    """
    columns, rows = zip(*nodes.values(), strict=True)
    for name, position in nodes.items():
        circle = {"boxstyle": "circle", "facecolor": _FILL.get(name[0], "white")}
        panel.text(*position, f"${name}$", ha="center", va="center", bbox=circle)
    style: dict[str, Any] = {"arrowstyle": "->", "shrinkA": 16, "shrinkB": 16}
    curved = {"linestyle": "--", "color": "C5", "connectionstyle": "arc3,rad=0.35"}
    for pairs, look in ((arrows, style), (back, style | curved)):
        for start, end in pairs:
            if start == end:
                _loop(panel, nodes[start])
            else:
                panel.annotate("", nodes[end], nodes[start], arrowprops=look)
    panel.set(
        title=title,
        xticks=[],
        yticks=[],
        xlim=(min(columns) - 0.6, max(columns) + 0.6),
        ylim=(min(rows) - 0.6, max(rows) + 0.6),
    )
    panel.spines[:].set_visible(False)


def unrolled(
    inputs: Sequence[int], outputs: Sequence[int]
) -> tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]:
    """Return the circles and arrows of an unrolled network, for `diagram`.

    Args:
        inputs: the steps that have an input, counted from 1.
        outputs: the steps that have an output.
    """
    steps = range(1, max([*inputs, *outputs]) + 1)
    nodes: dict[str, tuple[float, float]] = {f"h_{t}": (t, 1) for t in steps}
    nodes |= {f"x_{t}": (t, 0) for t in inputs} | {f"y_{t}": (t, 2) for t in outputs}
    arrows = [(f"h_{t}", f"h_{t + 1}") for t in steps[:-1]]
    arrows += [(f"x_{t}", f"h_{t}") for t in inputs]
    return nodes, arrows + [(f"h_{t}", f"y_{t}") for t in outputs]


def _loop(panel: Axes, position: tuple[float, float]) -> None:
    """Draw an arrow that leaves a circle above, and comes back to it."""
    start, end = (
        panel.transData
        + ScaledTranslation(x / 72, 7.5 / 72, panel.figure.dpi_scale_trans)
        for x in (5, -5)  # points, of which an inch has 72
    )
    look: dict[str, Any] = {"arrowstyle": "->", "connectionstyle": "arc3,rad=1.8"}
    look |= {"shrinkA": 0, "shrinkB": 0}
    panel.annotate(
        "", position, position, xycoords=end, textcoords=start, arrowprops=look
    )
