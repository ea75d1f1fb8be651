"""Plots that several lessons draw, with labelled axes, and readable in grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure


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
