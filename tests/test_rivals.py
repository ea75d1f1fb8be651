"""The strongest simple rivals: what they can read, and what they cannot."""

import numpy as np
import pytest

from course_utils.rivals import fit_counter


def texts(count, seed):
    """Return texts whose class is the order of two words, among words of no use."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    words = [
        [
            *rng.choice(list("xyz"), 3),
            *("ab" if label else "ba"),
            *rng.choice(list("xyz"), 3),
        ]
        for label in labels
    ]
    return words, labels


@pytest.mark.parametrize(("longest", "least", "most"), [(1, 0.35, 0.65), (2, 0.99, 1)])
def test_a_counter_knows_the_order_inside_its_runs_alone(longest, least, most):
    fit, held_out, test = (texts(200, seed) for seed in range(3))
    counter = fit_counter(*fit, *held_out, longest)
    assert least <= counter.score(*test) <= most


def test_shuffled_labels_teach_nothing():
    fit, held_out, test = (texts(200, seed) for seed in range(3))
    shuffled = np.random.default_rng(3).permutation(fit[1])
    counter = fit_counter(fit[0], shuffled, *held_out)
    assert 0.3 < counter.score(*test) < 0.7
